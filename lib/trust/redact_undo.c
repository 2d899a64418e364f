/*
 * The undo of a record, without what is marked in it.
 */
#include <stdio.h>
#include <string.h>

#include "trust/redact_parts.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

void
redact_put(struct buf *out, struct value v)
{
	struct mark span = marks_span(v);

	buf_put(out, span.from, (size_t)(span.to - span.from));
}

struct buf *
redact_buf(struct redact *w, struct arena_deferred **release)
{
	return buf_new(w->t->a, release);
}

/* --- keys ---------------------------------------------------------------- */

/* What stands for a key in the history: itself, mostly. */
struct value
redact_stand_in(struct redact *w, struct value key)
{
	char text[64];
	int n;

	if (!needles_in(&w->t->needles, key.text, key.n))
		return key;
	for (size_t i = 0; i < w->live_n; i++)
		if (string_equal(w->t->a, w->live_keys[i], key))
			return key;
	for (size_t i = 0; i < w->keys_n; i++)
		if (string_equal(w->t->a, w->keys[i].key, key))
			return w->keys[i].stand_in;
	w->keys = redact_grow(
	    w->t->a, w->keys, w->keys_n, &w->keys_cap, sizeof(*w->keys));
	n = snprintf(text, sizeof(text), "(forgotten %zu)", w->keys_n + 1);
	w->keys[w->keys_n] = (struct redact_key){
	    key, value_text(arena_copy(w->t->a, text, (size_t)n), (size_t)n)};
	return w->keys[w->keys_n++].stand_in;
}

/* A key, which is raw, as it is to be written. */
static void
put_key(struct redact *w, struct value raw)
{
	struct value key = string_decoded(w->t->a, raw);
	struct value s = redact_stand_in(w, key);

	if (s.text == key.text)
		redact_put(w->out, raw);
	else
		value_write_string(w->out, s.text, s.n);
}

/* A JSON Pointer, which is raw, with other keys where they tell too much. */
static void
put_pointer(struct redact *w, struct value raw)
{
	struct value text = string_decoded(w->t->a, raw);
	const char *p = text.text, *end = p + text.n;
	struct arena_deferred *release;
	struct buf *b;

	if (!needles_in(&w->t->needles, text.text, text.n)) {
		redact_put(w->out, raw);
		return;
	}
	b = redact_buf(w, &release);
	while (p < end) {
		const char *from = ++p;
		struct path_step step = {.parent = NULL};
		struct value key;

		while (p < end && *p != '/')
			p++;
		key = value_text(from, (size_t)(p - from));
		step.key = redact_stand_in(w, key);
		if (step.key.text == from) {
			buf_putc(b, '/');
			value_write_text(b, from, key.n);
		} else {
			operation_pointer(b, &step);
		}
	}
	w->out->failed |= b->failed;
	buf_putc(w->out, '"');
	buf_put(w->out, b->p, b->len);
	buf_putc(w->out, '"');
	arena_end(w->t->a, release);
}

/* --- values of a history ------------------------------------------------- */

void
redact_lose(struct redact_loss *l, const struct path_step *path)
{
	if (l == NULL)
		return;
	buf_puts(l->list, l->first ? "\"" : ",\"");
	operation_pointer(l->list, path);
	buf_putc(l->list, '"');
	l->first = false;
}

bool
redact_touches(const struct redact *w, struct mark span)
{
	return marks_in(&w->t->marks, span) || marks_in(&w->t->keys, span);
}

/* A value with null for what is marked in it, which l is told. */
void
redact_value(struct redact *w, struct value v, const struct path_step *path,
    struct redact_loss *l)
{
	const struct doc *d = v.doc;
	bool object = v.kind == VALUE_RAW_OBJECT;
	struct mark span = marks_span(v);
	uint32_t i = 0;

	arena_recurse(w->t->a);
	if (marks_over(&w->t->marks, span) != NULL) {
		buf_puts(w->out, "null");
		redact_lose(l, path);
		return;
	}
	if ((!object && v.kind != VALUE_RAW_ARRAY) ||
	    !redact_touches(w, span)) {
		redact_put(w->out, v);
		return;
	}
	buf_putc(w->out, object ? '{' : '[');
	for (uint32_t k = v.n + 1; k < d->match[v.n]; i++) {
		struct path_step step = {path, VALUE_OF(VALUE_NULL), i, 0};

		if (i > 0)
			buf_putc(w->out, ',');
		if (object) {
			step.key = redact_stand_in(
			    w, string_decoded(w->t->a, value_source(d, k)));
			put_key(w, value_source(d, k));
			buf_putc(w->out, ':');
			k += 2;
		}
		redact_value(w, value_source(d, k), &step, l);
		k = doc_after(d, k) + 1;
	}
	buf_putc(w->out, object ? '}' : ']');
}

/* --- operations ---------------------------------------------------------- */

static struct value
member_of(struct redact *w, struct value v, const char *name)
{
	struct value x;

	return object_get(w->t->a, v, value_cstring(name), &x)
	    ? x
	    : VALUE_OF(VALUE_DOUBLE); /* no raw value is that */
}

static bool
is_there(struct value v)
{
	return v.kind != VALUE_DOUBLE;
}

static void
put_before(struct redact *w, struct value op)
{
	struct value before = member_of(w, op, "before");

	if (!is_there(before) || !value_is_string(before))
		return;
	buf_puts(w->out, ",\"before\":");
	put_key(w, before);
}

