#include "history/difference.h"
#include "record/undo.h"

bool
difference_record(struct arena *a, const struct stage_ref *stage,
    const struct view *v, size_t n, size_t *number, struct rewind_error *error)
{
	if (!stage_ref_find(
		a, stage, v, n, number, error->text, sizeof(error->text)))
		return false;
	if (stage->kind == STAGE_REF_FIRST)
		*number = view_first_state(a, v, n);
	return true;
}

/* The event as it was after so many records. */
static bool
state(struct arena *a, const struct stage_ref *stage, const struct view *v,
    size_t n, struct value *event, struct rewind_error *error)
{
	size_t number;

	return difference_record(a, stage, v, n, &number, error) &&
	    rewind_records(a, v, number, n, event, error);
}

struct value
difference_solid(struct arena *a, struct value v)
{
	struct arena_deferred *release;
	struct buf *text = buf_new(a, &release);
	struct scan_error error;
	struct value copy = v;

	value_write(text, v);
	if (buf_failed(text))
		arena_exceed(a);
	value_parse(a, text->p, text->len, &copy, &error);
	arena_end(a, release);
	return copy;
}

bool
difference_patch(struct buf *out, struct arena *a, const struct difference *d,
    struct value event, const struct view *v, size_t n, struct value *start,
    struct rewind_error *error)
{
	struct value from = event, to = event;
	size_t before = out->len;

	if (!state(a, &d->from, v, n, &from, error) ||
	    !state(a, &d->to, v, n, &to, error))
		return false;
	*start = from;
	/* What takes from back to to, as an undo takes an event back. */
	undo_write(out, a, difference_solid(a, to), from, SIZE_MAX);
	if (out->len == before)
		buf_puts(out, "[]");
	return true;
}
