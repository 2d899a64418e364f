/*
 * Proofs by the type of the value: numbers, strings, arrays, objects.
 */
#include <string.h>

#include "schema/proof_parts.h"
#include "value/decimal.h"

static int
compare_bounds(const struct bound *x, const struct bound *y)
{
	return decimal_compare(
	    x->spelled.text, x->spelled.n, y->spelled.text, y->spelled.n);
}

static bool
holds_low(const struct number_rules *r, const struct number_rules *in)
{
	bool good = true;

	if (r->minimum.set)
		good = (in->minimum.set &&
			   compare_bounds(&in->minimum, &r->minimum) >= 0) ||
		    (in->above.set &&
			compare_bounds(&in->above, &r->minimum) >= 0);
	if (good && r->above.set)
		good = (in->minimum.set &&
			   compare_bounds(&in->minimum, &r->above) > 0) ||
		    (in->above.set &&
			compare_bounds(&in->above, &r->above) >= 0);
	return good;
}

static bool
holds_high(const struct number_rules *r, const struct number_rules *in)
{
	bool good = true;

	if (r->maximum.set)
		good = (in->maximum.set &&
			   compare_bounds(&in->maximum, &r->maximum) <= 0) ||
		    (in->below.set &&
			compare_bounds(&in->below, &r->maximum) <= 0);
	if (good && r->below.set)
		good = (in->maximum.set &&
			   compare_bounds(&in->maximum, &r->below) < 0) ||
		    (in->below.set &&
			compare_bounds(&in->below, &r->below) <= 0);
	return good;
}

bool
proof_number(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	const struct number_rules *r = outer->number;
	bool low = !r->minimum.set && !r->above.set;
	bool high = !r->maximum.set && !r->below.set;
	bool multiple = !r->multiple.set, good = true;

	for (uint32_t i = 0; i < inner->n; i++) {
		const struct number_rules *in = inner->node[i]->number;

		if (in == NULL)
			continue;
		low |= holds_low(r, in);
		high |= holds_high(r, in);
		if (r->multiple.set && in->multiple.set)
			multiple |= exact_is_multiple(
			    &in->multiple.worth, &r->multiple.worth);
	}
	if (r->multiple.set && r->multiple.is_small && r->multiple.small == 1)
		multiple |= (compare_types(inner) & TYPE_NUMBER) == 0;
	if (!low)
		good = proof_issue(c, COMPARE_MINIMUM, outer, at);
	if (!high)
		good = proof_issue(c, COMPARE_MAXIMUM, outer, at);
	if (!multiple)
		good = proof_issue(c, COMPARE_MULTIPLE, outer, at);
	return good;
}

bool
proof_string(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	const struct string_rules *r = outer->string;
	bool low = r->min == 0, high = r->max == SIZE_MAX;
	bool pattern = r->pattern == NULL, format = r->format == NULL;
	bool good = true;

	for (uint32_t i = 0; i < inner->n; i++) {
		const struct string_rules *in = inner->node[i]->string;

		if (in == NULL)
			continue;
		low |= in->min >= r->min;
		high |= in->max <= r->max;
		pattern |= in->pattern != NULL && r->pattern != NULL &&
		    in->pattern->len == r->pattern->len &&
		    memcmp(in->pattern->text, r->pattern->text,
			r->pattern->len) == 0;
		format |= in->format == r->format;
	}
	if (!low)
		good = proof_issue(c, COMPARE_MIN_LENGTH, outer, at);
	if (!high)
		good = proof_issue(c, COMPARE_MAX_LENGTH, outer, at);
	if (!pattern)
		good = proof_issue(c, COMPARE_PATTERN, outer, at);
	if (!format)
		good = proof_issue(c, COMPARE_FORMAT, outer, at);
	return good;
}

static bool
includes_items(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	const struct array_rules *r = outer->array;
	uint32_t last = r->prefix_n;
	size_t most = SIZE_MAX;
	bool good = true;

	for (uint32_t i = 0; i < inner->n; i++) {
		const struct array_rules *in = inner->node[i]->array;

		if (in == NULL)
			continue;
		if (in->prefix_n > last)
			last = in->prefix_n;
		if (in->max < most)
			most = in->max;
	}
	/* The last one stands for all that follow. */
	for (uint32_t i = 0; i <= last && i < most; i++) {
		const struct node *n = compare_item_node(r, i);
		struct conjunction item;
		const struct compare_step *s;

		if (n == NULL)
			continue;
		compare_item(inner, i, &item);
		s = proof_step(c, at, VALUE_OF(VALUE_NULL), i, &item);
		good &= proof_includes(c, n, s->inner, s);
		if (!good && c->quiet > 0)
			return false;
	}
	return good;
}

