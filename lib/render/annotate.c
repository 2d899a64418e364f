#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "render/annotate.h"
#include "render/made.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum { LABEL = 16, TIME = 16, GUTTER = 5 + LABEL + TIME + 1 };

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
	struct show show; /* for people */
	size_t last;      /* record of the line before; SIZE_MAX: none */
	bool written;     /* the value before needs a comma (JSON) */
	struct view none; /* of no record */
};

/* What a value is in its container, for people. */
struct position {
	int depth;
	const struct value *key; /* or NULL */
	bool more;               /* a comma follows */
};

/* The part of a stamp that tells the time of day. */
static struct value
time_of_day(struct value at)
{
	const char *t = memchr(at.text, 'T', at.n);

	if (t == NULL)
		return at;
	at.n -= (uint32_t)(t + 1 - at.text);
	at.text = t + 1;
	at.n -= at.n > 0 && at.text[at.n - 1] == 'Z';
	return at;
}

static void
write_gutter(struct walk *w, size_t record, bool sure)
{
	struct terminal_line *l = &w->show.line;
	const struct view *v = &w->none;
	struct value label = value_cstring("as read"), at;

	if (record > 0) {
		v = &w->b->v[record - 1];
		label = view_label(w->a, v);
	}
	terminal_printf(l, TERMINAL_DIM, "%3zu%s ", record, sure ? " " : "?");
	terminal_field(l, record > 0 ? TERMINAL_PLAIN : TERMINAL_DIM,
	    label.text, label.n, LABEL - 1);
	terminal_puts(l, TERMINAL_PLAIN, " ");
	if (!view_text(w->a, v, VIEW_AT, &at))
		at = value_cstring("");
	at = time_of_day(at);
	terminal_field(l, TERMINAL_DIM, at.text, at.n, TIME - 1);
	terminal_puts(l, TERMINAL_PLAIN, "  ");
}

/* The same for a value that others set, or that stood there before. */
static void
write_outside(struct walk *w)
{
	struct terminal_line *l = &w->show.line;
	char text[LABEL + TIME + 1];
	int n = snprintf(
	    text, sizeof(text), "outside after %zu, or before", w->b->outside);

	terminal_printf(l, TERMINAL_DIM, "  ?  ");
	terminal_field(l, TERMINAL_YELLOW, text, (size_t)n, LABEL + TIME - 1);
	terminal_puts(l, TERMINAL_PLAIN, "  ");
}

static void
write_no_gutter(struct walk *w)
{
	terminal_printf(&w->show.line, TERMINAL_PLAIN, "%*s", GUTTER, "");
}

static void
write_position(struct walk *w, const struct position *at)
{
	for (int i = 0; i < at->depth && w->show.line.left > 0; i++)
		terminal_puts(&w->show.line, TERMINAL_PLAIN, "  ");
	if (at->key == NULL)
		return;
	show_json(&w->show, TERMINAL_BOLD, *at->key, SIZE_MAX);
	terminal_puts(&w->show.line, TERMINAL_PLAIN, ": ");
}

/* What the record was told to do, and the row that it found. */
static void
write_rule(struct walk *w, size_t record)
{
	const struct view *v = &w->b->v[record - 1];
	struct value rule;
	bool row = (!view_has(v, VIEW_ID) &&
		       show_origin(&w->show, TERMINAL_PLAIN, "  <- ", v)) ||
	    made_show(&w->show, TERMINAL_PLAIN, "  <- ", v);

	if (!view_text(w->a, v, VIEW_RULE, &rule))
		return;
	terminal_puts(&w->show.line, TERMINAL_DIM, row ? " " : "  <- ");
	terminal_text(&w->show.line, TERMINAL_DIM, rule.text, rule.n);
}

static void
write_leaf(
    struct walk *w, const struct position *at, struct value v, uint32_t leaf)
{
	struct terminal_line *l = &w->show.line;
	bool sure;
	size_t record = blame_record(w->b, leaf, &sure);
	bool rule = record > 0 && record != w->last;
	size_t room = SIZE_MAX;

