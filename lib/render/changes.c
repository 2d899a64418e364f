#include <string.h>

#include "base/utf8.h"
#include "history/rewind.h"
#include "render/changes.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum {
	PATHS = 40, /* columns of a path up to which values are aligned */
	SEEN = 12,  /* columns of what differs that must be seen */
};

static void
add(struct changes *c, struct change_list *l)
{
	if (c->undo) {
		*l->end = c->first;
		c->first = l->first;
		return;
	}
	*(c->end == NULL ? &c->first : c->end) = l->first;
	c->end = l->end;
}

static struct value
collect(void *arg, const struct patch_change *change)
{
	struct changes *c = arg;
	const struct value *before = c->undo ? change->new : change->was;
	const struct value *after = c->undo ? change->was : change->new;
	struct change_list l;

	change_list_init(&l);
	change_between(c->a, &l, change->path, before, after);
	/* Members in another order, or only spelled otherwise. */
	if (l.first == NULL)
		change_add(c->a, &l, change->path, before, after);
	add(c, &l);
	return change->new == NULL ? VALUE_OF(VALUE_NULL) : *change->new;
}

struct patch_watch
changes_watch(struct changes *c)
{
	return (struct patch_watch){collect, c};
}

/* --- histories --- */

/* Does an operation put a whole event in the place of another one? */
static bool
replaces_all(struct arena *a, struct value op)
{
	struct value path;

	return value_is_object(op) &&
	    object_get(a, op, value_cstring("path"), &path) &&
	    value_is_string(path) && string_decoded(a, path).n == 0;
}

bool
changes_hidden(struct arena *a, const struct view *v)
{
	struct value undo = v->of[VIEW_UNDO];

	if (!value_is_array(undo))
		return false;
	undo = array_open(a, undo);
	for (size_t i = 0; i < array_length(undo); i++)
		if (!view_tells(a, array_at(undo, i)) ||
		    replaces_all(a, array_at(undo, i)))
			return true;
	return false;
}

/* Go back through the history, and note what each record changed. */
static void
retrace(struct changes_of *all, struct arena *a, struct value event,
    const struct view *v, size_t n)
{
	struct rewind_error error;
	struct draft draft;
	bool known = true;

	draft_init(&draft, a, event);
	for (size_t i = n; i-- > 0;) {
		struct changes c = {.a = a, .undo = true};
		struct patch_watch watch = changes_watch(&c);
		enum rewind_status status = REWIND_LOST;

		if (known)
			status = rewind_record(&draft, &v[i], &watch, &error);
		known = status == REWIND_OK;
		all[i].first = c.first;
		all[i].known = known;
		all[i].wrong = status == REWIND_WRONG;
	}
}

/* What an operation of an undo says of its stage, without the values. */
static struct change *
read_operation(struct arena *a, struct value op)
{
	struct value name, path;
	struct change *c;

	if (!value_is_object(op) || replaces_all(a, op) ||
	    !object_get(a, op, value_cstring("op"), &name) ||
	    !object_get(a, op, value_cstring("path"), &path) ||
	    !value_is_string(name) || !value_is_string(path))
		return NULL;
	c = arena_alloc(a, sizeof(*c));
	*c = (struct change){.path = string_decoded(a, path),
	    .had = !string_equal(a, name, value_cstring("remove")),
	    .has = !string_equal(a, name, value_cstring("add"))};
	return c;
}

static struct change *
read_undo(struct arena *a, const struct view *v)
{
	struct value undo = v->of[VIEW_UNDO];
	struct change *first = NULL, *c;

	if (!value_is_array(undo))
		return NULL;
	undo = array_open(a, undo);
	for (size_t i = 0; i < array_length(undo); i++) {
		c = read_operation(a, array_at(undo, i));
		if (c == NULL)
			continue;
		c->next = first;
		first = c;
	}
	return first;
}

struct changes_of *
changes_history(struct arena *a, struct value event, const struct view *v,
    size_t n, bool values)
{
	struct changes_of *all = arena_array(a, n, sizeof(*all));
	bool hidden = values;

	memset(all, 0, n * sizeof(*all));
	for (size_t i = 0; i < n && !hidden; i++)
		hidden = changes_hidden(a, &v[i]);
	if (hidden)
		retrace(all, a, event, v, n);
	for (size_t i = 0; i < n; i++) {
		if (!all[i].known)
			all[i].first = read_undo(a, &v[i]);
		for (struct change *c = all[i].first; c != NULL; c = c->next)
			all[i].count[!c->had ? 0 : c->has ? 1 : 2]++;
	}
	return all;
}

/* --- lines --- */

const char *
changes_colour(bool had, bool has)
{
	if (had && has)
		return TERMINAL_BLUE;
	return has ? TERMINAL_GREEN : TERMINAL_RED;
}

static const char order[] = "only the order of members, or their spelling";

void
changes_path(struct show *s, const struct change *c)
{
	const char *colour = changes_colour(c->had, c->has);

	terminal_puts(&s->line, colour,
	    c->had && c->has ? "~ "
		: c->has     ? "+ "
			     : "- ");
	if (c->path.n == 0)
		terminal_puts(&s->line, colour, order);
	else
		terminal_text(&s->line, colour, c->path.text, c->path.n);
}

