#include <stdlib.h>
#include <string.h>

#include "render/between.h"
#include "render/changes.h"

enum { NAME_MOST = 24, INDENT = 6 };

/*
 * What a record touched: paths, sorted so that a pointer stands right before
 * all that is below it, since '/' counts as less than any other byte.
 */
struct touched {
	struct value *path;
	size_t n;
};

static int
rank(const struct value *path, size_t i)
{
	return path->text[i] == '/' ? -1 : (unsigned char)path->text[i];
}

static int
compare_paths(const void *a, const void *b)
{
	const struct value *p = a, *q = b;
	size_t n = p->n < q->n ? p->n : q->n;

	for (size_t i = 0; i < n; i++)
		if (p->text[i] != q->text[i])
			return rank(p, i) < rank(q, i) ? -1 : 1;
	return (p->n > q->n) - (p->n < q->n);
}

/* Those of a list but the whole event's, which says nothing of a place. */
static struct touched
touched_by(struct arena *a, const struct changes_of *of)
{
	struct touched t = {NULL, 0};
	size_t n = 0;

	for (const struct change *c = of->first; c != NULL; c = c->next)
		n += c->path.n > 0;
	t.path = arena_array(a, n, sizeof(*t.path));
	for (const struct change *c = of->first; c != NULL; c = c->next)
		if (c->path.n > 0)
			t.path[t.n++] = c->path;
	if (t.n > 0)
		qsort(t.path, t.n, sizeof(*t.path), compare_paths);
	return t;
}

/* The first path that isn't before this one. */
static const struct value *
first_from(const struct touched *t, struct value path)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_paths(&t->path[middle], &path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < t->n ? &t->path[low] : NULL;
}

/* Was the path touched, or one below it, or one above it? */
static bool
touches(const struct touched *t, struct value path)
{
	const struct value *p = first_from(t, path);

	if (p != NULL && p->n >= path.n &&
	    memcmp(p->text, path.text, path.n) == 0 &&
	    (p->n == path.n || p->text[path.n] == '/'))
		return true;
	while (path.n > 0) {
		while (path.text[--path.n] != '/')
			;
		p = first_from(t, path);
		if (path.n > 0 && p != NULL && compare_paths(p, &path) == 0)
			return true;
	}
	return false;
}

/* The last record between the two that touched the path; 0: not known. */
static size_t
toucher(
    const struct between *b, const struct touched *all, const struct change *c)
{
	size_t low = b->from < b->to ? b->from : b->to;
	size_t high = b->from < b->to ? b->to : b->from;

	for (size_t i = high; i > low; i--)
		if (touches(&all[i - 1], c->path))
			return i;
	return 0;
}

static void
write_end(struct show *s, const struct between *b, size_t record)
{
	struct terminal_line *l = &s->line;
	struct value name;

	if (record == 0) {
		terminal_puts(l, TERMINAL_PLAIN, "as read");
		return;
	}
	name = show_stage(s, &b->v[record - 1]);
	terminal_puts(l, TERMINAL_PLAIN, "after ");
	terminal_text(l, TERMINAL_BOLD, name.text, name.n);
	terminal_printf(l, TERMINAL_DIM, " (%zu of %zu)", record, b->n);
}

static void
write_change(struct show *s, const struct between *b, const struct change *c,
    size_t record, size_t name, size_t path)
{
	terminal_start(&s->line);
	if (record > 0) {
		terminal_printf(&s->line, TERMINAL_DIM, "%2zu ", record);
		show_column(
		    s, TERMINAL_BOLD, show_stage(s, &b->v[record - 1]), name);
	} else {
		terminal_spaces(&s->line, 3);
		show_column(s, TERMINAL_PLAIN, value_cstring("?"), name);
	}
	changes_line(s, c, 3 + name + 2, path);
}

/* The width of the names, and by whom each change was made. */
static size_t
find_records(struct show *s, const struct between *b, size_t *record)
{
	struct changes_of *all =
	    changes_history(s->a, b->event->event, b->v, b->n, true);
	struct touched *touched = arena_array(s->a, b->n, sizeof(*touched));
	size_t width = 1, n;

	for (size_t i = 0; i < b->n; i++)
		touched[i] = touched_by(s->a, &all[i]);
	for (const struct change *c = b->changes; c != NULL; c = c->next) {
		struct value name;

		*record = toucher(b, touched, c);
		if (*record > 0) {
			name = show_stage(s, &b->v[*record - 1]);
			n = terminal_columns(
			    s->line.terminal, name.text, name.n);
			if (n > width)
				width = n < NAME_MOST ? n : NAME_MOST;
		}
		record++;
	}
	return width;
}

void
between_write(struct show *s, const struct between *b)
{
	struct terminal_line *l = &s->line;
	size_t count = 0, name, *record;
	size_t path = changes_width(s, b->changes);

	show_header(s, b->event, b->v, b->n);
	terminal_start(l);
	terminal_spaces(l, INDENT);
	write_end(s, b, b->from);
	terminal_puts(
	    l, TERMINAL_DIM, terminal_mark(l->terminal, " → ", " -> "));
	write_end(s, b, b->to);
	terminal_end(l);
	for (const struct change *c = b->changes; c != NULL; c = c->next)
		count++;
	record = arena_array(s->a, count, sizeof(*record));
	name = find_records(s, b, record);
	for (const struct change *c = b->changes; c != NULL; c = c->next)
		write_change(s, b, c, *record++, name, path);
	if (count == 0) {
		terminal_start(l);
		terminal_spaces(l, INDENT);
		terminal_puts(l, TERMINAL_DIM, "nothing differs");
		terminal_end(l);
	}
	terminal_end(l);
}
