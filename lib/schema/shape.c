#include "schema/shape.h"

#include <string.h>

#include "base/utf8.h"
#include "json/layout.h"
#include "schema/exact.h"
#include "schema/format.h"
#include "schema/place.h"
#include "value/decimal.h"
#include "value/string.h"

enum { ALL_FORMATS = (1 << SHAPE_FORMATS) - 1 };

const char *const shape_types[SHAPE_TYPES] = {
    "null", "boolean", "string", "array", "object", "integer", "number"};

const char *const shape_formats[SHAPE_FORMATS] = {
    "date-time", "date", "uuid", "ipv4", "email", "uri"};

static format_test *const tests[SHAPE_FORMATS] = {format_date_time, format_date,
    format_uuid, format_ipv4, format_email, format_uri};

void
shapes_init(struct shapes *s, size_t limit)
{
	*s = (struct shapes){.keys = 100};
	arena_init(&s->arena, limit);
}

void
shapes_release(struct shapes *s)
{
	arena_release(&s->arena);
}

struct shape *
shape_new(struct shapes *s)
{
	struct shape *shape = arena_alloc(&s->arena, sizeof(*shape));

	*shape = (struct shape){
	    .formats = ALL_FORMATS,
	    .length_low = SIZE_MAX,
	    .items_low = SIZE_MAX,
	};
	return shape;
}

uint64_t
shape_count(const struct shape *shape)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < SHAPE_TYPES; i++)
		n += shape->count[i];
	return n;
}

/* Keep a text in place of the one before. */
static void
keep(struct shapes *s, struct shape_text *t, const char *p, uint32_t n)
{
	char *room = (char *)t->p;

	if (room == NULL || n > t->cap) {
		t->cap = n < 16 ? 16 : 2 * n;
		room = arena_alloc(&s->arena, t->cap);
		t->p = room;
	}
	memcpy(room, p, n);
	t->n = n;
}

/* --- members ---------------------------------------------------------- */

static void
index_members(struct shapes *s, struct shape *shape)
{
	uint32_t size = 2 * shape->members_cap;

	shape->index = arena_array(&s->arena, size, sizeof(*shape->index));
	memset(shape->index, 0, size * sizeof(*shape->index));
	shape->mask = size - 1;
	for (uint32_t i = 0; i < shape->members_n; i++) {
		uint32_t at = shape->member[i].tag & shape->mask;

		while (shape->index[at] != 0)
			at = (at + 1) & shape->mask;
		shape->index[at] = i + 1;
	}
}

static void
grow_members(struct shapes *s, struct shape *shape)
{
	uint32_t cap = shape->members_cap == 0 ? 8 : 2 * shape->members_cap;
	struct shape_member *more = arena_array(&s->arena, cap, sizeof(*more));

	if (shape->members_n > 0)
		memcpy(more, shape->member, shape->members_n * sizeof(*more));
	shape->member = more;
	shape->members_cap = cap;
	index_members(s, shape);
}

static struct shape_member *
find_member(
    const struct shape *shape, struct value key, uint32_t tag, uint32_t *at)
{
	*at = tag & shape->mask;
	for (; shape->index[*at] != 0; *at = (*at + 1) & shape->mask) {
		struct shape_member *m = &shape->member[shape->index[*at] - 1];

		if (m->tag == tag && m->key.n == key.n &&
		    memcmp(m->key.text, key.text, key.n) == 0)
			return m;
	}
	return NULL;
}

struct shape_member *
shape_member(struct shapes *s, struct shape *shape, struct value key)
{
	uint32_t tag = layout_tag(key.text, key.n), at;
	struct shape_member *m;

	if (shape->members_n == shape->members_cap)
		grow_members(s, shape);
	m = find_member(shape, key, tag, &at);
	if (m != NULL)
		return m;
	m = &shape->member[shape->members_n++];
	shape->index[at] = shape->members_n;
	m->tag = tag;
	m->key = value_text(arena_copy(&s->arena, key.text, key.n), key.n);
	m->shape = shape_new(s);
	return m;
}

/* --- taking two shapes together ---------------------------------------- */

static void merge(struct shapes *s, struct shape *into, struct shape *from);

static void
merge_ranges(struct shapes *s, struct shape *into, const struct shape *from)
{
	into->no_ranges |= from->no_ranges;
	if (from->low.p != NULL &&
	    (into->low.p == NULL ||
		decimal_compare(
		    from->low.p, from->low.n, into->low.p, into->low.n) < 0))
		keep(s, &into->low, from->low.p, from->low.n);
	if (from->high.p != NULL &&
	    (into->high.p == NULL ||
		decimal_compare(from->high.p, from->high.n, into->high.p,
		    into->high.n) > 0))
		keep(s, &into->high, from->high.p, from->high.n);
	if (from->length_low < into->length_low)
		into->length_low = from->length_low;
	if (from->length_high > into->length_high)
		into->length_high = from->length_high;
	if (from->items_low < into->items_low)
		into->items_low = from->items_low;
	if (from->items_high > into->items_high)
		into->items_high = from->items_high;
}

/* The members of a map are one shape. */
static void
make_map(struct shapes *s, struct shape *shape)
{
	if (shape->map)
		return;
	shape->map = true;
	shape->rest = shape_new(s);
	for (uint32_t i = 0; i < shape->members_n; i++)
		merge(s, shape->rest, shape->member[i].shape);
	shape->members_n = 0;
}

void
shape_settle(struct shapes *s, struct shape *shape)
{
	if (shape->members_n > s->keys)
		make_map(s, shape);
}

