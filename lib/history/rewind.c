#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "history/rewind.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

static bool __attribute__((format(printf, 2, 3)))
fail(struct rewind_error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return false;
}

/* Is an undo a list of objects?  What they say is checked one by one. */
static const char *
objection(struct arena *a, struct value undo)
{
	if (!value_is_array(undo))
		return "its undo is no patch";
	undo = array_open(a, undo);
	for (size_t i = 0; i < array_length(undo); i++)
		if (!value_is_object(array_at(undo, i)))
			return "its undo is no patch";
	return NULL;
}

/* Does a stage of its kind change events?  One that checks them doesn't. */
static bool
changes(struct arena *a, const struct view *v)
{
	return view_says(a, v, VIEW_OP, "map") ||
	    view_says(a, v, VIEW_OP, "enrich") ||
	    view_says(a, v, VIEW_OP, "fold") ||
	    view_says(a, v, VIEW_OP, "forget") ||
	    view_says(a, v, VIEW_OP, "mask") || view_migrated(a, v);
}

/* Why a record without an undo can't be passed over; NULL if it can. */
static const char *
silence(struct arena *a, const struct view *v)
{
	if (view_made_event(a, v))
		return "it made the event of plain text";
	if (changes(a, v) && !value_is_true(v->of[VIEW_RULE]))
		return "it was written without an undo (--lineage slim)";
	return NULL;
}

static enum rewind_status
apply(struct draft *event, struct value undo, const struct patch_watch *watch,
    struct rewind_error *error)
{
	struct patch_error why;

	if (!patch_draft(event, undo, watch, &why)) {
		fail(error, "operation %zu of its undo: %s", why.at + 1,
		    why.text);
		return REWIND_WRONG;
	}
	if (!draft_is_object(&event->root)) {
		fail(error, "its undo leaves no object");
		return REWIND_WRONG;
	}
	return REWIND_OK;
}

enum rewind_status
rewind_undo(struct arena *a, const struct view *v, struct value *undo,
    struct rewind_error *error)
{
	enum rewind_status status = REWIND_LOST;
	const char *reason;

	if (value_is_true(v->of[VIEW_TRUNCATED]))
		reason = "its undo was too long and was truncated";
	else if (v->of[VIEW_FORGOTTEN].kind == VALUE_TRUE)
		reason = "its undo was destroyed on purpose (forgotten)";
	else if (view_has(v, VIEW_UNDO))
		reason = objection(a, v->of[VIEW_UNDO]);
	else
		reason = silence(a, v);
	if (reason != NULL && view_has(v, VIEW_UNDO) &&
	    !view_has(v, VIEW_TRUNCATED))
		status = REWIND_WRONG;
	if (reason != NULL) {
		fail(error, "%s", reason);
		return status;
	}
	*undo = view_has(v, VIEW_UNDO) ? array_open(a, v->of[VIEW_UNDO])
				       : array_new(a, 0);
	return REWIND_OK;
}

enum rewind_status
rewind_record(struct draft *event, const struct view *v,
    const struct patch_watch *watch, struct rewind_error *error)
{
	struct value undo;
	enum rewind_status status = rewind_undo(event->a, v, &undo, error);

	if (status != REWIND_OK || !view_has(v, VIEW_UNDO))
		return status;
	return apply(event, undo, watch, error);
}

void
rewind_name(struct arena *a, const struct view *v, size_t i,
    const struct rewind_error *why, struct rewind_error *error)
{
	char name[64];

	fail(error, "record %zu (%s): %s", i + 1,
	    view_name(a, &v[i], name, sizeof(name)), why->text);
}

bool
rewind_records(struct arena *a, const struct view *v, size_t from, size_t to,
    struct value *event, struct rewind_error *error)
{
	struct rewind_error why;
	struct draft now;
	char name[64];

	draft_init(&now, a, *event);
	for (size_t i = to; i-- > from;)
		if (rewind_record(&now, &v[i], NULL, &why) != REWIND_OK)
			return fail(error,
			    "record %zu (%s) can't be taken back: %s; "
			    "--after %zu still can be had",
			    i + 1, view_name(a, &v[i], name, sizeof(name)),
			    why.text, i + 1);
	return draft_value(&now, event) ||
	    fail(error, "the event was nested too deeply");
}

/* How many records the history then has. */
static bool
locate(struct arena *a, const struct rewind *r, const struct view *v, size_t n,
    size_t *keep, struct rewind_error *error)
{
	/* An event without a history is what any first stage received. */
	if (n == 0 && !r->after && r->stage.kind == STAGE_REF_NUMBER &&
	    r->stage.number == 1) {
		*keep = 0;
		return true;
	}
	if (!r->after && r->stage.kind == STAGE_REF_FIRST) {
		*keep = view_first_state(a, v, n);
		return true;
	}
	if (!stage_ref_find(
		a, &r->stage, v, n, keep, error->text, sizeof(error->text)))
		return false;
	*keep -= !r->after && *keep > 0;
	return true;
}

bool
rewind_event(struct arena *a, const struct rewind *r, struct value *event,
    struct value *history, struct rewind_error *error)
{
	struct value records = array_open(a, *history);
	size_t n, keep;
	struct view *v = view_history(a, records, &n);

	if (!locate(a, r, v, n, &keep, error) ||
	    !rewind_records(a, v, keep, n, event, error))
		return false;
	*history = array_slice(a, records, 0, keep);
	return true;
}
