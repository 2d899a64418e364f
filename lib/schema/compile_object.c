/*
 * Keywords for objects: their members, and how many there are.
 */
#include <string.h>

#include "json/layout.h"
#include "schema/compile.h"
#include "value/string.h"

/* The number of a key among those that the schema names. */
static uint32_t
name_of(struct compiler *c, const struct node *n, uint32_t e)
{
	struct object_rules *o = &c->object;
	struct value key = value_source(n->document->doc, e);
	uint32_t tag, cap;

	if (!value_is_string(key))
		store_fail(c->store, n->document, e, "expected a string");
	key = string_decoded(c->a, key);
	tag = layout_tag(key.text, key.n);
	for (uint32_t i = 0; i < o->names_n; i++)
		if (o->name[i].tag == tag && o->name[i].key.n == key.n &&
		    memcmp(o->name[i].key.text, key.text, key.n) == 0)
			return i;
	if (o->names_n == UINT16_MAX - 1)
		store_fail(c->store, n->document, e,
		    "a schema can't name more than %d members", UINT16_MAX - 1);
	if (o->names_n == o->names_cap) {
		struct name_rule *more;

		cap = o->names_cap == 0 ? 8 : 2 * o->names_cap;
		more = arena_array(c->a, cap, sizeof(*more));
		if (o->names_n > 0)
			memcpy(more, o->name, o->names_n * sizeof(*more));
		o->name = more;
		o->names_cap = cap;
	}
	o->name[o->names_n] = (struct name_rule){.key = key, .tag = tag};
	return o->names_n++;
}

static void
expect_object(struct compiler *c, const struct node *n, uint32_t e)
{
	if (place_type(n->document->doc, e) != '{')
		store_fail(c->store, n->document, e, "expected an object");
}

static void
compile_properties(struct compiler *c, const struct node *n, uint32_t e)
{
	expect_object(c, n, e);
	PLACE_EACH_MEMBER (n->document->doc, e, at) {
		uint32_t i = name_of(c, n, at);

		c->object.name[i].node = compile_child(c, n, at + 2);
	}
}

static void
compile_patterns(struct compiler *c, const struct node *n, uint32_t e)
{
	struct object_rules *o = &c->object;
	struct place_members l;

	expect_object(c, n, e);
	place_members(c->a, n->document->doc, e, &l);
	o->pattern = arena_array(c->a, l.n, sizeof(*o->pattern));
	o->patterns_n = l.n;
	for (uint32_t i = 0; i < l.n; i++) {
		uint32_t at = l.m[i].entry;

		o->pattern[i].pattern = compile_pattern(c, n, at);
		o->pattern[i].node = compile_child(c, n, at + 2);
	}
}

static void
expect_array(struct compiler *c, const struct node *n, uint32_t e)
{
	if (place_type(n->document->doc, e) != '[')
		store_fail(c->store, n->document, e,
		    "expected an array of members' names");
}

static void
compile_required(struct compiler *c, const struct node *n, uint32_t e)
{
	expect_array(c, n, e);
	PLACE_EACH_ITEM (n->document->doc, e, at) {
		uint32_t i = name_of(c, n, at);

		c->object.name[i].required = true;
	}
}

static void
compile_needs(
    struct compiler *c, const struct node *n, uint32_t name, uint32_t e)
{
	const struct doc *d = n->document->doc;
	uint32_t count = 0, *needs;

	expect_array(c, n, e);
	PLACE_EACH_ITEM (d, e, at)
		count++;
	needs = arena_array(c->a, count, sizeof(*needs));
	count = 0;
	PLACE_EACH_ITEM (d, e, at)
		needs[count++] = name_of(c, n, at);
	c->object.name[name].needs = needs;
	c->object.name[name].needs_n = count;
	c->object.dependents = true;
}

/* dependentRequired, dependentSchemas, or what was both once. */
static void
compile_dependencies(
    struct compiler *c, const struct node *n, enum keyword keyword, uint32_t e)
{
	const struct doc *d = n->document->doc;

	expect_object(c, n, e);
	PLACE_EACH_MEMBER (d, e, at) {
		uint32_t i = name_of(c, n, at);

		if (keyword == KEYWORD_DEPENDENT_REQUIRED ||
		    (keyword == KEYWORD_DEPENDENCIES &&
			place_type(d, at + 2) == '[')) {
			compile_needs(c, n, i, at + 2);
			continue;
		}
		c->object.name[i].dependent = compile_child(c, n, at + 2);
		c->object.dependents = true;
	}
}

bool
compile_object(
    struct compiler *c, struct node *n, enum keyword keyword, uint32_t e)
{
	struct object_rules *r = &c->object;

	switch (keyword) {
	case KEYWORD_PROPERTIES:
		compile_properties(c, n, e);
		break;
	case KEYWORD_PATTERN_PROPERTIES:
		compile_patterns(c, n, e);
		break;
	case KEYWORD_ADDITIONAL_PROPERTIES:
		r->additional = compile_child(c, n, e);
		break;
	case KEYWORD_PROPERTY_NAMES:
		r->names = compile_child(c, n, e);
		break;
	case KEYWORD_MIN_PROPERTIES:
		r->min = compile_count(c, n, e);
		break;
	case KEYWORD_MAX_PROPERTIES:
		r->max = compile_count(c, n, e);
		break;
	case KEYWORD_REQUIRED:
		compile_required(c, n, e);
		break;
	case KEYWORD_DEPENDENT_REQUIRED:
	case KEYWORD_DEPENDENT_SCHEMAS:
	case KEYWORD_DEPENDENCIES:
		compile_dependencies(c, n, keyword, e);
		break;
	case KEYWORD_UNEVALUATED_PROPERTIES:
		r->unevaluated = compile_child(c, n, e);
		break;
	default:
		return false;
	}
	c->has_object = true;
	return true;
}

void
compile_names(struct compiler *c)
{
	struct object_rules *o = &c->object;
	uint32_t size = 4;

	while (size < 2 * o->names_n)
		size *= 2;
	o->mask = size - 1;
	o->slot = arena_array(c->a, size, sizeof(*o->slot));
	memset(o->slot, 0, size * sizeof(*o->slot));
	for (uint32_t i = 0; i < o->names_n; i++) {
		uint32_t at = o->name[i].tag & o->mask;

		while (o->slot[at] != 0)
			at = (at + 1) & o->mask;
		o->slot[at] = (uint16_t)(i + 1);
	}
	o->hints = c->schema->hints;
	c->schema->hints += o->names_n;
	o->every = o->patterns_n > 0 || o->additional != NULL ||
	    o->names != NULL || o->min > 0 || o->max < SIZE_MAX ||
	    o->unevaluated != NULL;
}