static void
merge_members(struct shapes *s, struct shape *into, struct shape *from)
{
	if (into->map || from->map) {
		make_map(s, into);
		make_map(s, from);
		merge(s, into->rest, from->rest);
		return;
	}
	for (uint32_t i = 0; i < from->members_n; i++) {
		struct shape_member *m =
		    shape_member(s, into, from->member[i].key);

		merge(s, m->shape, from->member[i].shape);
	}
	shape_settle(s, into);
}

static void
merge(struct shapes *s, struct shape *into, struct shape *from)
{
	for (unsigned i = 0; i < SHAPE_TYPES; i++) {
		if (from->count[i] == 0)
			continue;
		if (into->count[i] == 0 || from->first[i] < into->first[i])
			into->first[i] = from->first[i];
		into->count[i] += from->count[i];
	}
	into->formats &= from->formats;
	into->many_values |= from->many_values;
	for (uint32_t i = 0; i < from->values_n; i++)
		shape_list(s, into,
		    value_text(from->value[i].text.p, from->value[i].text.n),
		    from->value[i].is_string);
	if (into->many_values)
		into->values_n = 0;
	merge_ranges(s, into, from);
	if (from->items != NULL) {
		if (into->items == NULL)
			into->items = shape_new(s);
		merge(s, into->items, from->items);
	}
	merge_members(s, into, from);
}

/* --- adding values ----------------------------------------------------- */

void
shape_list(
    struct shapes *s, struct shape *shape, struct value text, bool is_string)
{
	struct shape_value *v;

	if (shape->many_values)
		return;
	for (uint32_t i = 0; i < shape->values_n; i++) {
		v = &shape->value[i];
		if (v->is_string == is_string && v->text.n == text.n &&
		    memcmp(v->text.p, text.text, text.n) == 0)
			return;
	}
	if (shape->values_n >= s->values) {
		shape->many_values = true;
		shape->values_n = 0;
		return;
	}
	if (shape->value == NULL)
		shape->value =
		    arena_array(&s->arena, s->values, sizeof(*shape->value));
	v = &shape->value[shape->values_n++];
	*v = (struct shape_value){.is_string = is_string};
	keep(s, &v->text, text.text, text.n);
}

static void
add_string(
    struct shapes *s, struct shape *shape, struct arena *a, struct value text)
{
	size_t length;

	if (layout_has_escapes(text.text, text.n))
		text = string_decoded(a, text);
	for (unsigned i = 0; shape->formats >> i != 0; i++)
		if ((shape->formats >> i & 1) != 0 &&
		    !tests[i](text.text, text.n))
			shape->formats &= (uint8_t) ~(1u << i);
	shape_list(s, shape, text, true);
	if (!s->ranges)
		return;
	length = utf8_count(text.text, text.n);
	if (length < shape->length_low)
		shape->length_low = length;
	if (length > shape->length_high)
		shape->length_high = length;
}

static bool
is_plain(struct value v)
{
	for (uint32_t i = 0; i < v.n; i++)
		if (v.text[i] != '-' && (v.text[i] < '0' || v.text[i] > '9'))
			return false;
	return true;
}

static enum shape_type
add_number(struct shapes *s, struct shape *shape, struct value v)
{
	bool plain = is_plain(v);
	struct exact x;

	if (plain)
		shape_list(s, shape, v, false);
	else
		shape->many_values = true;
	if (s->ranges) {
		if (shape->low.p == NULL ||
		    decimal_compare(v.text, v.n, shape->low.p, shape->low.n) <
			0)
			keep(s, &shape->low, v.text, v.n);
		if (shape->high.p == NULL ||
		    decimal_compare(v.text, v.n, shape->high.p, shape->high.n) >
			0)
			keep(s, &shape->high, v.text, v.n);
	}
	if (plain)
		return SHAPE_INTEGER;
	x = exact_read(v.text, v.n);
	return exact_is_whole(&x) ? SHAPE_INTEGER : SHAPE_NUMBER;
}

static void
add_items(struct shapes *s, struct shape *shape, struct arena *a,
    const struct doc *d, uint32_t e)
{
	size_t n = 0;

	if (shape->items == NULL)
		shape->items = shape_new(s);
	PLACE_EACH_ITEM (d, e, at) {
		shape_add(s, shape->items, a, d, at);
		n++;
	}
	if (n < shape->items_low)
		shape->items_low = n;
	if (n > shape->items_high)
		shape->items_high = n;
}

static void
add_members(struct shapes *s, struct shape *shape, struct arena *a,
    const struct doc *d, uint32_t e)
{
	struct place_members l;

	place_members(a, d, e, &l);
	for (uint32_t i = 0; i < l.n; i++) {
		struct shape *member = shape->rest;

		if (!shape->map)
			member = shape_member(s, shape, l.m[i].key)->shape;
		shape_add(s, member, a, d, l.m[i].entry + 2);
		shape_settle(s, shape);
	}
}

static enum shape_type
add_content(struct shapes *s, struct shape *shape, struct arena *a,
    const struct doc *d, uint32_t e)
{
	struct value v = value_source(d, e);

	switch (v.kind) {
	case VALUE_NULL:
		return SHAPE_NULL;
	case VALUE_FALSE:
	case VALUE_TRUE:
		return SHAPE_BOOLEAN;
	case VALUE_NUMBER:
		return add_number(s, shape, v);
	case VALUE_RAW_ARRAY:
		add_items(s, shape, a, d, e);
		return SHAPE_ARRAY;
	case VALUE_RAW_OBJECT:
		add_members(s, shape, a, d, e);
		return SHAPE_OBJECT;
	default:
		add_string(s, shape, a, v);
		return SHAPE_STRING;
	}
}

void
shape_add(struct shapes *s, struct shape *shape, struct arena *a,
    const struct doc *d, uint32_t e)
{
	enum shape_type t = add_content(s, shape, a, d, e);

	if (shape->count[t]++ == 0)
		shape->first[t] = s->events;
}
