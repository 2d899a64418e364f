#include "render/made.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

const struct view *
made_record(const struct view *v, size_t n)
{
	while (n > 0 && !view_has(&v[n - 1], VIEW_OF))
		n--;
	return n == 0 ? NULL : &v[n - 1];
}

static bool
member(struct arena *a, struct value v, const char *name, struct value *out)
{
	return value_is_object(v) && object_get(a, v, value_cstring(name), out);
}

uint64_t
made_count(struct arena *a, const struct view *v)
{
	struct value n;

	if (!member(a, v->of[VIEW_OF], "n", &n) || !value_is_number(n))
		return 0;
	n = n.kind == VALUE_NUMBER ? value_number(n) : n;
	return n.kind == VALUE_INT && n.i > 0 ? (uint64_t)n.i : 0;
}

bool
made_revised(const struct view *v)
{
	return value_is_number(v->of[VIEW_REV]);
}

/* [1,40] as 1-40, and [55,55] as 55. */
static void
show_range(struct show *s, const char *colour, struct value range)
{
	struct value from, to;

	if (!value_is_array(range) || array_length(range) != 2)
		return;
	from = array_get(range, 0);
	to = array_get(range, 1);
	show_value(s, colour, from);
	if (value_same(from, to) || value_written_same(from, to))
		return;
	terminal_puts(&s->line, colour, "-");
	show_value(s, colour, to);
}

static void
show_lines(struct show *s, const char *colour, struct value lines)
{
	struct member *m;
	uint32_t i = 0;

	lines = object_open(s->a, lines);
	while ((m = object_next(s->a, lines, &i)) != NULL) {
		terminal_puts(&s->line, colour, i == 1 ? ", " : " ");
		show_value(s, colour, m->key);
		for (size_t k = 0; k < array_length(m->value); k++) {
			terminal_puts(&s->line, colour, k == 0 ? ":" : ",");
			show_range(s, colour, array_get(m->value, k));
		}
	}
}

bool
made_show(struct show *s, const char *colour, const char *before,
    const struct view *v)
{
	struct value of = v->of[VIEW_OF], n, lines, more;

	if (!member(s->a, of, "n", &n) || !value_is_number(n))
		return false;
	terminal_puts(&s->line, colour, before);
	show_value(s, colour, n);
	terminal_puts(
	    &s->line, colour, made_count(s->a, v) == 1 ? " event" : " events");
	if (member(s->a, of, "lines", &lines) && value_is_object(lines))
		show_lines(s, colour, lines);
	if (member(s->a, of, "more", &more))
		terminal_puts(&s->line, colour, " and others");
	return true;
}

static void
show_pair(struct show *s, struct value of, const char *const name[2],
    const char *before)
{
	struct value from, to;

	if (!member(s->a, of, name[0], &from) ||
	    !member(s->a, of, name[1], &to))
		return;
	terminal_puts(&s->line, TERMINAL_PLAIN, "  ");
	terminal_puts(&s->line, TERMINAL_DIM, before);
	show_value(s, TERMINAL_DIM, from);
	terminal_puts(&s->line, TERMINAL_DIM, " to ");
	show_value(s, TERMINAL_DIM, to);
}

void
made_show_ends(struct show *s, const struct view *v)
{
	static const char *const WINDOW[] = {"from", "to"},
				 *const ENDS[] = {"first", "last"};

	show_pair(s, v->of[VIEW_WINDOW], WINDOW, "window ");
	show_pair(s, v->of[VIEW_OF], ENDS, "events ");
}
