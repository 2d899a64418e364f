#include "history/ending.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum ending
ending_of(struct arena *a, const struct view *v)
{
	if (v->of[VIEW_KEPT].kind != VALUE_FALSE)
		return ENDING_NONE;
	if (view_has(v, VIEW_FAILED) && !view_says(a, v, VIEW_OP, "schema"))
		return ENDING_REJECTED;
	return view_says(a, v, VIEW_OP, "map") ? ENDING_DROPPED : ENDING_AWAY;
}

const char *
ending_words(enum ending e)
{
	static const char *const WORDS[ENDINGS] = {[ENDING_NONE] = "",
	    [ENDING_AWAY] = "turned away",
	    [ENDING_REJECTED] = "rejected",
	    [ENDING_DROPPED] = "dropped"};

	return WORDS[e];
}

/* A member of the line, which becomes one of the record. */
static bool
take(struct arena *a, struct value line, const char *name, struct value *record,
    const char *as)
{
	struct value v;

	if (!object_get(a, line, value_cstring(name), &v) ||
	    !value_is_string(v))
		return false;
	*record = object_set(a, *record, value_cstring(as), v);
	return true;
}

bool
ending_read_reject(
    struct arena *a, struct value line, const char *key, struct reject_line *r)
{
	struct value record, text;

	*r = (struct reject_line){.event = VALUE_OF(VALUE_NULL)};
	if (!value_is_object(line) ||
	    !object_get(a, line, value_cstring("error"), &r->error) ||
	    !object_get(a, line, value_cstring("source"), &r->source) ||
	    !object_get(a, line, value_cstring("line"), &r->line) ||
	    !value_is_string(r->error) || !value_is_string(r->source) ||
	    !value_is_number(r->line))
		return false;
	(void)object_get(a, line, value_cstring("event"), &r->event);
	record = object_new(a, 6);
	if (!take(a, line, "op", &record, "op"))
		return false;
	(void)take(a, line, "stage", &record, "stage");
	(void)take(a, line, "rule", &record, "rule");
	record =
	    object_set(a, record, value_cstring("kept"), VALUE_OF(VALUE_FALSE));
	(void)take(a, line, "error", &record, "failed");
	if (!take(a, line, "at", &record, "at"))
		return false;
	r->history = array_new(a, 1);
	if (value_is_object(r->event) &&
	    object_get(a, r->event, value_cstring(key), &text) &&
	    value_is_array(text))
		r->history = array_open(a, text);
	r->history = array_push(a, r->history, record);
	return true;
}