/* ,"forgotten":true or ["/a","/b/0"], where something is. */
void
redact_put_forgotten(struct redact *w, const struct redact_loss *l, bool all)
{
	if (all)
		buf_puts(w->out, ",\"forgotten\":true");
	else if (l->list->len > 0) {
		buf_puts(w->out, ",\"forgotten\":[");
		buf_put(w->out, l->list->p, l->list->len);
		buf_putc(w->out, ']');
	}
	w->out->failed |= l->list->failed;
}

/* The list of what was lost before. */
void
redact_inherit(struct redact *w, struct redact_loss *l, struct value forgotten)
{
	struct value list;

	if (!value_is_array(forgotten))
		return;
	list = array_open(w->t->a, forgotten);
	for (size_t i = 0; i < array_length(list); i++) {
		struct value v = array_at(list, i);

		if (!value_is_string(v))
			continue;
		if (!l->first)
			buf_putc(l->list, ',');
		redact_put(l->list, v);
		l->first = false;
	}
}

/* ,"value":... and what it lost. */
static void
put_lossy(struct redact *w, struct value op, struct value v)
{
	struct value before = member_of(w, op, "forgotten");
	struct arena_deferred *release;
	struct redact_loss l = {redact_buf(w, &release), true};
	bool all = marks_over(&w->t->marks, marks_span(v)) != NULL ||
	    (is_there(before) && before.kind == VALUE_TRUE);

	redact_inherit(w, &l, before);
	buf_puts(w->out, ",\"value\":");
	redact_value(w, v, NULL, &l);
	redact_put_forgotten(w, &l, all);
	arena_end(w->t->a, release);
}

static void
open_operation(struct redact *w, const char *op, struct value path)
{
	buf_printf(w->out, "{\"op\":\"%s\",\"path\":", op);
	put_pointer(w, path);
}

/* An operation of which a part is gone, or a key has another name. */
static void
rewrite_operation(struct redact *w, struct value op)
{
	const struct doc *d = op.doc;
	bool first = true;

	buf_putc(w->out, '{');
	for (uint32_t k = op.n + 1; k < d->match[op.n];
	     k = doc_after(d, k + 2) + 1) {
		struct value key = string_decoded(w->t->a, value_source(d, k));
		struct value v = value_source(d, k + 2);

		if (string_equal(w->t->a, key, value_cstring("forgotten")))
			continue;
		if (string_equal(w->t->a, key, value_cstring("value"))) {
			put_lossy(w, op, v);
			first = false;
			continue;
		}
		if (!first)
			buf_putc(w->out, ',');
		first = false;
		redact_put(w->out, value_source(d, k));
		buf_putc(w->out, ':');
		if (!value_is_string(v))
			redact_put(w->out, v);
		else if (string_equal(w->t->a, key, value_cstring("before")))
			put_key(w, v);
		else
			put_pointer(w, v);
	}
	buf_putc(w->out, '}');
}

/* Is a key of a JSON Pointer, decoded, told by another name? */
static bool
is_renamed(struct redact *w, struct value pointer)
{
	const char *p = pointer.text, *end = p + pointer.n;

	while (p < end) {
		const char *from = ++p;

		while (p < end && *p != '/')
			p++;
		if (redact_stand_in(w, value_text(from, (size_t)(p - from)))
			.text != from)
			return true;
	}
	return false;
}

/* Is a key that an operation names told by another name? */
bool
redact_tells_key(struct redact *w, struct value op)
{
	static const char *const NAMES[] = {"path", "from", "before"};

	for (size_t i = 0; i < 3; i++) {
		struct value v = member_of(w, op, NAMES[i]);

		if (!is_there(v) || !value_is_string(v))
			continue;
		v = string_decoded(w->t->a, v);
		if (!needles_in(&w->t->needles, v.text, v.n))
			continue;
		if (i == 2 ? redact_stand_in(w, v).text != v.text
			   : is_renamed(w, v))
			return true;
	}
	return false;
}

static void
write_operation(
    struct redact *w, struct value op, const struct track_operation *o)
{
	switch (o->fate) {
	case TRACK_DROP:
		return;
	case TRACK_REMOVE:
		open_operation(w, "remove", member_of(w, op, "from"));
		buf_putc(w->out, '}');
		return;
	case TRACK_NULL:
		open_operation(w, "add", member_of(w, op, "path"));
		buf_puts(w->out, ",\"value\":null,\"forgotten\":true");
		put_before(w, op);
		buf_putc(w->out, '}');
		return;
	case TRACK_EMPTY:
		buf_puts(w->out,
		    "{\"op\":\"replace\",\"path\":\"\",\"value\":{},"
		    "\"forgotten\":true}");
		return;
	case TRACK_SPELL:
		open_operation(w, "add", member_of(w, op, "path"));
		put_lossy(w, op, o->copy);
		put_before(w, op);
		buf_putc(w->out, '}');
		return;
	case TRACK_KEEP:
		break;
	}
	if (redact_touches(w, marks_span(op)) || redact_tells_key(w, op))
		rewrite_operation(w, op);
	else
		redact_put(w->out, op);
}

void
redact_undo(struct redact *w, const struct track_record *r)
{
	bool first = true;

	buf_putc(w->out, '[');
	for (size_t i = 0; i < r->n; i++) {
		if (r->operations[i].fate == TRACK_DROP)
			continue;
		if (!first)
			buf_putc(w->out, ',');
		first = false;
		write_operation(w, array_at(r->undo, i), &r->operations[i]);
	}
	buf_putc(w->out, ']');
}
