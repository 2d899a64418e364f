#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "render/annotate.h"
#include "render/made.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum {
	NAME_MOST = 30,  /* columns of a stage's name in the gutter */
	NOTE_NAME = 24,  /* in the notes, as far as they are aligned */
	TIME = 15,       /* of a time of day */
	TIME_FROM = 100, /* columns of a line whose gutter has the time */
	INDENT = 5,      /* of a rule below its stage */
};

/* What set a value: a record, nobody here, or others. */
struct setter {
	size_t record; /* 0: it came with the event */
	bool sure;
	bool outside;
};

/* A walk over the event, side by side with its shape. */
struct walk {
	const struct blame *b;
	const struct annotation *n;
	struct arena *a;
	struct show show;
	struct setter last; /* of the line before, */
	bool any;           /* where there was one */
	bool measures;      /* nothing is written: how wide is the gutter? */
	size_t name;        /* columns of a name in the gutter */
	bool timed;         /* it has the time, too */
	bool *told;         /* by record: it is in the gutter */
};

/* What a value is in its container. */
struct position {
	int depth;
	const struct value *key; /* or NULL */
	bool more;               /* a comma follows */
};

static struct setter
setter_of(const struct walk *w, uint32_t leaf)
{
	struct setter s = {.outside = blame_outside(w->b, leaf)};

	s.record = blame_record(w->b, leaf, &s.sure);
	return s;
}

static bool
same_setter(struct setter x, struct setter y)
{
	return x.outside == y.outside &&
	    (x.outside || (x.record == y.record && x.sure == y.sure));
}

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

/* --- the gutter --- */

/* "price", "price or before", "as read", "outside after 2, or before" */
static struct value
label_of(struct walk *w, struct setter s)
{
	static const char BEFORE[] = " or before";
	struct value name;
	char *text;

	if (s.outside) {
		text = arena_alloc(w->a, 64);
		snprintf(
		    text, 64, "outside after %zu, or before", w->b->outside);
		return value_cstring(text);
	}
	if (s.record == 0)
		return value_cstring("as read");
	name = show_stage(&w->show, &w->b->v[s.record - 1]);
	if (s.sure)
		return name;
	text = arena_alloc(w->a, name.n + sizeof(BEFORE));
	memcpy(text, name.text, name.n);
	memcpy(text + name.n, BEFORE, sizeof(BEFORE));
	return value_cstring(text);
}

static void
measure(struct walk *w, struct setter s)
{
	struct value label = label_of(w, s);
	size_t n = terminal_columns(w->show.line.terminal, label.text, label.n);

	if (n > NAME_MOST)
		n = NAME_MOST;
	if (n > w->name)
		w->name = n;
	if (!s.outside && s.record > 0)
		w->told[s.record - 1] = true;
}

static void
write_number(struct walk *w, struct setter s)
{
	if (s.outside)
		terminal_puts(&w->show.line, TERMINAL_YELLOW, " ? ");
	else if (s.record > 0)
		terminal_printf(&w->show.line, TERMINAL_DIM, "%2zu ", s.record);
	else
		terminal_spaces(&w->show.line, 3);
}

/* A line's gutter; NULL, or the same setter as before: an empty one. */
static void
write_gutter(struct walk *w, const struct setter *s)
{
	struct show *show = &w->show;
	struct value label = value_cstring(""), at = label;

	if (s != NULL && w->any && same_setter(*s, w->last))
		s = NULL;
	if (s == NULL) {
		terminal_spaces(&show->line, 3);
	} else {
		write_number(w, *s);
		label = label_of(w, *s);
		w->last = *s;
		w->any = true;
		if (!s->outside && s->record > 0 &&
		    view_text(w->a, &w->b->v[s->record - 1], VIEW_AT, &at))
			at = time_of_day(at);
	}
	show_column(show,
	    s == NULL || (s->record == 0 && !s->outside) ? TERMINAL_DIM
		: s->outside || !s->sure                 ? TERMINAL_YELLOW
							 : TERMINAL_BOLD,
	    label, w->name);
	if (w->timed) {
		terminal_field(&show->line, TERMINAL_DIM, at.text, at.n, TIME);
		terminal_spaces(&show->line, 1);
	}
	terminal_puts(&show->line, TERMINAL_DIM,
	    terminal_mark(show->line.terminal, "│ ", "| "));
}

