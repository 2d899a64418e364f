/*
 * The keywords that look at a value itself, or at what is in it.
 */
#include <stdlib.h>
#include <string.h>

#include "json/layout.h"
#include "schema/compile.h"
#include "schema/ecma.h"
#include "value/number.h"
#include "value/string.h"

static const char *const type_names[] = {
    "null", "boolean", "string", "array", "object", "integer", "number"};

void
compile_begin(
    struct compiler *c, const struct node *n, const struct dialect *dialect)
{
	(void)n;
	c->dialect = dialect;
	c->number = (struct number_rules){0};
	c->string = (struct string_rules){.max = SIZE_MAX};
	c->array = (struct array_rules){
	    .max = SIZE_MAX,
	    .contains_min = 1,
	    .contains_max = SIZE_MAX,
	    .marks_contained = dialect->draft == DRAFT_2020,
	};
	c->object = (struct object_rules){.max = SIZE_MAX};
	c->has_number = c->has_string = c->has_array = c->has_object = false;
	c->exclusive_minimum = c->exclusive_maximum = false;
	c->additional_items = 0;
	c->items_listed = false;
}

static uint8_t
type_bit(struct compiler *c, const struct node *n, uint32_t e)
{
	const char *name = store_string(c->store, n->document, e);

	for (unsigned i = 0; i < 7; i++)
		if (strcmp(type_names[i], name) == 0)
			return (uint8_t)(1u << i);
	store_fail(c->store, n->document, e, "there is no type \"%s\"", name);
}

static void
compile_type(struct compiler *c, struct node *n, uint32_t e)
{
	const struct doc *d = n->document->doc;

	if (place_type(d, e) != '[') {
		n->types = type_bit(c, n, e);
		return;
	}
	PLACE_EACH_ITEM (d, e, at)
		n->types |= type_bit(c, n, at);
	if (n->types == 0)
		store_fail(c->store, n->document, e, "expected a type");
}

static const struct choices *
compile_choices(struct compiler *c, const struct node *n, uint32_t e, bool one)
{
	struct choices *k = arena_alloc(c->a, sizeof(*k));
	const struct doc *d = n->document->doc;

	*k = (struct choices){.n = one, .constant = one};
	if (!one && place_type(d, e) != '[')
		store_fail(c->store, n->document, e, "expected an array");
	if (!one)
		PLACE_EACH_ITEM (d, e, at)
			k->n++;
	k->v = arena_array(c->a, k->n, sizeof(*k->v));
	k->n = 0;
	if (one)
		k->v[k->n++] = string_decoded(c->a, value_source(d, e));
	else
		PLACE_EACH_ITEM (d, e, at)
			k->v[k->n++] =
			    string_decoded(c->a, value_source(d, at));
	return k;
}

static struct bound
read_bound(struct compiler *c, const struct node *n, uint32_t e)
{
	struct bound b = {.set = true};
	struct value v;

	b.spelled = value_source(n->document->doc, e);
	if (!value_is_number(b.spelled))
		store_fail(c->store, n->document, e, "expected a number");
	b.worth = exact_read(b.spelled.text, b.spelled.n);
	v = value_number(b.spelled);
	b.is_small = v.kind == VALUE_INT && exact_is_whole(&b.worth);
	if (b.is_small)
		b.small = v.i;
	return b;
}

/* Draft 4 has booleans that make a bound exclusive. */
static void
compile_exclusive(struct compiler *c, const struct node *n, struct bound *b,
    bool *flag, uint32_t e)
{
	char type = place_type(n->document->doc, e);

	if (c->dialect->draft > DRAFT_4) {
		*b = read_bound(c, n, e);
		return;
	}
	if (type != 't' && type != 'f')
		store_fail(c->store, n->document, e, "expected true or false");
	*flag = type == 't';
}

static void
compile_multiple(struct compiler *c, const struct node *n, uint32_t e)
{
	struct bound b = read_bound(c, n, e);

	if (b.worth.n == 0 || b.worth.negative)
		store_fail(c->store, n->document, e,
		    "multipleOf needs a number above 0");
	if (b.worth.n > EXACT_DIVISOR)
		store_fail(c->store, n->document, e,
		    "multipleOf can have %d digits at most", EXACT_DIVISOR);
	c->number.multiple = b;
}