size_t
changes_width(const struct show *s, const struct change *c)
{
	size_t most = PATHS, width = 0, n;

	if (s->line.terminal->width / 3 < most)
		most = s->line.terminal->width / 3;
	for (; c != NULL; c = c->next) {
		n = terminal_columns(s->line.terminal, c->path.text, c->path.n);
		if (n > width && n <= most)
			width = n;
	}
	return width;
}

/* A value as text, and the part of it that differs from the other one. */
struct shown {
	const char *p;
	size_t n, from, to;
	size_t columns;
};

/* Back to where a character begins. */
static size_t
boundary(const char *p, size_t i)
{
	while (i > 0 && ((unsigned char)p[i] & 0xC0) == 0x80)
		i--;
	return i;
}

/* What two strings have in common at both ends doesn't differ. */
static void
compare(struct shown *x, struct shown *y)
{
	size_t least = x->n < y->n ? x->n : y->n, from = 0, end = 0;

	while (from < least && x->p[from] == y->p[from])
		from++;
	from = boundary(x->p, from);
	while (
	    end < least - from && x->p[x->n - 1 - end] == y->p[y->n - 1 - end])
		end++;
	while (end > 0 && ((unsigned char)x->p[x->n - end] & 0xC0) == 0x80)
		end--;
	x->from = y->from = from;
	x->to = x->n - end;
	y->to = y->n - end;
}

static struct shown
show_text(struct show *s, struct value v, struct arena_deferred **release)
{
	struct buf *text = buf_new(s->a, release);
	struct shown x;

	value_write(text, v);
	s->line.out->failed |= text->failed;
	x = (struct shown){text->p, text->len, 0, 0,
	    terminal_columns(s->line.terminal, text->p, text->len)};
	return x;
}

/* Where to start, so that what differs is seen in so many columns. */
static size_t
start_at(const struct show *s, const struct shown *x, size_t room)
{
	const struct terminal *t = s->line.terminal;
	size_t before = terminal_columns(t, x->p, x->from), skip;

	if (x->to == x->from || x->columns <= room || before + SEEN <= room)
		return 0;
	skip = before - room / 3;
	return terminal_fitting(t, x->p, x->from, skip);
}

/* The text in the columns that are left, what differs underlined. */
static void
put_shown(struct show *s, const char *colour, const struct shown *x)
{
	struct terminal_line *l = &s->line;
	size_t i = start_at(s, x, l->left);
	size_t from = x->from < i ? i : x->from, to = x->to < i ? i : x->to;

	if (i > 0)
		terminal_puts(
		    l, TERMINAL_DIM, terminal_mark(l->terminal, "…", "..."));
	terminal_text(l, colour, x->p + i, from - i);
	terminal_text(l, TERMINAL_LINED, x->p + from, to - from);
	terminal_text(l, colour, x->p + to, x->n - to);
}

/* Both values, on two lines where one is too short. */
static void
put_both(struct show *s, const struct change *c, size_t column)
{
	struct terminal_line *l = &s->line;
	struct arena_deferred *first, *second;
	struct shown before = show_text(s, c->before, &first);
	struct shown after = show_text(s, c->after, &second);
	const char *arrow = terminal_mark(l->terminal, "→", "->");
	size_t arrow_width = l->terminal->ascii ? 2 : 1;

	if (value_is_string(c->before) && value_is_string(c->after))
		compare(&before, &after);
	put_shown(s, TERMINAL_PLAIN, &before);
	if (l->left != SIZE_MAX &&
	    (l->left == 0 || l->left <= after.columns + arrow_width + 2)) {
		terminal_end(l);
		terminal_start(l);
		terminal_spaces(
		    l, column > arrow_width + 2 ? column - arrow_width - 2 : 0);
	} else {
		terminal_puts(l, TERMINAL_PLAIN, " ");
		arrow_width = SIZE_MAX;
	}
	terminal_puts(l, TERMINAL_DIM, arrow);
	terminal_puts(l, TERMINAL_PLAIN, arrow_width == SIZE_MAX ? " " : "  ");
	put_shown(s, TERMINAL_PLAIN, &after);
	arena_end(s->a, second);
	arena_end(s->a, first);
}

void
changes_line(
    struct show *s, const struct change *c, size_t before, size_t width)
{
	struct terminal_line *l = &s->line;
	size_t path = terminal_columns(l->terminal, c->path.text, c->path.n);

	changes_path(s, c);
	if (c->path.n > 0) {
		terminal_spaces(l, (path < width ? width - path : 0) + 2);
		if (c->had && c->has)
			put_both(s, c,
			    before + 2 + (path < width ? width : path) + 2);
		else
			show_json(s, c->has ? TERMINAL_PLAIN : TERMINAL_STRUCK,
			    c->has ? c->after : c->before, SIZE_MAX);
	}
	terminal_end(l);
}

void
changes_write(struct show *s, const struct change *c, size_t indent)
{
	size_t width = changes_width(s, c);

	for (; c != NULL; c = c->next) {
		terminal_start(&s->line);
		terminal_spaces(&s->line, indent);
		changes_line(s, c, indent, width);
	}
}
