#include <string.h>

#include "schema/exact.h"
#include "schema/place.h"
#include "schema/shape.h"
#include "value/string.h"

struct reading {
	struct shapes *s;
	const struct doc *d;
	const char *error; /* the first */
	uint32_t at;
};

static void read_shape(struct reading *r, struct shape *shape, uint32_t e);

static bool
wrong(struct reading *r, uint32_t e, const char *why)
{
	if (r->error == NULL) {
		r->error = why;
		r->at = e;
	}
	return false;
}

static bool
find(struct reading *r, uint32_t e, const char *key, char type, uint32_t *at)
{
	if (!place_get(&r->s->arena, r->d, e, key, at))
		return false;
	return place_type(r->d, *at) == type ||
	    wrong(r, *at, "this isn't as infer writes it");
}

static bool
read_count(struct reading *r, uint32_t e, size_t *n)
{
	struct value v = value_source(r->d, e);
	struct exact x;

	if (v.kind != VALUE_NUMBER)
		return wrong(r, e, "expected a number");
	x = exact_read(v.text, v.n);
	return exact_to_size(&x, SIZE_MAX - 1, n) ||
	    wrong(r, e, "expected a whole number");
}

/* "string": [how many, the first] */
static void
read_type(struct reading *r, struct shape *shape, uint32_t key)
{
	struct value name =
	    string_decoded(&r->s->arena, value_source(r->d, key));
	uint32_t at = key + 2, first;
	size_t n, number;

	for (unsigned i = 0; i < SHAPE_TYPES; i++) {
		if (strlen(shape_types[i]) != name.n ||
		    memcmp(shape_types[i], name.text, name.n) != 0)
			continue;
		if (place_type(r->d, at) != '[' ||
		    !place_item(r->d, at, 1, &first) ||
		    !read_count(r, at + 1, &n) ||
		    !read_count(r, first, &number))
			break;
		shape->count[i] = n;
		shape->first[i] = number;
		return;
	}
	wrong(r, key, "this isn't as infer writes it");
}

static void
read_values(struct reading *r, struct shape *shape, uint32_t e)
{
	uint32_t list;

	if (!find(r, e, "enum", '[', &list) &&
	    !find(r, e, "x-enum", '[', &list)) {
		/* Values that weren't listed are too many. */
		shape->many_values = shape->count[SHAPE_STRING] > 0 ||
		    shape->count[SHAPE_INTEGER] > 0 ||
		    shape->count[SHAPE_NUMBER] > 0;
		return;
	}
	PLACE_EACH_ITEM (r->d, list, at) {
		struct value v = value_source(r->d, at);
		bool is_string = value_is_string(v);

		if (v.kind != VALUE_NULL)
			shape_list(r->s, shape, string_decoded(&r->s->arena, v),
			    is_string);
	}
}

static void
read_format(struct reading *r, struct shape *shape, uint32_t e)
{
	struct value v;
	uint32_t at;

	if (shape->count[SHAPE_STRING] == 0)
		return;
	shape->formats = 0;
	if (!find(r, e, "format", '"', &at))
		return;
	v = string_decoded(&r->s->arena, value_source(r->d, at));
	for (unsigned i = 0; i < SHAPE_FORMATS; i++)
		if (strlen(shape_formats[i]) == v.n &&
		    memcmp(shape_formats[i], v.text, v.n) == 0)
			shape->formats = (uint8_t)(1u << i);
}

static bool
read_pair(struct reading *r, uint32_t e, const char *low, size_t *from,
    const char *high, size_t *to)
{
	uint32_t at;

	return place_get(&r->s->arena, r->d, e, low, &at) &&
	    read_count(r, at, from) &&
	    place_get(&r->s->arena, r->d, e, high, &at) &&
	    read_count(r, at, to);
}

static bool
read_numbers(struct reading *r, struct shape *shape, uint32_t e)
{
	struct value low, high;
	uint32_t at;

	if (!place_get(&r->s->arena, r->d, e, "minimum", &at))
		return false;
	low = value_source(r->d, at);
	if (!place_get(&r->s->arena, r->d, e, "maximum", &at))
		return false;
	high = value_source(r->d, at);
	if (!value_is_number(low) || !value_is_number(high))
		return false;
	shape->low = (struct shape_text){low.text, low.n, 0};
	shape->high = (struct shape_text){high.text, high.n, 0};
	return true;
}

/* Where one range is missing the place has none any more. */
static void
read_ranges(struct reading *r, struct shape *shape, uint32_t e)
{
	if (shape->count[SHAPE_INTEGER] + shape->count[SHAPE_NUMBER] > 0 &&
	    !read_numbers(r, shape, e))
		shape->no_ranges = true;
	if (shape->count[SHAPE_STRING] > 0 &&
	    !read_pair(r, e, "minLength", &shape->length_low, "maxLength",
		&shape->length_high))
		shape->no_ranges = true;
	if (shape->count[SHAPE_ARRAY] > 0 &&
	    !read_pair(r, e, "minItems", &shape->items_low, "maxItems",
		&shape->items_high))
		shape->no_ranges = true;
}

static void
read_members(struct reading *r, struct shape *shape, uint32_t e)
{
	uint32_t at;

	if (place_get(&r->s->arena, r->d, e, "x-map", &at)) {
		shape->map = true;
		shape->rest = shape_new(r->s);
		if (find(r, e, "additionalProperties", '{', &at))
			read_shape(r, shape->rest, at);
		return;
	}
	if (!find(r, e, "properties", '{', &at))
		return;
	PLACE_EACH_MEMBER (r->d, at, key) {
		struct value name =
		    string_decoded(&r->s->arena, value_source(r->d, key));
		struct shape_member *m = shape_member(r->s, shape, name);

		if (place_type(r->d, key + 2) != '{')
			wrong(r, key + 2, "expected a schema");
		else
			read_shape(r, m->shape, key + 2);
	}
	shape_settle(r->s, shape);
}

static void
read_shape(struct reading *r, struct shape *shape, uint32_t e)
{
	uint32_t at;

	if (!find(r, e, "x-seen", '{', &at)) {
		wrong(r, e, "there is no x-seen: infer didn't write it");
		return;
	}
	PLACE_EACH_MEMBER (r->d, at, key)
		read_type(r, shape, key);
	read_values(r, shape, e);
	read_format(r, shape, e);
	read_ranges(r, shape, e);
	read_members(r, shape, e);
	if (find(r, e, "items", '{', &at)) {
		shape->items = shape_new(r->s);
		read_shape(r, shape->items, at);
	}
}

const char *
shape_read(struct shapes *s, const struct doc *d, uint32_t e, uint32_t *at)
{
	struct reading r = {.s = s, .d = d};

	if (place_type(d, e) != '{')
		wrong(&r, e, "expected a schema that infer wrote");
	else
		read_shape(&r, s->root, e);
	s->events = shape_count(s->root);
	*at = r.at;
	return r.error;
}