/* A whole number that isn't negative; very large ones are as good as none. */
size_t
compile_count(struct compiler *c, const struct node *n, uint32_t e)
{
	struct value v = value_source(n->document->doc, e);
	struct exact x;
	size_t count;

	if (!value_is_number(v))
		store_fail(c->store, n->document, e,
		    "expected a whole number from 0 on");
	x = exact_read(v.text, v.n);
	if (x.negative || !exact_is_whole(&x))
		store_fail(c->store, n->document, e,
		    "expected a whole number from 0 on");
	return exact_to_size(&x, SIZE_MAX - 1, &count) ? count : SIZE_MAX - 1;
}

static bool
read_bool(struct compiler *c, const struct node *n, uint32_t e)
{
	char type = place_type(n->document->doc, e);

	if (type != 't' && type != 'f')
		store_fail(c->store, n->document, e, "expected true or false");
	return type == 't';
}

static void
keep_pattern(struct compiler *c, struct pattern *p)
{
	struct schema *s = c->schema;

	if (s->patterns_n == s->patterns_cap) {
		uint32_t cap = s->patterns_cap == 0 ? 8 : 2 * s->patterns_cap;
		struct pattern **more = arena_array(c->a, cap, sizeof(*more));

		if (s->patterns_n > 0)
			memcpy(
			    more, s->patterns, s->patterns_n * sizeof(*more));
		s->patterns = more;
		s->patterns_cap = cap;
	}
	s->patterns[s->patterns_n++] = p;
}

/* The pattern is put on the list that is freed before it has a regex. */
const struct pattern *
compile_pattern(struct compiler *c, const struct node *n, uint32_t e)
{
	struct pattern *p = arena_alloc(c->a, sizeof(*p));
	struct value v = value_source(n->document->doc, e);
	struct regex_flags flags = {0};
	struct buf out = {0};
	char why[160] = "memory is missing";
	const char *error;
	size_t at = 0;

	if (!value_is_string(v))
		store_fail(c->store, n->document, e, "expected a pattern");
	v = string_decoded(c->a, v);
	*p = (struct pattern){v.text, v.n, NULL};
	keep_pattern(c, p);
	error = ecma_translate(v.text, v.n, &out, &at);
	if (error == NULL && !buf_failed(&out))
		p->regex = regex_new(out.len == 0 ? "" : out.p, out.len, &flags,
		    why, sizeof(why));
	buf_release(&out);
	if (error != NULL)
		store_fail(c->store, n->document, e,
		    "the pattern is wrong at byte %zu: %s", at + 1, error);
	if (p->regex == NULL)
		store_fail(c->store, n->document, e,
		    "the pattern doesn't compile: %s", why);
	return p;
}

static void
compile_format(struct compiler *c, const struct node *n, uint32_t e)
{
	const char *name = store_string(c->store, n->document, e);

	if (!c->formats && (c->dialect->vocabularies & VOCABULARY_ASSERT) == 0)
		return;
	c->string.format = format_find(name);
	c->string.format_name = name;
}

static void
compile_items(struct compiler *c, const struct node *n, uint32_t e)
{
	struct node_list l;

	if (c->dialect->draft == DRAFT_2020 ||
	    place_type(n->document->doc, e) != '[') {
		c->array.rest = compile_child(c, n, e);
		return;
	}
	l = compile_list(c, n, e);
	c->array.prefix = l.node;
	c->array.prefix_n = l.n;
	c->items_listed = true;
}

static void
compile_prefix(struct compiler *c, const struct node *n, uint32_t e)
{
	struct node_list l = compile_list(c, n, e);

	c->array.prefix = l.node;
	c->array.prefix_n = l.n;
}

/* --- one keyword ------------------------------------------------------ */

static bool
compile_number(
    struct compiler *c, struct node *n, enum keyword keyword, uint32_t e)
{
	struct number_rules *r = &c->number;