bool
proof_array(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	const struct array_rules *r = outer->array;
	bool low = r->min == 0, high = r->max == SIZE_MAX;
	bool unique = !r->unique, good = true;

	for (uint32_t i = 0; i < inner->n; i++) {
		const struct array_rules *in = inner->node[i]->array;

		if (in == NULL)
			continue;
		low |= in->min >= r->min;
		high |= in->max <= r->max;
		unique |= in->unique || in->max <= 1;
	}
	if (!low)
		good = proof_issue(c, COMPARE_MIN_ITEMS, outer, at);
	if (!high)
		good = proof_issue(c, COMPARE_MAX_ITEMS, outer, at);
	if (!unique)
		good = proof_issue(c, COMPARE_UNIQUE, outer, at);
	if (r->contains != NULL)
		good = proof_issue(c, COMPARE_CONTAINS, outer, at);
	if (r->unevaluated != NULL)
		good = proof_issue(c, COMPARE_UNEVALUATED, outer, at);
	return includes_items(c, outer, inner, at) && good;
}

static bool
is_required(const struct conjunction *inner, struct value key)
{
	for (uint32_t i = 0; i < inner->n; i++) {
		const struct object_rules *o = inner->node[i]->object;
		const struct name_rule *r =
		    o == NULL ? NULL : compare_name_rule(o, key);

		if (r != NULL && r->required)
			return true;
	}
	return false;
}

static bool
includes_member(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, struct value key,
    const struct compare_step *at)
{
	struct conjunction wanted = {0}, member;
	const struct compare_step *s;
	bool good = true;

	compare_add_member(c, outer->object, key, &wanted);
	if (wanted.cut)
		return proof_issue(c, COMPARE_LARGE, outer, at);
	compare_member(c, inner, key, &member);
	s = proof_step(c, at, key, 0, &member);
	for (uint32_t i = 0; i < wanted.n; i++)
		good &= proof_includes(c, wanted.node[i], s->inner, s);
	return good;
}

/* A key that neither side names, so that it stands for all of them. */
static bool
find_other(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, struct value *key)
{
	static const char *const keys[] = {
	    "other", "another", "xyzzy", "0", "~", ""};

	for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
		bool free = true;

		*key = value_cstring(keys[k]);
		free = compare_name_rule(outer->object, *key) == NULL;
		for (uint32_t i = 0; i < inner->n && free; i++) {
			const struct object_rules *o = inner->node[i]->object;

			free = o == NULL || compare_name_rule(o, *key) == NULL;
		}
		if (free)
			return true;
	}
	(void)c;
	return false;
}

/* Does any of them have patterns?  Then one key doesn't stand for all. */
static bool
has_patterns(const struct node *outer, const struct conjunction *inner)
{
	if (outer->object->patterns_n > 0)
		return true;
	for (uint32_t i = 0; i < inner->n; i++)
		if (inner->node[i]->object != NULL &&
		    inner->node[i]->object->patterns_n > 0)
			return true;
	return false;
}

bool
proof_anything(const struct node *n)
{
	return n->types == 0 && !n->never && n->choices == NULL &&
	    n->constant == NULL && n->number == NULL && n->string == NULL &&
	    n->array == NULL && n->object == NULL && n->logic == NULL;
}

/* Members that the outer schema doesn't name. */
static bool
includes_others(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	const struct object_rules *o = outer->object;
	bool good = true,
	     trivial = o->additional == NULL || proof_anything(o->additional);
	struct value key;

	for (uint32_t i = 0; i < o->patterns_n; i++)
		trivial &= proof_anything(o->pattern[i].node);
	if (trivial)
		return true;
	for (uint32_t i = 0; i < inner->n; i++) {
		const struct object_rules *in = inner->node[i]->object;

		for (uint32_t k = 0; in != NULL && k < in->names_n; k++)
			if (compare_name_rule(o, in->name[k].key) == NULL)
				good &= includes_member(
				    c, outer, inner, in->name[k].key, at);
	}
	if (!find_other(c, outer, inner, &key))
		return proof_issue(c, COMPARE_LARGE, outer, at);
	good &= includes_member(c, outer, inner, key, at);
	if (has_patterns(outer, inner))
		good = proof_issue(c, COMPARE_PATTERNS, outer, at);
	return good;
}

static bool
includes_size(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	const struct object_rules *o = outer->object;
	bool low = o->min == 0, high = o->max == SIZE_MAX;

	for (uint32_t i = 0; i < inner->n; i++) {
		const struct object_rules *in = inner->node[i]->object;

		low |= in != NULL && in->min >= o->min;
		high |= in != NULL && in->max <= o->max;
	}
	return (low && high) || proof_issue(c, COMPARE_MEMBERS, outer, at);
}

bool
proof_object(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	const struct object_rules *o = outer->object;
	bool good = includes_size(c, outer, inner, at);

	for (uint32_t i = 0; i < o->names_n; i++) {
		if (o->name[i].required && !is_required(inner, o->name[i].key))
			good = proof_issue(c, COMPARE_REQUIRED, outer, at);
		good &= includes_member(c, outer, inner, o->name[i].key, at);
		if (!good && c->quiet > 0)
			return false;
	}
	good &= includes_others(c, outer, inner, at);
	if (o->names != NULL && !proof_anything(o->names))
		good = proof_issue(c, COMPARE_NAMES, outer, at);
	if (o->dependents)
		good = proof_issue(c, COMPARE_DEPENDENT, outer, at);
	if (o->unevaluated != NULL)
		good = proof_issue(c, COMPARE_UNEVALUATED, outer, at);
	return good;
}
