/*
 * Objects.  Where only the members that a schema names matter, each is
 * looked up, and the others are passed over.
 */
#include <string.h>

#include "json/layout.h"
#include "schema/walk.h"
#include "value/keys.h"
#include "value/string.h"

/* The number of a key among the names + 1; 0 where it is none of them. */
static uint32_t
find_name(const struct object_rules *o, uint32_t tag, const char *key, size_t n)
{
	for (uint32_t at = tag & o->mask; o->slot[at] != 0;
	     at = (at + 1) & o->mask) {
		const struct name_rule *r = &o->name[o->slot[at] - 1];

		if (r->tag == tag && r->key.n == n &&
		    layout_same(r->key.text, key, n))
			return o->slot[at];
	}
	return 0;
}

/*
 * The entry of a named key in an object that has a layout.  It mostly is
 * where it was in the object before.
 */
static uint32_t
find_hinted(struct schema_checker *c, const struct name_rule *r, uint32_t e,
    uint8_t *hint)
{
	const struct keys *k = c->d->keys;
	const struct layout *l = k->layout;
	struct found_key found;

	/* Beside the key there are two quotes and a colon. */
	if (*hint < l->n && l->size[*hint] == r->key.n + 3 &&
	    layout_same(r->key.text, l->text + l->at[*hint] + 1, r->key.n) &&
	    k->entry[*hint] != c->d->hidden)
		return k->entry[*hint];
	found = keys_find(c->a, c->d, e, r->key);
	for (uint32_t i = 0; found.entry != 0 && i < k->n; i++)
		if (k->entry[i] == found.entry)
			*hint = (uint8_t)i;
	return found.entry;
}

/* The entries of named keys in the object that the doc knows the keys of. */
static void
find_indexed(struct schema_checker *c, const struct object_rules *o, uint32_t e,
    uint32_t *found)
{
	const struct layout *l = c->d->keys->layout;
	uint8_t *hint = c->hints + o->hints;

	for (uint32_t i = 0; i < o->names_n; i++)
		found[i] = l != NULL && l->different
		    ? find_hinted(c, &o->name[i], e, &hint[i])
		    : keys_find(c->a, c->d, e, o->name[i].key).entry;
}

/* The keys' entries of the members that are named, 0 for those not there. */
static uint32_t *
find_named(struct schema_checker *c, const struct object_rules *o, uint32_t e)
{
	uint32_t *found = arena_array(c->a, o->names_n + 1, sizeof(*found));
	const struct doc *d = c->d;

	if (d->keys != NULL && d->keys_of == e) {
		find_indexed(c, o, e, found);
		return found;
	}
	memset(found, 0, o->names_n * sizeof(*found));
	PLACE_EACH_MEMBER (d, e, at) {
		struct value key = value_source(d, at);
		uint32_t i;

		c->steps++;
		if (layout_has_escapes(key.text, key.n))
			key = string_decoded(c->a, key);
		i = find_name(o, layout_tag(key.text, key.n), key.text, key.n);
		if (i != 0 && at != d->hidden)
			found[i - 1] = at; /* the last one counts */
	}
	return found;
}

static bool
walk_needs(struct schema_checker *c, const struct node *n, uint32_t e,
    uint32_t i, const uint32_t *found)
{
	const struct name_rule *r = &n->object->name[i];
	bool good = true;

	for (uint32_t k = 0; k < r->needs_n; k++) {
		if (found[r->needs[k]] != 0)
			continue;
		good = false;
		if (!walk_fault(c, n, e, FAULT_NEEDS, i, r->needs[k]))
			return false;
	}
	return good;
}

static bool
walk_dependents(struct schema_checker *c, const struct node *n, uint32_t e,
    const uint32_t *found, struct seen *seen)
{
	const struct object_rules *o = n->object;
	bool good = true;

	for (uint32_t i = 0; i < o->names_n; i++) {
		if (found[i] == 0)
			continue;
		good &= walk_needs(c, n, e, i, found);
		if (!good && !c->all)
			return false;
		if (o->name[i].dependent != NULL)
			good &= walk(c, o->name[i].dependent, e, seen);
		if (!good && !c->all)
			return false;
	}
	return good;
}

static bool
walk_required(struct schema_checker *c, const struct node *n, uint32_t e,
    const uint32_t *found)
{
	const struct object_rules *o = n->object;
	bool good = true;

	for (uint32_t i = 0; i < o->names_n; i++) {
		if (found[i] != 0 || !o->name[i].required)
			continue;
		good = false;
		if (!walk_fault(c, n, e, FAULT_REQUIRED, i, 0))
			return false;
	}
	return good;
}

