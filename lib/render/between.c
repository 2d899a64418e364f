#include <stdio.h>
#include <string.h>

#include "render/between.h"
#include "render/changes.h"

enum { NAME_MOST = 24, INDENT = 6 };

/* Is a pointer the other one, or above it? */
static bool
holds(struct value above, struct value below)
{
	return above.n <= below.n &&
	    memcmp(above.text, below.text, above.n) == 0 &&
	    (above.n == below.n || below.text[above.n] == '/');
}

static bool
touches(const struct changes_of *of, struct value path)
{
	for (const struct change *c = of->first; c != NULL; c = c->next)
		if (c->path.n > 0 &&
		    (holds(c->path, path) || holds(path, c->path)))
			return true;
	return false;
}

/* The last record between the two that touched the path; 0: not known. */
static size_t
toucher(const struct between *b, const struct changes_of *all,
    const struct change *c)
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
	size_t width = 1, n;

	for (const struct change *c = b->changes; c != NULL; c = c->next) {
		struct value name;

		*record = toucher(b, all, c);
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
