/*
 * What a value is known to be where several schemas hold for it at once.
 */
#include <string.h>

#include "schema/proof_parts.h"

enum { ALL_TYPES = 127 };

void
compare_add(struct conjunction *into, const struct node *n)
{
	const struct logic *l = n->logic;

	for (uint32_t i = 0; i < into->n; i++)
		if (into->node[i] == n)
			return;
	if (into->n == COMPARE_NODES) {
		into->cut = true;
		return;
	}
	into->node[into->n++] = n;
	if (l == NULL)
		return;
	if (l->ref != NULL)
		compare_add(into, l->ref);
	for (uint32_t i = 0; i < l->all.n; i++)
		compare_add(into, l->all.node[i]);
}

unsigned
compare_node_types(const struct node *n)
{
	unsigned types = n->types == 0 ? ALL_TYPES : n->types;

	return n->never                  ? 0
	    : (types & TYPE_NUMBER) != 0 ? types | TYPE_INTEGER
					 : types;
}

unsigned
compare_types(const struct conjunction *of)
{
	unsigned types = ALL_TYPES;

	for (uint32_t i = 0; i < of->n; i++)
		types &= compare_node_types(of->node[i]);
	return types;
}

const struct name_rule *
compare_name_rule(const struct object_rules *o, struct value key)
{
	for (uint32_t i = 0; i < o->names_n; i++)
		if (o->name[i].key.n == key.n &&
		    memcmp(o->name[i].key.text, key.text, key.n) == 0)
			return &o->name[i];
	return NULL;
}

void
compare_add_member(struct comparison *c, const struct object_rules *o,
    struct value key, struct conjunction *member)
{
	const struct name_rule *r = compare_name_rule(o, key);
	bool any = false;

	if (r != NULL && r->node != NULL) {
		any = true;
		compare_add(member, r->node);
	}
	for (uint32_t i = 0; i < o->patterns_n; i++) {
		if (!walk_matches(c->inner, o->pattern[i].pattern, key))
			continue;
		any = true;
		compare_add(member, o->pattern[i].node);
	}
	if (!any && o->additional != NULL)
		compare_add(member, o->additional);
}

void
compare_member(struct comparison *c, const struct conjunction *of,
    struct value key, struct conjunction *member)
{
	*member = (struct conjunction){0};
	for (uint32_t i = 0; i < of->n; i++)
		if (of->node[i]->object != NULL)
			compare_add_member(c, of->node[i]->object, key, member);
}

const struct node *
compare_item_node(const struct array_rules *r, uint32_t i)
{
	return i < r->prefix_n ? r->prefix[i] : r->rest;
}

void
compare_item(const struct conjunction *of, uint32_t i, struct conjunction *item)
{
	*item = (struct conjunction){0};
	for (uint32_t k = 0; k < of->n; k++) {
		const struct array_rules *r = of->node[k]->array;
		const struct node *n =
		    r == NULL ? NULL : compare_item_node(r, i);

		if (n != NULL)
			compare_add(item, n);
	}
}