	switch (keyword) {
	case KEYWORD_MULTIPLE_OF:
		compile_multiple(c, n, e);
		break;
	case KEYWORD_MINIMUM:
		r->minimum = read_bound(c, n, e);
		break;
	case KEYWORD_MAXIMUM:
		r->maximum = read_bound(c, n, e);
		break;
	case KEYWORD_EXCLUSIVE_MINIMUM:
		compile_exclusive(c, n, &r->above, &c->exclusive_minimum, e);
		break;
	case KEYWORD_EXCLUSIVE_MAXIMUM:
		compile_exclusive(c, n, &r->below, &c->exclusive_maximum, e);
		break;
	default:
		return false;
	}
	c->has_number = true;
	return true;
}

static bool
compile_string(
    struct compiler *c, struct node *n, enum keyword keyword, uint32_t e)
{
	switch (keyword) {
	case KEYWORD_MIN_LENGTH:
		c->string.min = compile_count(c, n, e);
		break;
	case KEYWORD_MAX_LENGTH:
		c->string.max = compile_count(c, n, e);
		break;
	case KEYWORD_PATTERN:
		c->string.pattern = compile_pattern(c, n, e);
		break;
	case KEYWORD_FORMAT:
		compile_format(c, n, e);
		if (c->string.format == NULL)
			return true;
		break;
	default:
		return false;
	}
	c->has_string = true;
	return true;
}

static bool
compile_array(
    struct compiler *c, struct node *n, enum keyword keyword, uint32_t e)
{
	struct array_rules *r = &c->array;

	switch (keyword) {
	case KEYWORD_PREFIX_ITEMS:
		compile_prefix(c, n, e);
		break;
	case KEYWORD_ITEMS:
		compile_items(c, n, e);
		break;
	case KEYWORD_ADDITIONAL_ITEMS:
		c->additional_items = e;
		break;
	case KEYWORD_CONTAINS:
		r->contains = compile_child(c, n, e);
		break;
	case KEYWORD_MIN_CONTAINS:
		r->contains_min = compile_count(c, n, e);
		break;
	case KEYWORD_MAX_CONTAINS:
		r->contains_max = compile_count(c, n, e);
		break;
	case KEYWORD_MIN_ITEMS:
		r->min = compile_count(c, n, e);
		break;
	case KEYWORD_MAX_ITEMS:
		r->max = compile_count(c, n, e);
		break;
	case KEYWORD_UNIQUE_ITEMS:
		r->unique = read_bool(c, n, e);
		break;
	case KEYWORD_UNEVALUATED_ITEMS:
		r->unevaluated = compile_child(c, n, e);
		break;
	default:
		return false;
	}
	c->has_array = true;
	return true;
}

void
compile_rule(
    struct compiler *c, struct node *n, enum keyword keyword, uint32_t e)
{
	if (keyword == KEYWORD_TYPE)
		compile_type(c, n, e);
	else if (keyword == KEYWORD_ENUM)
		n->choices = compile_choices(c, n, e, false);
	else if (keyword == KEYWORD_CONST)
		n->constant = compile_choices(c, n, e, true);
	else if (!compile_number(c, n, keyword, e) &&
	    !compile_string(c, n, keyword, e) &&
	    !compile_array(c, n, keyword, e))
		compile_object(c, n, keyword, e);
}

static void
make_exclusive(struct bound *b, struct bound *exclusive)
{
	*exclusive = *b;
	b->set = false;
}

static void *
keep(struct compiler *c, const void *rules, size_t size)
{
	void *p = arena_alloc(c->a, size);

	memcpy(p, rules, size);
	return p;
}

void
compile_end(struct compiler *c, struct node *n)
{
	if (c->exclusive_minimum)
		make_exclusive(&c->number.minimum, &c->number.above);
	if (c->exclusive_maximum)
		make_exclusive(&c->number.maximum, &c->number.below);
	if (c->additional_items != 0) {
		const struct node *more =
		    compile_child(c, n, c->additional_items);

		if (c->items_listed)
			c->array.rest = more;
	}
	if (c->has_object)
		compile_names(c);
	if (c->has_number)
		n->number = keep(c, &c->number, sizeof(c->number));
	if (c->has_string)
		n->string = keep(c, &c->string, sizeof(c->string));
	if (c->has_array)
		n->array = keep(c, &c->array, sizeof(c->array));
	if (c->has_object)
		n->object = keep(c, &c->object, sizeof(c->object));
}
