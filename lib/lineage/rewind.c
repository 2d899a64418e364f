#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lineage/history.h"
#include "lineage/patch.h"
#include "lineage/rewind.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

static bool
is_number(const char *text)
{
	return *text != '\0' && strspn(text, "0123456789") == strlen(text);
}

bool
rewind_parse(struct rewind *r, const char *text)
{
	*r = (struct rewind){0, text};
	if (*text == '-' && is_number(text + 1))
		return false;
	if (!is_number(text))
		return *text != '\0';
	r->name = NULL;
	for (; *text != '\0'; text++)
		if (__builtin_mul_overflow(r->number, 10, &r->number) ||
		    __builtin_add_overflow(r->number, *text - '0', &r->number))
			return false;
	return r->number > 0;
}

static bool __attribute__((format(printf, 2, 3)))
fail(struct rewind_error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return false;
}

/* Index of the first record with that member; n where there is none. */
static size_t
find(
    struct arena *a, struct value history, const char *member, const char *text)
{
	struct value wanted = string_repair(a, text, strlen(text));
	size_t n = array_length(history), i = 0;

	while (i < n && !record_says(a, array_at(history, i), member, wanted))
		i++;
	return i;
}

/* Index of the record to go back before. */
static bool
locate(struct arena *a, const struct rewind *r, struct value history, size_t *i,
    struct rewind_error *error)
{
	size_t n = array_length(history);

	if (r->name == NULL) {
		*i = r->number - 1;
		if (*i == 0 || *i < n)
			return true;
		return fail(error,
		    "there is no record %zu: the history has "
		    "%zu",
		    r->number, n);
	}
	*i = find(a, history, "stage", r->name);
	if (*i == n)
		*i = find(a, history, "op", r->name);
	if (*i < n)
		return true;
	return fail(error, "the history has no stage '%.100s'", r->name);
}

static bool
has(struct arena *a, struct value record, const char *name)
{
	struct value v;

	return object_get(a, record, value_cstring(name), &v) &&
	    value_is_true(v);
}

static bool
op_is(struct arena *a, struct value record, const char *op)
{
	return record_says(a, record, "op", value_cstring(op));
}

/* What an undo may hold beside what RFC 6902 checks; NULL if all is well. */
static const char *
objection(struct arena *a, struct value undo)
{
	if (!value_is_array(undo))
		return "its undo is no patch";
	undo = array_open(a, undo);
	for (size_t i = 0; i < array_length(undo); i++) {
		struct value op = array_at(undo, i);

		if (!value_is_object(op))
			return "its undo is no patch";
		if (has(a, op, "forgotten"))
			return "a value in it was destroyed on purpose";
		/* Copies of copies would fill any memory; no stage makes one. */
		if (op_is(a, op, "copy"))
			return "its undo copies, which no stage writes";
	}
	return NULL;
}

/* Why a record without an undo can't be passed over; NULL if it can. */
static const char *
silence(struct arena *a, struct value record)
{
	bool map = op_is(a, record, "map"), enrich = op_is(a, record, "enrich");

	if (has(a, record, "truncated"))
		return "its undo was too long and was truncated";
	if (map && has(a, record, "from"))
		return "it made the event of plain text";
	if ((map || enrich) && !has(a, record, "rule"))
		return "it was written without an undo (--lineage slim)";
	return NULL;
}

static bool
undo(struct arena *a, struct value record, size_t number, struct value *event,
    struct rewind_error *error)
{
	struct patch_error why;
	struct value patch;
	const char *reason;

	if (!object_get(a, record, value_cstring("undo"), &patch)) {
		reason = silence(a, record);
		return reason == NULL ||
		    fail(error, "record %zu can't be taken back: %s", number,
			reason);
	}
	reason = objection(a, patch);
	if (reason == NULL && has(a, record, "truncated"))
		reason = "its undo was too long and was truncated";
	if (reason != NULL)
		return fail(error, "record %zu can't be taken back: %s", number,
		    reason);
	if (!patch_apply(a, patch, event, &why))
		return fail(error,
		    "record %zu can't be taken back: operation "
		    "%zu of its undo: %s",
		    number, why.at + 1, why.text);
	return value_is_object(*event) ||
	    fail(error,
		"record %zu can't be taken back: its undo leaves no "
		"object",
		number);
}

bool
rewind_event(struct arena *a, const struct rewind *r, struct value *event,
    struct value *history, struct rewind_error *error)
{
	struct value records = array_open(a, *history), now = *event;
	size_t target;

	if (!locate(a, r, records, &target, error))
		return false;
	for (size_t i = array_length(records); i > target; i--)
		if (!undo(a, array_at(records, i - 1), i, &now, error))
			return false;
	*event = now;
	*history = array_slice(a, records, 0, target);
	return true;
}
