/*
 * A shape as a schema.  What JSON Schema has no word for stands in members
 * that begin with x-, so that shape_read() finds all of it:
 *
 *	x-seen	type -> [how many values, the first event with one]
 *	x-first	the same events, of the types that aren't the commonest
 *	x-map	the object has too many keys to name them
 *	x-enum	values that are few, beside others that no enum can list
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schema/shape.h"

struct writing {
	struct buf *out;
	struct shapes *s;
	unsigned depth;
	bool more; /* a member stands before */
};

static void put_shape(
    struct writing *w, const struct shape *shape, const char *title);

static void
new_line(struct writing *w)
{
	buf_putc(w->out, '\n');
	for (unsigned i = 0; i < w->depth; i++)
		buf_puts(w->out, "  ");
}

static void
open_object(struct writing *w)
{
	buf_putc(w->out, '{');
	w->depth++;
	w->more = false;
}

static void
close_object(struct writing *w)
{
	w->depth--;
	if (w->more)
		new_line(w);
	buf_putc(w->out, '}');
	w->more = true;
}

static void
put_key(struct writing *w, const char *key, size_t n)
{
	if (w->more)
		buf_putc(w->out, ',');
	new_line(w);
	value_write_string(w->out, key, n);
	buf_puts(w->out, ": ");
	w->more = true;
}

static void
put_name(struct writing *w, const char *name)
{
	put_key(w, name, strlen(name));
}

static unsigned
commonest(const struct shape *shape)
{
	unsigned best = 0;

	for (unsigned i = 1; i < SHAPE_TYPES; i++)
		if (shape->count[i] > shape->count[best])
			best = i;
	return best;
}

/* A whole number is a number: one name says both. */
static bool
names_type(const struct shape *shape, unsigned i)
{
	return shape->count[i] > 0 &&
	    (i != SHAPE_INTEGER || shape->count[SHAPE_NUMBER] == 0);
}

static void
put_types(struct writing *w, const struct shape *shape)
{
	unsigned n = 0, put = 0;

	for (unsigned i = 0; i < SHAPE_TYPES; i++)
		n += names_type(shape, i);
	if (n == 0)
		return;
	put_name(w, "type");
	buf_puts(w->out, n > 1 ? "[" : "");
	for (unsigned i = 0; i < SHAPE_TYPES; i++)
		if (names_type(shape, i))
			buf_printf(w->out, "%s\"%s\"", put++ > 0 ? ", " : "",
			    shape_types[i]);
	buf_puts(w->out, n > 1 ? "]" : "");
}

static void
put_seen(struct writing *w, const struct shape *shape)
{
	unsigned n = 0, put = 0, best = commonest(shape);

	put_name(w, "x-seen");
	buf_putc(w->out, '{');
	for (unsigned i = 0; i < SHAPE_TYPES; i++)
		if (shape->count[i] > 0)
			buf_printf(w->out,
			    "%s\"%s\": [%" PRIu64 ", %" PRIu64 "]",
			    n++ > 0 ? ", " : "", shape_types[i],
			    shape->count[i], shape->first[i]);
	buf_putc(w->out, '}');
	if (n < 2)
		return;
	put_name(w, "x-first");
	buf_putc(w->out, '{');
	for (unsigned i = 0; i < SHAPE_TYPES; i++)
		if (shape->count[i] > 0 && i != best)
			buf_printf(w->out, "%s\"%s\": %" PRIu64,
			    put++ > 0 ? ", " : "", shape_types[i],
			    shape->first[i]);
	buf_putc(w->out, '}');
}

static int
by_text(const void *x, const void *y)
{
	const struct shape_value *p = x, *q = y;
	uint32_t n = p->text.n < q->text.n ? p->text.n : q->text.n;
	int c = memcmp(p->text.p, q->text.p, n);

	if (p->is_string != q->is_string)
		return p->is_string - q->is_string;
	return c != 0 ? c : (p->text.n > q->text.n) - (p->text.n < q->text.n);
}

/* An enum speaks of all types: it must list all that was there. */
static bool
can_list(const struct shape *shape)
{
	return shape->count[SHAPE_BOOLEAN] == 0 &&
	    shape->count[SHAPE_ARRAY] == 0 && shape->count[SHAPE_OBJECT] == 0;
}

