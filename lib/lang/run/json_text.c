/*
 * JSON text that programs see: the same for equal values, so without
 * spacing, shadowed members, or escapes that needn't be.  Numbers keep
 * their spelling, as everywhere.
 */
#include "lang/run/eval.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum { KEPT = 1024 * 1024 }; /* bytes of the buffer for the next text */

static void put_json(struct machine *m, struct value v, unsigned depth);

static void
put_raw_array(struct machine *m, struct value v, unsigned depth)
{
	const struct doc *d = v.doc;
	uint32_t end = d->match[v.n];

	for (uint32_t e = v.n + 1; e < end; e = doc_after(d, e) + 1) {
		if (e > v.n + 1)
			buf_putc(&m->message, ',');
		put_json(m, value_source(d, e), depth);
	}
}

static void
put_array(struct machine *m, struct value v, unsigned depth)
{
	buf_putc(&m->message, '[');
	if (v.kind == VALUE_RAW_ARRAY)
		put_raw_array(m, v, depth);
	for (uint32_t i = 0; v.kind == VALUE_ARRAY && i < v.n; i++) {
		if (i > 0)
			buf_putc(&m->message, ',');
		put_json(m, v.array->v[i], depth);
	}
	buf_putc(&m->message, ']');
}

static void
put_object(struct machine *m, struct value v, unsigned depth)
{
	struct member *member;
	uint32_t i = 0;
	bool first = true;

	v = object_open(m->arena, v);
	buf_putc(&m->message, '{');
	while ((member = object_next(m->arena, v, &i)) != NULL) {
		if (!first)
			buf_putc(&m->message, ',');
		first = false;
		put_json(m, member->key, depth);
		buf_putc(&m->message, ':');
		put_json(m, member->value, depth);
	}
	buf_putc(&m->message, '}');
}

static void
put_json(struct machine *m, struct value v, unsigned depth)
{
	arena_recurse(m->arena);
	if (v.kind >= VALUE_RAW_ARRAY && depth >= VALUE_DEPTH) {
		buf_puts(&m->message, "\"<skipped: too deep>\"");
	} else if (value_is_array(v)) {
		put_array(m, v, depth + 1);
	} else if (value_is_object(v)) {
		put_object(m, v, depth + 1);
	} else if (value_is_string(v)) {
		v = string_decoded(m->arena, v);
		value_write_string(&m->message, v.text, v.n);
	} else {
		value_write(&m->message, v);
	}
}

/* The text was copied, or isn't wanted: keep no more than a little memory. */
static void
settle(void *message)
{
	struct buf *b = message;

	if (b->cap > KEPT || buf_failed(b))
		buf_release(b);
	else
		buf_settle(b);
}

struct value
machine_json(struct machine *m, struct value v)
{
	struct buf *b = &m->message;
	struct arena_deferred *d;
	struct value text;

	buf_clear(b);
	buf_charge(b, &m->arena->account);
	d = arena_defer(m->arena, settle, b);
	put_json(m, v, 0);
	if (!buf_fits(b) || b->len > UINT32_MAX)
		arena_exceed(m->arena);
	text = value_text(arena_copy(m->arena, b->p, b->len), b->len);
	arena_end(m->arena, d);
	return text;
}
