#include "render/pretty.h"
#include "value/array.h"
#include "value/object.h"

static void put(struct show *s, struct value v, int depth);

static const char *
colour_of(struct value v)
{
	if (value_is_string(v))
		return TERMINAL_GREEN;
	if (v.kind == VALUE_NULL)
		return TERMINAL_DIM;
	return value_is_number(v) ? TERMINAL_PLAIN : TERMINAL_YELLOW;
}

/* A line behind what was opened or written before. */
static void
next_line(struct show *s, bool comma, int depth)
{
	terminal_puts(&s->line, TERMINAL_PLAIN, comma ? "," : "");
	terminal_end(&s->line);
	terminal_start(&s->line);
	for (int i = 0; i < depth; i++)
		terminal_puts(&s->line, TERMINAL_PLAIN, "  ");
}

static void
put_member(
    struct show *s, bool first, struct value key, struct value v, int depth)
{
	if (first)
		terminal_puts(&s->line, TERMINAL_PLAIN, "{");
	next_line(s, !first, depth + 1);
	show_json(s, TERMINAL_BOLD, key, SIZE_MAX);
	terminal_puts(&s->line, TERMINAL_PLAIN, ": ");
	put(s, v, depth + 1);
}

static void
end_members(struct show *s, bool empty, int depth)
{
	if (!empty)
		next_line(s, false, depth);
	terminal_puts(&s->line, TERMINAL_PLAIN, empty ? "{}" : "}");
}

/* An object as it was read: a key may be there twice. */
static void
put_source(struct show *s, struct value v, int depth)
{
	const struct doc *d = v.doc;
	uint32_t end = d->match[v.n], next;
	bool empty = true;

	for (uint32_t e = v.n + 1; e < end; e = next) {
		next = doc_after(d, e + 2) + 1; /* behind the comma */
		if (e == d->hidden)
			continue;
		put_member(s, empty, value_source(d, e), value_source(d, e + 2),
		    depth);
		empty = false;
	}
	end_members(s, empty, depth);
}

static void
put_members(struct show *s, struct value v, int depth)
{
	struct member *m;
	uint32_t i = 0;
	bool empty = true;

	v = object_open(s->a, v);
	for (; (m = object_next(s->a, v, &i)) != NULL; empty = false)
		put_member(s, empty, m->key, value_take(&m->value), depth);
	end_members(s, empty, depth);
}

static void
put_elements(struct show *s, struct value v, int depth)
{
	size_t n = array_length(v);

	if (n == 0) {
		terminal_puts(&s->line, TERMINAL_PLAIN, "[]");
		return;
	}
	v = array_open(s->a, v);
	terminal_puts(&s->line, TERMINAL_PLAIN, "[");
	for (size_t i = 0; i < n; i++) {
		next_line(s, i > 0, depth + 1);
		put(s, array_at(v, (uint32_t)i), depth + 1);
	}
	next_line(s, false, depth);
	terminal_puts(&s->line, TERMINAL_PLAIN, "]");
}

static void
put(struct show *s, struct value v, int depth)
{
	if (v.kind == VALUE_RAW_OBJECT)
		put_source(s, v, depth);
	else if (value_is_object(v))
		put_members(s, v, depth);
	else if (value_is_array(v))
		put_elements(s, v, depth);
	else
		show_json(s, colour_of(v), v, SIZE_MAX);
}

void
pretty_write(struct show *s, struct value v)
{
	terminal_start(&s->line);
	put(s, v, 0);
	terminal_end(&s->line);
}