/* --- the event --- */

static void
write_position(struct walk *w, const struct position *at)
{
	terminal_spaces(&w->show.line, (size_t)at->depth * 2);
	if (at->key == NULL)
		return;
	show_json(&w->show, TERMINAL_PLAIN, *at->key, SIZE_MAX);
	terminal_puts(&w->show.line, TERMINAL_PLAIN, ": ");
}

static void
write_leaf(
    struct walk *w, const struct position *at, struct value v, uint32_t leaf)
{
	struct terminal_line *l = &w->show.line;
	struct setter s = setter_of(w, leaf);

	if (w->measures) {
		measure(w, s);
		return;
	}
	terminal_start(l);
	write_gutter(w, &s);
	write_position(w, at);
	show_json(&w->show, TERMINAL_PLAIN, v, SIZE_MAX);
	terminal_puts(l, TERMINAL_PLAIN, at->more ? "," : "");
	terminal_end(l);
}

static void
write_bracket(struct walk *w, const struct position *at, const struct setter *s,
    const char *bracket)
{
	if (w->measures)
		return;
	terminal_start(&w->show.line);
	write_gutter(w, s);
	write_position(w, at);
	terminal_puts(&w->show.line, TERMINAL_PLAIN, bracket);
	terminal_puts(&w->show.line, TERMINAL_PLAIN, at->more ? "," : "");
	terminal_end(&w->show.line);
}

/* Did one stage set all that is in a shape?  *first: what set its first. */
static bool
has_one_setter(
    struct walk *w, struct value shape, struct setter *first, bool *any)
{
	struct member *m;
	uint32_t leaf, i = 0;
	bool one = true;

	if (blame_leaf(shape, &leaf)) {
		struct setter s = setter_of(w, leaf);

		if (!*any)
			*first = s;
		one = !*any || same_setter(s, *first);
		*any = true;
		return one;
	}
	if (value_is_array(shape)) {
		shape = array_open(w->a, shape);
		for (size_t k = 0; one && k < array_length(shape); k++)
			one = has_one_setter(w, array_at(shape, k), first, any);
		return one;
	}
	shape = object_open(w->a, shape);
	while (one && (m = object_next(w->a, shape, &i)) != NULL)
		one = has_one_setter(w, value_take(&m->value), first, any);
	return one;
}

static void write_value(struct walk *w, const struct position *at,
    struct value v, struct value shape, bool one);

static void
write_members(struct walk *w, const struct position *at, struct value v,
    struct value shape, bool one)
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
		write_value(w, &inner, value_take(&m->value), x, one);
	}
}

static void
write_elements(struct walk *w, const struct position *at, struct value v,
    struct value shape, bool one)
{
	struct position inner = {at->depth + 1, NULL, false};
	size_t n = array_length(v);

	v = array_open(w->a, v);
	for (size_t i = 0; i < n; i++) {
		inner.more = i + 1 < n;
		write_value(w, &inner, array_at(v, i), array_at(shape, i), one);
	}
}

/* one: it is known that one stage set all of it. */
static void
write_value(struct walk *w, const struct position *at, struct value v,
    struct value shape, bool one)
{
	struct position end = {at->depth, NULL, at->more};
	struct position start = {at->depth, at->key, false};
	bool object = value_is_object(v), any = false;
	struct setter s = {.record = 0};
	uint32_t leaf;