static void
put_values(struct writing *w, const struct shape *shape)
{
	bool all = can_list(shape);

	if (shape->many_values || shape->values_n == 0)
		return;
	qsort(shape->value, shape->values_n, sizeof(*shape->value), by_text);
	put_name(w, all ? "enum" : "x-enum");
	buf_putc(w->out, '[');
	for (uint32_t i = 0; i < shape->values_n; i++) {
		const struct shape_value *v = &shape->value[i];

		buf_puts(w->out, i > 0 ? ", " : "");
		if (v->is_string)
			value_write_string(w->out, v->text.p, v->text.n);
		else
			buf_put(w->out, v->text.p, v->text.n);
	}
	buf_puts(w->out, all && shape->count[SHAPE_NULL] > 0 ? ", null]" : "]");
}

static void
put_format(struct writing *w, const struct shape *shape)
{
	if (shape->count[SHAPE_STRING] == 0)
		return;
	for (unsigned i = 0; i < SHAPE_FORMATS; i++) {
		if ((shape->formats >> i & 1) != 0) {
			put_name(w, "format");
			buf_printf(w->out, "\"%s\"", shape_formats[i]);
			return;
		}
	}
}

static void
put_range(struct writing *w, const char *low, size_t from, const char *high,
    size_t to)
{
	put_name(w, low);
	buf_printf(w->out, "%zu", from);
	put_name(w, high);
	buf_printf(w->out, "%zu", to);
}

static void
put_ranges(struct writing *w, const struct shape *shape)
{
	if (!w->s->ranges || shape->no_ranges)
		return;
	if (shape->low.p != NULL) {
		put_name(w, "minimum");
		buf_put(w->out, shape->low.p, shape->low.n);
		put_name(w, "maximum");
		buf_put(w->out, shape->high.p, shape->high.n);
	}
	if (shape->count[SHAPE_STRING] > 0)
		put_range(w, "minLength", shape->length_low, "maxLength",
		    shape->length_high);
	if (shape->count[SHAPE_ARRAY] > 0)
		put_range(w, "minItems", shape->items_low, "maxItems",
		    shape->items_high);
}

/* The members that every object had. */
static void
put_required(struct writing *w, const struct shape *shape)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < shape->members_n; i++) {
		const struct shape_member *m = &shape->member[i];

		if (shape_count(m->shape) < shape->count[SHAPE_OBJECT])
			continue;
		if (n++ == 0) {
			put_name(w, "required");
			buf_putc(w->out, '[');
		} else {
			buf_puts(w->out, ", ");
		}
		value_write_string(w->out, m->key.text, m->key.n);
	}
	if (n > 0)
		buf_putc(w->out, ']');
}

static void
put_members(struct writing *w, const struct shape *shape)
{
	if (shape->map) {
		put_name(w, "x-map");
		buf_puts(w->out, "true");
		put_name(w, "additionalProperties");
		put_shape(w, shape->rest, NULL);
		return;
	}
	put_required(w, shape);
	if (shape->members_n == 0)
		return;
	put_name(w, "properties");
	open_object(w);
	for (uint32_t i = 0; i < shape->members_n; i++) {
		const struct shape_member *m = &shape->member[i];

		put_key(w, m->key.text, m->key.n);
		put_shape(w, m->shape, NULL);
	}
	close_object(w);
}

static void
put_shape(struct writing *w, const struct shape *shape, const char *title)
{
	open_object(w);
	if (w->depth == 1) {
		put_name(w, "$schema");
		buf_puts(
		    w->out, "\"https://json-schema.org/draft/2020-12/schema\"");
	}
	if (title != NULL) {
		put_name(w, "title");
		value_write_string(w->out, title, strlen(title));
	}
	put_types(w, shape);
	put_seen(w, shape);
	put_values(w, shape);
	put_format(w, shape);
	put_ranges(w, shape);
	if (shape->count[SHAPE_OBJECT] > 0)
		put_members(w, shape);
	if (shape->items != NULL) {
		put_name(w, "items");
		put_shape(w, shape->items, NULL);
	}
	close_object(w);
}

void
shape_write(struct buf *out, struct shapes *s, const char *title)
{
	struct writing w = {.out = out, .s = s};

	put_shape(&w, s->root, title);
	buf_putc(out, '\n');
}
