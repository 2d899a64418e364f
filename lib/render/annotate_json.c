#include <inttypes.h>
#include <string.h>

#include "render/annotate.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

/* The way from the root to a value. */
struct way {
	const struct way *parent;
	struct value key; /* decoded; VALUE_NULL for an index */
	size_t i;
};

/* A walk over the event, side by side with its shape. */
struct walk {
	const struct blame *b;
	const struct annotation *n;
	struct arena *a;
	struct buf *out;
	bool written; /* the value before needs a comma */
};

static void
put_way(struct buf *out, const struct way *way)
{
	if (way == NULL)
		return;
	put_way(out, way->parent);
	buf_putc(out, '/');
	if (way->key.kind == VALUE_NULL) {
		buf_printf(out, "%zu", way->i);
		return;
	}
	for (uint32_t i = 0; i < way->key.n; i++) {
		char c = way->key.text[i];

		if (c == '~' || c == '/')
			buf_puts(out, c == '~' ? "~0" : "~1");
		else
			buf_putc(out, c);
	}
}

static void
put_member(
    struct buf *out, const struct view *v, enum view_member m, const char *name)
{
	if (!view_has(v, m))
		return;
	buf_puts(out, name);
	value_write(out, v->of[m]);
}

static void
put_record(struct walk *w, uint32_t leaf)
{
	bool sure;
	size_t record = blame_record(w->b, leaf, &sure);
	const struct view *v = record == 0 ? NULL : &w->b->v[record - 1];

	if (blame_outside(w->b, leaf)) {
		buf_printf(w->out, ",\"outside\":%zu", w->b->outside);
		return;
	}
	buf_printf(w->out, ",\"record\":%zu", record);
	if (!sure)
		buf_puts(w->out, ",\"sure\":false");
	if (v == NULL) {
		v = view_origin(w->a, w->b->v, w->b->n);
		if (v != NULL)
			put_member(w->out, v, VIEW_FROM, ",\"from\":");
		return;
	}
	put_member(w->out, v, VIEW_OP, ",\"op\":");
	put_member(w->out, v, VIEW_STAGE, ",\"stage\":");
	put_member(w->out, v, VIEW_RULE, ",\"rule\":");
	put_member(w->out, v, VIEW_AT, ",\"at\":");
	put_member(w->out, v, VIEW_FROM, ",\"from\":");
	put_member(w->out, v, VIEW_WINDOW, ",\"window\":");
	put_member(w->out, v, VIEW_OF, ",\"of\":");
	put_member(w->out, v, VIEW_REV, ",\"rev\":");
}

static void
put_leaf(struct walk *w, const struct way *way, struct value v, uint32_t leaf)
{
	struct buf pointer = {0};

	put_way(&pointer, way);
	buf_puts(w->out, w->written ? ",{\"path\":" : "{\"path\":");
	value_write_string(w->out, pointer.p, pointer.len);
	w->out->failed |= pointer.failed;
	buf_release(&pointer);
	buf_puts(w->out, ",\"value\":");
	value_write(w->out, v);
	put_record(w, leaf);
	buf_putc(w->out, '}');
	w->written = true;
}

static void
put_value(
    struct walk *w, const struct way *way, struct value v, struct value shape)
{
	struct way inner = {way, VALUE_OF(VALUE_NULL), 0};
	struct value x = VALUE_OF(VALUE_NULL);
	struct member *m;
	uint32_t i = 0, leaf;

	if (blame_leaf(shape, &leaf)) {
		put_leaf(w, way, v, leaf);
	} else if (value_is_object(v)) {
		v = object_open(w->a, v);
		while ((m = object_next(w->a, v, &i)) != NULL) {
			object_get(w->a, shape, m->key, &x);
			inner.key = string_decoded(w->a, m->key);
			put_value(w, &inner, value_take(&m->value), x);
		}
	} else {
		v = array_open(w->a, v);
		for (; inner.i < array_length(v); inner.i++)
			put_value(w, &inner, array_at(v, inner.i),
			    array_at(shape, inner.i));
	}
}

/* Step by step, so that indexes and keys are told as what they are here. */
static void
put_path(struct walk *w, const struct pointer *path, size_t i,
    const struct way *way, struct value v, struct value shape)
{
	struct way inner = {way, VALUE_OF(VALUE_NULL), 0};
	const struct pointer_step *step = &path->steps[i];

	if (i == path->n) {
		put_value(w, way, v, shape);
		return;
	}
	if (value_is_object(v))
		inner.key = step->key;
	else
		inner.i = step->i;
	if (pointer_child(w->a, v, step, &v) &&
	    pointer_child(w->a, shape, step, &shape))
		put_path(w, path, i + 1, &inner, v, shape);
}

/* Where the event came from; where nothing says so, where it was read. */
static void
put_origin(struct walk *w)
{
	const struct view *origin = view_origin(w->a, w->b->v, w->b->n);
	const struct show_event *t = w->n->event;
	struct value source, line;

	buf_puts(w->out, "\"source\":");
	if (origin != NULL &&
	    object_get(w->a, origin->of[VIEW_FROM], value_cstring("source"),
		&source) &&
	    object_get(
		w->a, origin->of[VIEW_FROM], value_cstring("line"), &line)) {
		value_write(w->out, source);
		buf_puts(w->out, ",\"line\":");
		value_write(w->out, line);
		return;
	}
	value_write(w->out, string_repair(w->a, t->source, strlen(t->source)));
	buf_printf(w->out, ",\"line\":%" PRIu64, t->line);
}

void
annotate_json(struct buf *out, const struct annotation *n)
{
	struct walk w = {.b = n->blame, .n = n, .a = n->blame->a, .out = out};
	struct value id;

	buf_putc(out, '{');
	if (view_identity(w.a, w.b->v, w.b->n, &id) != NULL) {
		buf_puts(out, "\"id\":");
		value_write(out, id);
		buf_putc(out, ',');
	}
	put_origin(&w);
	buf_puts(out, ",\"values\":[");
	for (size_t i = 0; i < n->paths_n; i++)
		put_path(&w, &n->paths[i], 0, NULL, w.b->event, w.b->shape);
	if (n->paths_n == 0)
		put_value(&w, NULL, w.b->event, w.b->shape);
	buf_puts(out, "]}\n");
}
