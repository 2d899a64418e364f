#include <stdio.h>
#include <string.h>

#include "history/outside.h"
#include "record/seal.h"

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

/* The seal that a record has; false where it is none. */
static bool
seal_of(const struct view *v, struct seal_link *link)
{
	struct buf scratch = {0};
	const char *text;
	size_t len;

	/* What isn't raw is in no doc that the link could point into. */
	if (!view_has(v, VIEW_SEAL) || v->record.kind != VALUE_RAW_OBJECT)
		return false;
	return seal_record_text(v->record, &scratch, &text, &len) &&
	    seal_read(text, len, link) == SEAL_LINK;
}

/*
 * Does a record with a seal say that it didn't read what the one before,
 * sealed with the same key, left?
 */
static bool
sealed_apart(struct arena *a, const struct view *left, const struct view *right)
{
	struct seal_link l, r;
	struct value read;

	return view_text(a, right, VIEW_READ, &read) && read.n == SEAL_TEXT &&
	    seal_of(left, &l) && seal_of(right, &r) &&
	    memcmp(l.k, r.k, SEAL_KID) == 0 &&
	    memcmp(read.text, l.e, SEAL_TEXT) != 0;
}

enum outside_alike
outside_compare(struct arena *a, const struct view *x, const struct view *y)
{
	const char *left = outside_digits(a, x, VIEW_SUM);
	const char *right = outside_digits(a, y, VIEW_SUM);
	struct seal_link l, r;
	bool sealed = seal_of(x, &l), is_sealed = seal_of(y, &r);
	bool same =
	    left != NULL && right != NULL && memcmp(left, right, SUM_TEXT) == 0;

	if (left == NULL && right == NULL && !sealed && !is_sealed)
		return OUTSIDE_SILENT;
	same |= sealed && is_sealed && memcmp(l.k, r.k, SEAL_KID) == 0 &&
	    memcmp(l.e, r.e, SEAL_TEXT) == 0;
	return same ? OUTSIDE_ALIKE : OUTSIDE_DIFFERS;
}

bool
outside_after(struct arena *a, struct value event, const struct view *v,
    size_t n, size_t i)
{
	const char *left = outside_digits(a, &v[i - 1], VIEW_SUM), *read;
	struct sum now;

	if (left == NULL)
		return i < n && sealed_apart(a, &v[i - 1], &v[i]);
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