	terminal_start(l);
	if (blame_outside(w->b, leaf))
		write_outside(w);
	else
		write_gutter(w, record, sure);
	write_position(w, at);
	if (rule && l->left != SIZE_MAX)
		room = l->left * 2 / 3;
	show_json(&w->show, TERMINAL_PLAIN, v, room);
	terminal_puts(l, TERMINAL_PLAIN, at->more ? "," : "");
	if (rule)
		write_rule(w, record);
	terminal_end(l);
	w->last = record;
}

static void
write_bracket(struct walk *w, const struct position *at, const char *bracket)
{
	terminal_start(&w->show.line);
	write_no_gutter(w);
	write_position(w, at);
	terminal_puts(&w->show.line, TERMINAL_PLAIN, bracket);
	terminal_puts(&w->show.line, TERMINAL_PLAIN, at->more ? "," : "");
	terminal_end(&w->show.line);
}

static void write_value(struct walk *w, const struct position *at,
    struct value v, struct value shape);

static void
write_members(struct walk *w, const struct position *at, struct value v,
    struct value shape)
{
	struct position inner = {at->depth + 1, NULL, false};
	size_t left;
	struct member *m;
	uint32_t i = 0;

	v = object_open(w->a, v);
	left = object_length(w->a, v);
	while ((m = object_next(w->a, v, &i)) != NULL) {
		struct value x = VALUE_OF(VALUE_NULL);

		object_get(w->a, shape, m->key, &x);
		inner.key = &m->key;
		inner.more = --left > 0;
		write_value(w, &inner, value_take(&m->value), x);
	}
}

static void
write_elements(struct walk *w, const struct position *at, struct value v,
    struct value shape)
{
	struct position inner = {at->depth + 1, NULL, false};
	size_t n = array_length(v);

	v = array_open(w->a, v);
	for (size_t i = 0; i < n; i++) {
		inner.more = i + 1 < n;
		write_value(w, &inner, array_at(v, i), array_at(shape, i));
	}
}

static void
write_value(struct walk *w, const struct position *at, struct value v,
    struct value shape)
{
	struct position end = {at->depth, NULL, at->more};
	struct position start = {at->depth, at->key, false};
	uint32_t leaf;

	if (blame_leaf(shape, &leaf)) {
		write_leaf(w, at, v, leaf);
	} else if (value_is_object(v)) {
		write_bracket(w, &start, "{");
		write_members(w, at, v, shape);
		write_bracket(w, &end, "}");
	} else {
		write_bracket(w, &start, "[");
		write_elements(w, at, v, shape);
		write_bracket(w, &end, "]");
	}
}

static void
write_path(struct walk *w, const struct pointer *path)
{
	struct position at = {0, NULL, false};
	struct value v, shape, name = value_cstring(path->text);

	terminal_start(&w->show.line);
	if (!pointer_get(w->a, w->b->event, path, &v) ||
	    !pointer_get(w->a, w->b->shape, path, &shape)) {
		terminal_text(&w->show.line, TERMINAL_BOLD, name.text, name.n);
		terminal_puts(&w->show.line, TERMINAL_DIM, "  is not there");
		terminal_end(&w->show.line);
		return;
	}
	if (w->n->paths_n > 1) {
		terminal_text(&w->show.line, TERMINAL_BOLD, name.text, name.n);
		terminal_end(&w->show.line);
	}
	write_value(w, &at, v, shape);
}

static struct walk
walk_start(struct buf *out, const struct annotation *n)
{
	return (struct walk){
	    .b = n->blame,
	    .n = n,
	    .a = n->blame->a,
	    .out = out,
	    .last = SIZE_MAX,
	};
}

void
annotate_write(struct buf *out, const struct terminal *terminal,
    const struct annotation *n)
{
	struct walk w = walk_start(out, n);
	struct position root = {0, NULL, false};

	w.show = (struct show){{out, terminal, 0}, w.a};
	show_header(&w.show, n->event, n->blame->v, n->blame->n);
	for (size_t i = 0; i < n->paths_n; i++)
		write_path(&w, &n->paths[i]);
	if (n->paths_n == 0)
		write_value(&w, &root, w.b->event, w.b->shape);
	terminal_end(&w.show.line);
}

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
	struct walk w = walk_start(out, n);
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