	if (blame_leaf(shape, &leaf)) {
		write_leaf(w, at, v, leaf);
		return;
	}
	if (!one && !w->measures)
		one = has_one_setter(w, shape, &s, &any) && any;
	/* What holds an event as it was read was read, too. */
	any = any && (one || (at->depth == 0 && s.record == 0 && !s.outside));
	write_bracket(w, &start, any ? &s : NULL, object ? "{" : "[");
	if (object)
		write_members(w, at, v, shape, one);
	else
		write_elements(w, at, v, shape, one);
	write_bracket(w, &end, NULL, object ? "}" : "]");
}

static void
write_path(struct walk *w, const struct pointer *path)
{
	struct terminal_line *l = &w->show.line;
	struct position at = {0, NULL, false};
	struct value v, shape, name = value_cstring(path->text);
	bool there = pointer_get(w->a, w->b->event, path, &v) &&
	    pointer_get(w->a, w->b->shape, path, &shape);

	if (!w->measures && (!there || w->n->paths_n > 1)) {
		terminal_start(l);
		terminal_text(l, TERMINAL_BOLD, name.text, name.n);
		if (!there)
			terminal_puts(l, TERMINAL_DIM, "  is not there");
		terminal_end(l);
	}
	if (there)
		write_value(w, &at, v, shape, false);
	w->any = false;
}

static void
write_event(struct walk *w)
{
	struct position root = {0, NULL, false};

	for (size_t i = 0; i < w->n->paths_n; i++)
		write_path(w, &w->n->paths[i]);
	if (w->n->paths_n == 0)
		write_value(w, &root, w->b->event, w->b->shape, false);
}

/* --- the notes --- */

/* Words behind others, on the next line where there is no room. */
static void
put_word(struct terminal_line *l, const char *colour, const char *text,
    size_t n, size_t indent)
{
	if (l->left != SIZE_MAX && l->terminal->width > indent + 8 &&
	    l->left < l->terminal->width - indent &&
	    terminal_columns(l->terminal, text, n) >= l->left) {
		terminal_trim(l, 0);
		terminal_end(l);
		terminal_start(l);
		terminal_spaces(l, indent);
	}
	terminal_text(l, colour, text, n);
}

/* Where a value that another was made of came from. */
static void
put_whence(struct walk *w, struct show *s, const struct why *y)
{
	const struct view *v = y->record > 0 && y->record <= w->b->n
	    ? &w->b->v[y->record - 1]
	    : NULL;
	struct value name;

	if (y->kind == WHY_READ || y->kind == WHY_ABSENT || v == NULL) {
		terminal_puts(&s->line, TERMINAL_PLAIN,
		    y->kind == WHY_ABSENT ? " (wasn't there)" : " (as read)");
	} else if (y->kind == WHY_OUTSIDE) {
		terminal_puts(&s->line, TERMINAL_PLAIN, " (outside)");
	} else if (y->kind != WHY_ROW ||
	    !show_origin(s, TERMINAL_PLAIN, " (", v)) {
		name = show_stage(s, v);
		terminal_puts(&s->line, TERMINAL_PLAIN, " (");
		terminal_text(&s->line, TERMINAL_PLAIN, name.text, name.n);
		terminal_puts(&s->line, TERMINAL_PLAIN, ")");
	} else {
		terminal_puts(&s->line, TERMINAL_PLAIN, ")");
	}
}

/* ".bytes = 14872 (as read)" */
static void
put_reason(struct walk *w, struct show *s, const struct why *y)
{
	if (y->kind == WHY_ANYWHERE) {
		terminal_puts(
		    &s->line, TERMINAL_PLAIN, "anything in the event");
		return;
	}
	site_write(s->line.out, &y->site);
	if (y->kind == WHY_CONTEXT || y->kind == WHY_MORE)
		return;
	if (y->has) {
		terminal_puts(&s->line, TERMINAL_PLAIN, " = ");
		show_json(s, TERMINAL_PLAIN, y->value, SIZE_MAX);
	}
	put_whence(w, s, y);
}

