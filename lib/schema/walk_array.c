/*
 * Arrays.
 */
#include <string.h>

#include "schema/walk.h"

static bool
walk_items(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen, size_t *count)
{
	const struct array_rules *r = n->array;
	bool good = true;
	uint32_t i = 0;

	PLACE_EACH_ITEM (c->d, e, at) {
		const struct node *item =
		    i < r->prefix_n ? r->prefix[i] : r->rest;

		c->steps++;
		if (item != NULL)
			good &= walk(c, item, at, NULL);
		if (!good && !c->all)
			return false;
		if (item != NULL && seen != NULL)
			seen_mark(seen, i);
		i++;
	}
	*count = i;
	return good;
}

static bool
walk_contains(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen)
{
	const struct array_rules *r = n->array;
	size_t count = 0;
	uint32_t i = 0;

	PLACE_EACH_ITEM (c->d, e, at) {
		if (walk_quietly(c, r->contains, at, NULL)) {
			count++;
			if (seen != NULL && r->marks_contained)
				seen_mark(seen, i);
		}
		i++;
		if (c->failure != NULL || count > r->contains_max)
			break;
		if (seen == NULL && count >= r->contains_min &&
		    r->contains_max == SIZE_MAX)
			break;
	}
	if (count < r->contains_min)
		walk_fault(c, n, e, FAULT_FEW_CONTAINED, count, 0);
	else if (count > r->contains_max)
		walk_fault(c, n, e, FAULT_MANY_CONTAINED, count, 0);
	return count >= r->contains_min && count <= r->contains_max;
}

struct item {
	struct value v;
	uint32_t i;
};

/* Merge two sorted runs that stand beside each other. */
static void
merge(
    struct arena *a, struct item *from, struct item *to, size_t left, size_t n)
{
	size_t i = 0, k = left, out = 0;

	while (i < left && k < n)
		to[out++] = value_compare(a, from[k].v, from[i].v) < 0
		    ? from[k++]
		    : from[i++];
	memcpy(to + out, from + i, (left - i) * sizeof(*to));
	out += left - i;
	memcpy(to + out, from + k, (n - k) * sizeof(*to));
	memcpy(from, to, n * sizeof(*to));
}

/* Not qsort(), which may hold memory when the arena ends. */
static void
sort(struct arena *a, struct item *v, struct item *spare, size_t n)
{
	if (n < 2)
		return;
	sort(a, v, spare, n / 2);
	sort(a, v + n / 2, spare, n - n / 2);
	merge(a, v, spare, n / 2, n);
}

static bool
walk_unique(
    struct schema_checker *c, const struct node *n, uint32_t e, size_t count)
{
	struct item *v = arena_array(c->a, 2 * count, sizeof(*v));
	uint32_t i = 0;

	PLACE_EACH_ITEM (c->d, e, at) {
		v[i].v = value_source(c->d, at);
		if (v[i].v.kind == VALUE_ESCAPED)
			v[i].v = walk_string_at(c, at);
		v[i].i = i;
		i++;
	}
	sort(c->a, v, v + count, count);
	for (i = 1; i < count; i++) {
		if (value_compare(c->a, v[i - 1].v, v[i].v) == 0) {
			walk_fault(c, n, e, FAULT_UNIQUE, v[i - 1].i, v[i].i);
			return false;
		}
	}
	return true;
}

bool
walk_array(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen)
{
	const struct array_rules *r = n->array;
	size_t count = 0;
	bool good = walk_items(c, n, e, seen, &count);

	if (!good && !c->all)
		return false;
	if (count < r->min || count > r->max) {
		good = false;
		if (!walk_fault(c, n, e,
			count < r->min ? FAULT_MIN_ITEMS : FAULT_MAX_ITEMS,
			count, 0))
			return false;
	}
	if (r->contains != NULL)
		good &= walk_contains(c, n, e, seen);
	if (r->unique && count > 1 && (good || c->all))
		good &= walk_unique(c, n, e, count);
	return good;
}

bool
walk_unevaluated_items(struct schema_checker *c, const struct node *n,
    uint32_t e, struct seen *seen)
{
	bool good = true;
	uint32_t i = 0;

	if (seen->every)
		return true;
	PLACE_EACH_ITEM (c->d, e, at) {
		if (!seen_has(seen, i++))
			good &= walk(c, n->array->unevaluated, at, NULL);
		if (!good && !c->all)
			return false;
	}
	return good;
}
