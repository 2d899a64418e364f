#include <stdio.h>
#include <string.h>

#include "history/place.h"

static bool
is_number(const char *text)
{
	return *text != '\0' && strspn(text, "0123456789") == strlen(text);
}

bool
place_parse(struct place *p, const char *text)
{
	*p = (struct place){PLACE_NAME, 0, text};
	if (strcmp(text, "first") == 0)
		p->kind = PLACE_FIRST;
	else if (strcmp(text, "last") == 0)
		p->kind = PLACE_LAST;
	else if (is_number(text))
		p->kind = PLACE_NUMBER;
	else
		return *text != '\0' && (*text != '-' || !is_number(text + 1));
	for (; p->kind == PLACE_NUMBER && *text != '\0'; text++)
		if (__builtin_mul_overflow(p->number, 10, &p->number) ||
		    __builtin_add_overflow(p->number, *text - '0', &p->number))
			return false;
	return true;
}

/* The first record with that member, from 1; 0 where there is none. */
static size_t
find(struct arena *a, const struct view *v, size_t n, enum view_member m,
    const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (view_says(a, &v[i], m, text))
			return i + 1;
	return 0;
}

bool
place_find(struct arena *a, const struct place *p, const struct view *v,
    size_t n, size_t *number, char *why, size_t size)
{
	switch (p->kind) {
	case PLACE_FIRST:
		*number = n > 0;
		return true;
	case PLACE_LAST:
		*number = n;
		return true;
	case PLACE_NUMBER:
		*number = p->number;
		if (*number <= n)
			return true;
		snprintf(why, size,
		    "there is no record %zu: the history has %zu", *number, n);
		return false;
	default:
		*number = find(a, v, n, VIEW_STAGE, p->name);
		if (*number == 0)
			*number = find(a, v, n, VIEW_OP, p->name);
		if (*number > 0)
			return true;
		snprintf(
		    why, size, "the history has no stage '%.100s'", p->name);
		return false;
	}
}