static void
write_reasons(struct walk *w)
{
	static const struct terminal wide = {.width = SIZE_MAX};
	static const char MADE[] = "made of  ";
	struct terminal_line *l = &w->show.line;
	const struct why *y = w->n->why == NULL ? NULL : w->n->why->of;

	if (y == NULL)
		return;
	terminal_start(l);
	terminal_spaces(l, INDENT);
	terminal_puts(l, TERMINAL_DIM, MADE);
	for (; y != NULL; y = y->next) {
		struct arena_deferred *release;
		struct show aside = {
		    {buf_new(w->a, &release), &wide, SIZE_MAX}, w->a};

		put_reason(w, &aside, y);
		terminal_puts(
		    &aside.line, TERMINAL_PLAIN, y->next != NULL ? ", " : "");
		l->out->failed |= aside.line.out->failed;
		put_word(l, TERMINAL_PLAIN, aside.line.out->p,
		    aside.line.out->len, INDENT + sizeof(MADE) - 1);
		arena_end(w->a, release);
	}
	terminal_end(l);
}

/* A stage of the gutter, with what it was told to do. */
static void
write_note(struct walk *w, size_t i, size_t name, size_t op)
{
	struct show *s = &w->show;
	const struct view *v = &w->b->v[i];
	struct value at, rule;
	size_t from = s->line.out->len;

	terminal_start(&s->line);
	terminal_printf(&s->line, TERMINAL_DIM, "%2zu ", i + 1);
	show_column(s, TERMINAL_BOLD, show_stage(s, v), name);
	if (op > 0)
		show_column(s, TERMINAL_DIM, show_op(s, v), op);
	if (view_text(w->a, v, VIEW_AT, &at)) {
		at = time_of_day(at);
		terminal_text(&s->line, TERMINAL_DIM, at.text, at.n);
	}
	if (!view_has(v, VIEW_ID))
		show_origin(s, TERMINAL_PLAIN, "  ", v);
	made_show(s, TERMINAL_PLAIN, "  of ", v);
	terminal_trim(&s->line, from);
	terminal_end(&s->line);
	if (!view_text(w->a, v, VIEW_RULE, &rule))
		return;
	if (w->n->paths_n == 1) {
		show_rule_lines(s, TERMINAL_DIM, rule, INDENT);
		return;
	}
	terminal_start(&s->line);
	terminal_spaces(&s->line, INDENT);
	show_rule(s, TERMINAL_DIM, rule);
	terminal_end(&s->line);
}

static void
write_notes(struct walk *w)
{
	const struct terminal *t = w->show.line.terminal;
	size_t name = 0, op = 0, n;
	bool any = false;

	for (size_t i = 0; i < w->b->n; i++) {
		struct value text = show_stage(&w->show, &w->b->v[i]);

		if (!w->told[i])
			continue;
		n = terminal_columns(t, text.text, text.n);
		name = n > name && n <= NOTE_NAME ? n : name;
		text = show_op(&w->show, &w->b->v[i]);
		n = terminal_columns(t, text.text, text.n);
		op = n > op && n <= NOTE_NAME ? n : op;
		any = true;
	}
	if (any)
		terminal_end(&w->show.line);
	for (size_t i = 0; i < w->b->n; i++)
		if (w->told[i])
			write_note(w, i, name, op);
	write_reasons(w);
}

void
annotate_write(struct buf *out, const struct terminal *terminal,
    const struct annotation *n)
{
	struct walk w = {
	    .b = n->blame, .n = n, .a = n->blame->a, .measures = true};

	w.show = (struct show){{out, terminal, 0}, w.a};
	w.told = arena_array(w.a, w.b->n, sizeof(*w.told));
	memset(w.told, 0, w.b->n * sizeof(*w.told));
	w.timed = terminal->width >= TIME_FROM;
	show_header(&w.show, n->event, n->blame->v, n->blame->n);
	write_event(&w);
	w.measures = false;
	write_event(&w);
	write_notes(&w);
	terminal_end(&w.show.line);
}