static bool
walk_named(struct schema_checker *c, const struct node *n, uint32_t e)
{
	const struct object_rules *o = n->object;
	const uint32_t *found = find_named(c, o, e);
	bool good = walk_required(c, n, e, found);

	for (uint32_t i = 0; i < o->names_n; i++) {
		if (!good && !c->all)
			return false;
		if (found[i] != 0 && o->name[i].node != NULL)
			good &= walk(c, o->name[i].node, found[i] + 2, NULL);
	}
	if (!o->dependents || (!good && !c->all))
		return good;
	return walk_dependents(c, n, e, found, NULL) && good;
}

/* propertyNames: what is wrong is told below a fault of the key. */
static bool
walk_key(struct schema_checker *c, const struct node *n, uint32_t at)
{
	const struct node *names = n->object->names;
	struct fault_list below = {.end = &below.first}, *faults = c->faults;
	bool good;

	if (faults != NULL)
		c->faults = &below;
	good = walk(c, names, at, NULL);
	c->faults = faults;
	if (!good)
		walk_fault_below(c, n, at, FAULT_NAME, 0, &below);
	return good;
}

/* The patterns that a key matches; *any is set where there is one. */
static bool
walk_patterns(struct schema_checker *c, const struct node *n,
    const struct place_member *m, bool *any)
{
	const struct object_rules *o = n->object;
	bool good = true;

	for (uint32_t i = 0; i < o->patterns_n; i++) {
		if (!walk_matches(c, o->pattern[i].pattern, m->key))
			continue;
		*any = true;
		good &= walk(c, o->pattern[i].node, m->entry + 2, NULL);
		if (!good && !c->all)
			return false;
	}
	return good;
}

static bool
walk_member(struct schema_checker *c, const struct node *n,
    const struct place_member *m, uint32_t name, struct seen *seen)
{
	const struct object_rules *o = n->object;
	bool good = true, any = false;

	if (name != 0 && o->name[name - 1].node != NULL) {
		any = true;
		good = walk(c, o->name[name - 1].node, m->entry + 2, NULL);
	}
	if (good || c->all)
		good &= walk_patterns(c, n, m, &any);
	if (!any && o->additional != NULL) {
		any = true;
		good &= walk(c, o->additional, m->entry + 2, NULL);
	}
	if (o->names != NULL && (good || c->all))
		good &= walk_key(c, n, m->entry);
	if (any && seen != NULL)
		seen_mark(seen, m->ordinal);
	return good;
}

static bool
walk_size(
    struct schema_checker *c, const struct node *n, uint32_t e, uint32_t size)
{
	const struct object_rules *o = n->object;

	if (size < o->min)
		walk_fault(c, n, e, FAULT_MIN_PROPERTIES, size, 0);
	else if (size > o->max)
		walk_fault(c, n, e, FAULT_MAX_PROPERTIES, size, 0);
	return size >= o->min && size <= o->max;
}

static bool
walk_listed(struct schema_checker *c, const struct node *n, uint32_t e,
    const struct place_members *l, struct seen *seen)
{
	const struct object_rules *o = n->object;
	uint32_t *found = arena_array(c->a, o->names_n + 1, sizeof(*found));
	bool good = walk_size(c, n, e, l->n);

	memset(found, 0, o->names_n * sizeof(*found));
	c->steps += l->all;
	for (uint32_t i = 0; i < l->n; i++) {
		const struct place_member *m = &l->m[i];
		uint32_t name;

		if (!good && !c->all)
			return false;
		name = find_name(o, m->tag, m->key.text, m->key.n);
		if (name != 0)
			found[name - 1] = m->entry;
		good &= walk_member(c, n, m, name, seen);
	}
	if (good || c->all)
		good &= walk_required(c, n, e, found);
	if (!o->dependents || (!good && !c->all))
		return good;
	return walk_dependents(c, n, e, found, seen) && good;
}

static bool
walk_every(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen)
{
	struct place_members l;

	if (seen != NULL)
		return walk_listed(c, n, e, seen->members, seen);
	place_members(c->a, c->d, e, &l);
	return walk_listed(c, n, e, &l, NULL);
}

bool
walk_object(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen)
{
	if (n->object->every || seen != NULL)
		return walk_every(c, n, e, seen);
	return walk_named(c, n, e);
}

bool
walk_unevaluated_members(struct schema_checker *c, const struct node *n,
    uint32_t e, struct seen *seen)
{
	const struct place_members *l = seen->members;
	bool good = true;

	(void)e;
	for (uint32_t i = 0; i < l->n && !seen->every; i++) {
		if (seen_has(seen, l->m[i].ordinal))
			continue;
		good &=
		    walk(c, n->object->unevaluated, l->m[i].entry + 2, NULL);
		if (!good && !c->all)
			return false;
	}
	return good;
}
