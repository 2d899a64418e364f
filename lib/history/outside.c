#include <stdio.h>
#include <string.h>

#include "history/outside.h"

struct sum
outside_sum(struct arena *a, struct value event)
{
	struct sum sum;

	if (event.kind == VALUE_RAW_OBJECT)
		return sum_read(event);
	if (!sum_value(event, &sum))
		arena_starve(a);
	return sum;
}

const char *
outside_digits(struct arena *a, const struct view *v, enum view_member m)
{
	struct value text;

	if (!view_text(a, v, m, &text) || text.n != SUM_TEXT)
		return NULL;
	return text.text;
}

bool
outside_after(struct arena *a, struct value event, const struct view *v,
    size_t n, size_t i)
{
	const char *left = outside_digits(a, &v[i - 1], VIEW_SUM), *read;
	struct sum now;

	if (left == NULL)
		return false;
	if (i < n) {
		read = outside_digits(a, &v[i], VIEW_READ);
		return read != NULL && memcmp(read, left, SUM_TEXT) != 0;
	}
	now = outside_sum(a, event);
	return !sum_is(&now, left);
}

size_t
outside_last(
    struct arena *a, struct value event, const struct view *v, size_t n)
{
	size_t i = n;

	while (i > 0 && !outside_after(a, event, v, n, i))
		i--;
	return i;
}

void
outside_tell(
    struct arena *a, const struct view *v, size_t i, char *out, size_t size)
{
	char name[64];

	snprintf(out, size, "changed outside, after %zu %s", i,
	    view_name(a, &v[i - 1], name, sizeof(name)));
}
