/*
 * Schemas for the same value: references, allOf, anyOf, oneOf, not, if.
 */
#include "schema/walk.h"

/* A branch whose marks count only where it fits. */
static bool
walk_branch(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen)
{
	struct seen own;

	if (seen == NULL)
		return walk_quietly(c, n, e, NULL);
	seen_again(c, &own, seen);
	if (!walk_quietly(c, n, e, &own))
		return false;
	seen_merge(seen, &own);
	return true;
}

/* Tell what is missing to the branch that comes nearest. */
static bool
tell_nearest(struct schema_checker *c, const struct node *n, uint32_t e,
    const struct node_list *l, enum fault_kind kind)
{
	struct fault_list *faults = c->faults, best = {0};
	size_t nearest = 0;
	bool all = c->all;

	if (faults == NULL)
		return false;
	for (uint32_t i = 0; i < l->n; i++) {
		struct fault_list *own = arena_alloc(c->a, sizeof(*own));

		*own = (struct fault_list){.end = &own->first};
		c->faults = own;
		c->all = true;
		walk(c, l->node[i], e, NULL);
		if (i == 0 || own->weight < best.weight) {
			best = *own;
			nearest = i;
		}
	}
	c->faults = faults;
	c->all = all;
	walk_fault_below(c, n, e, kind, nearest, &best);
	return false;
}

static bool
walk_any(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen)
{
	const struct node_list *l = &n->logic->any;
	bool any = false;

	for (uint32_t i = 0; i < l->n && (!any || seen != NULL); i++)
		any |= walk_branch(c, l->node[i], e, seen);
	return any || tell_nearest(c, n, e, l, FAULT_ANY);
}

static bool
walk_one(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen)
{
	const struct node_list *l = &n->logic->one;
	uint32_t fits = l->n;

	for (uint32_t i = 0; i < l->n; i++) {
		if (!walk_branch(c, l->node[i], e, seen))
			continue;
		if (fits < l->n) {
			walk_fault(c, n, e, FAULT_SEVERAL, fits, i);
			return false;
		}
		fits = i;
	}
	return fits < l->n || tell_nearest(c, n, e, l, FAULT_ONE);
}

static bool
walk_all(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen)
{
	const struct node_list *l = &n->logic->all;
	bool good = true;

	for (uint32_t i = 0; i < l->n && (good || c->all); i++)
		good &= walk(c, l->node[i], e, seen);
	return good;
}

static bool
walk_condition(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen)
{
	const struct logic *l = n->logic;
	const struct node *next =
	    walk_branch(c, l->condition, e, seen) ? l->then : l->otherwise;

	return next == NULL || walk(c, next, e, seen);
}

/* The outermost resource that has the anchor decides. */
static const struct node *
find_dynamic(const struct schema_checker *c, const struct logic *l)
{
	const struct node *found = l->dynamic;
	const struct node **by_resource;

	if (l->dynamic_name == 0)
		return found;
	by_resource = c->schema->dynamic_node[l->dynamic_name - 1];
	for (const struct scope *s = c->scope; s != NULL; s = s->outer)
		if (by_resource[s->resource] != NULL)
			found = by_resource[s->resource];
	return found;
}

static bool
walk_references(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen)
{
	const struct logic *l = n->logic;
	bool good = true;

	if (l->ref != NULL)
		good &= walk(c, l->ref, e, seen);
	if (l->dynamic != NULL && (good || c->all))
		good &= walk(c, find_dynamic(c, l), e, seen);
	return good;
}

bool
walk_logic(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen)
{
	const struct logic *l = n->logic;
	bool good = walk_references(c, n, e, seen);

	if (l->all.n > 0 && (good || c->all))
		good &= walk_all(c, n, e, seen);
	if (l->any.n > 0 && (good || c->all))
		good &= walk_any(c, n, e, seen);
	if (l->one.n > 0 && (good || c->all))
		good &= walk_one(c, n, e, seen);
	if (l->not != NULL && (good || c->all) &&
	    walk_quietly(c, l->not, e, NULL)) {
		good = false;
		walk_fault(c, n, e, FAULT_NOT, 0, 0);
	}
	if (l->condition != NULL && (good || c->all))
		good &= walk_condition(c, n, e, seen);
	return good;
}
