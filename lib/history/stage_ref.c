#include <stdio.h>
#include <string.h>

#include "history/stage_ref.h"

static bool
is_number(const char *text)
{
	return *text != '\0' && strspn(text, "0123456789") == strlen(text);
}

bool
stage_ref_parse(struct stage_ref *p, const char *text)
{
	*p = (struct stage_ref){STAGE_REF_NAME, 0, text};
	if (strcmp(text, "first") == 0)
		p->kind = STAGE_REF_FIRST;
	else if (strcmp(text, "last") == 0)
		p->kind = STAGE_REF_LAST;
	else if (is_number(text))
		p->kind = STAGE_REF_NUMBER;
	else
		return *text != '\0' && (*text != '-' || !is_number(text + 1));
	for (; p->kind == STAGE_REF_NUMBER && *text != '\0'; text++)
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
stage_ref_find(struct arena *a, const struct stage_ref *p, const struct view *v,
    size_t n, size_t *number, char *why, size_t size)
{
	switch (p->kind) {
	case STAGE_REF_FIRST:
		*number = n > 0;
		return true;
	case STAGE_REF_LAST:
		*number = n;
		return true;
	case STAGE_REF_NUMBER:
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
