#include "schema/proof.h"

#include <string.h>

#include "json/layout.h"
#include "value/decimal.h"

enum {
	ALL_TYPES = 127,
	DEPTH = 200,
	STEPS = 200000,
	ISSUES = 100,
};

/* A pair that is being proved: it may be taken for true inside. */
struct compare_open {
	const struct compare_open *outer_one;
	const struct node *outer;
	const struct conjunction *inner;
};

static bool includes(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at);

const char *
compare_rule_name(enum compare_rule rule)
{
	static const char *const names[] = {
#define X(id, name) name,
	    COMPARE_RULES(X)
#undef X
	};

	return names[rule];
}

static bool
issue(struct comparison *c, enum compare_rule rule, const struct node *outer,
    const struct compare_step *at)
{
	struct compare_issue *i;

	if (c->quiet > 0 || c->issues_n >= ISSUES)
		return false;
	i = arena_alloc(c->a, sizeof(*i));
	*i = (struct compare_issue){rule, outer, at, NULL, NULL, 0, NULL};
	*c->end = i;
	c->end = &i->next;
	c->issues_n++;
	return false;
}

/* --- what a value is known to be --------------------------------------- */

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

static unsigned
types_of(const struct node *n)
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
		types &= types_of(of->node[i]);
	return types;
}

static const struct name_rule *
name_rule(const struct object_rules *o, struct value key)
{
	for (uint32_t i = 0; i < o->names_n; i++)
		if (o->name[i].key.n == key.n &&
		    memcmp(o->name[i].key.text, key.text, key.n) == 0)
			return &o->name[i];
	return NULL;
}

/* What one schema says of a member; NULL where it says nothing. */
static void
add_member(struct comparison *c, const struct object_rules *o, struct value key,
    struct conjunction *member)
{
	const struct name_rule *r = name_rule(o, key);
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
			add_member(c, of->node[i]->object, key, member);
}

static const struct node *
item_node(const struct array_rules *r, uint32_t i)
{
	return i < r->prefix_n ? r->prefix[i] : r->rest;
}

void
compare_item(const struct conjunction *of, uint32_t i, struct conjunction *item)
{
	*item = (struct conjunction){0};
	for (uint32_t k = 0; k < of->n; k++) {
		const struct array_rules *r = of->node[k]->array;
		const struct node *n = r == NULL ? NULL : item_node(r, i);

		if (n != NULL)
			compare_add(item, n);
	}
}

/* --- the same text ------------------------------------------------------ */

static bool
same_dialect(
    const struct comparison *c, const struct node *x, const struct node *y)
{
	const struct resource *r = c->outer->schema->store.resources;
	const struct resource *q = c->inner->schema->store.resources;
	struct dialect p = r[x->resource].dialect;

	return p.draft == q[y->resource].dialect.draft &&
	    p.vocabularies == q[y->resource].dialect.vocabularies;
}

/*
 * Two schemas that are spelled alike are the same, unless they refer to
 * others.  A $ref could be spelled with an escape.
 */
static bool
same_text(
    const struct comparison *c, const struct node *x, const struct node *y)
{
	const struct doc *d = x->document->doc, *f = y->document->doc;
	const char *p = d->text + d->at[x->entry];
	const char *q = f->text + f->at[y->entry];
	size_t n = (size_t)(doc_end(d, x->entry) - p);

	return n == (size_t)(doc_end(f, y->entry) - q) &&
	    memcmp(p, q, n) == 0 && memmem(p, n, "Ref\"", 4) == NULL &&
	    memmem(p, n, "ref\"", 4) == NULL &&
	    memmem(p, n, "\\u", 2) == NULL && same_dialect(c, x, y);
}

static bool
same_list(const struct comparison *c, const struct node_list *x,
    const struct node_list *y)
{
	if (x->n != y->n)
		return false;
	for (uint32_t i = 0; i < x->n; i++)
		if (!same_text(c, x->node[i], y->node[i]))
			return false;
	return true;
}

/* Is one of the schemas spelled as the outer one is? */
static bool
is_spelled(const struct comparison *c, const struct node *outer,
    const struct conjunction *inner)
{
	for (uint32_t i = 0; i < inner->n; i++)
		if (same_text(c, outer, inner->node[i]))
			return true;
	return false;
}

/* --- by type ------------------------------------------------------------ */

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

static bool
includes_number(struct comparison *c, const struct node *outer,
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
		good = issue(c, COMPARE_MINIMUM, outer, at);
	if (!high)
		good = issue(c, COMPARE_MAXIMUM, outer, at);
	if (!multiple)
		good = issue(c, COMPARE_MULTIPLE, outer, at);
	return good;
}

static bool
includes_string(struct comparison *c, const struct node *outer,
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
		good = issue(c, COMPARE_MIN_LENGTH, outer, at);
	if (!high)
		good = issue(c, COMPARE_MAX_LENGTH, outer, at);
	if (!pattern)
		good = issue(c, COMPARE_PATTERN, outer, at);
	if (!format)
		good = issue(c, COMPARE_FORMAT, outer, at);
	return good;
}

static const struct compare_step *
step(struct comparison *c, const struct compare_step *at, struct value key,
    uint32_t i, const struct conjunction *inner)
{
	struct compare_step *s = arena_alloc(c->a, sizeof(*s));
	struct conjunction *own = arena_alloc(c->a, sizeof(*own));

	*own = *inner;
	*s = (struct compare_step){at, own, key, i};
	return s;
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
		const struct node *n = item_node(r, i);
		struct conjunction item;
		const struct compare_step *s;

		if (n == NULL)
			continue;
		compare_item(inner, i, &item);
		s = step(c, at, VALUE_OF(VALUE_NULL), i, &item);
		good &= includes(c, n, s->inner, s);
		if (!good && c->quiet > 0)
			return false;
	}
	return good;
}

static bool
includes_array(struct comparison *c, const struct node *outer,
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
		good = issue(c, COMPARE_MIN_ITEMS, outer, at);
	if (!high)
		good = issue(c, COMPARE_MAX_ITEMS, outer, at);
	if (!unique)
		good = issue(c, COMPARE_UNIQUE, outer, at);
	if (r->contains != NULL)
		good = issue(c, COMPARE_CONTAINS, outer, at);
	if (r->unevaluated != NULL)
		good = issue(c, COMPARE_UNEVALUATED, outer, at);
	return includes_items(c, outer, inner, at) && good;
}

static bool
is_required(const struct conjunction *inner, struct value key)
{
	for (uint32_t i = 0; i < inner->n; i++) {
		const struct object_rules *o = inner->node[i]->object;
		const struct name_rule *r =
		    o == NULL ? NULL : name_rule(o, key);

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

	add_member(c, outer->object, key, &wanted);
	if (wanted.cut)
		return issue(c, COMPARE_LARGE, outer, at);
	compare_member(c, inner, key, &member);
	s = step(c, at, key, 0, &member);
	for (uint32_t i = 0; i < wanted.n; i++)
		good &= includes(c, wanted.node[i], s->inner, s);
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
		free = name_rule(outer->object, *key) == NULL;
		for (uint32_t i = 0; i < inner->n && free; i++) {
			const struct object_rules *o = inner->node[i]->object;

			free = o == NULL || name_rule(o, *key) == NULL;
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

static bool
is_anything(const struct node *n)
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
	     trivial = o->additional == NULL || is_anything(o->additional);
	struct value key;

	for (uint32_t i = 0; i < o->patterns_n; i++)
		trivial &= is_anything(o->pattern[i].node);
	if (trivial)
		return true;
	for (uint32_t i = 0; i < inner->n; i++) {
		const struct object_rules *in = inner->node[i]->object;

		for (uint32_t k = 0; in != NULL && k < in->names_n; k++)
			if (name_rule(o, in->name[k].key) == NULL)
				good &= includes_member(
				    c, outer, inner, in->name[k].key, at);
	}
	if (!find_other(c, outer, inner, &key))
		return issue(c, COMPARE_LARGE, outer, at);
	good &= includes_member(c, outer, inner, key, at);
	if (has_patterns(outer, inner))
		good = issue(c, COMPARE_PATTERNS, outer, at);
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
	return (low && high) || issue(c, COMPARE_MEMBERS, outer, at);
}

static bool
includes_object(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	const struct object_rules *o = outer->object;
	bool good = includes_size(c, outer, inner, at);

	for (uint32_t i = 0; i < o->names_n; i++) {
		if (o->name[i].required && !is_required(inner, o->name[i].key))
			good = issue(c, COMPARE_REQUIRED, outer, at);
		good &= includes_member(c, outer, inner, o->name[i].key, at);
		if (!good && c->quiet > 0)
			return false;
	}
	good &= includes_others(c, outer, inner, at);
	if (o->names != NULL && !is_anything(o->names))
		good = issue(c, COMPARE_NAMES, outer, at);
	if (o->dependents)
		good = issue(c, COMPARE_DEPENDENT, outer, at);
	if (o->unevaluated != NULL)
		good = issue(c, COMPARE_UNEVALUATED, outer, at);
	return good;
}

/* --- combinations ------------------------------------------------------- */

static bool
quietly(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	bool good;

	c->quiet++;
	good = includes(c, outer, inner, at);
	c->quiet--;
	return good;
}

static bool
includes_any(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	const struct node_list *l = &outer->logic->any;

	for (uint32_t i = 0; i < inner->n; i++)
		if (inner->node[i]->logic != NULL &&
		    same_list(c, l, &inner->node[i]->logic->any))
			return true;
	for (uint32_t i = 0; i < l->n; i++)
		if (quietly(c, l->node[i], inner, at))
			return true;
	return issue(c, COMPARE_ANY, outer, at);
}

static bool
includes_one(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	for (uint32_t i = 0; i < inner->n; i++)
		if (inner->node[i]->logic != NULL &&
		    same_list(
			c, &outer->logic->one, &inner->node[i]->logic->one))
			return true;
	return issue(c, COMPARE_ONE, outer, at);
}

static bool
includes_not(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	for (uint32_t i = 0; i < inner->n; i++)
		if (inner->node[i]->logic != NULL &&
		    inner->node[i]->logic->not != NULL &&
		    same_text(
			c, outer->logic->not, inner->node[i]->logic->not ))
			return true;
	return issue(c, COMPARE_NOT, outer, at);
}

static bool
includes_logic(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	const struct logic *l = outer->logic;
	bool good = true;

	if (l->ref != NULL)
		good &= includes(c, l->ref, inner, at);
	if (l->dynamic != NULL)
		good = issue(c, COMPARE_DYNAMIC, outer, at);
	for (uint32_t i = 0; i < l->all.n; i++)
		good &= includes(c, l->all.node[i], inner, at);
	if (l->any.n > 0)
		good &= includes_any(c, outer, inner, at);
	if (l->one.n > 0)
		good &= includes_one(c, outer, inner, at);
	if (l->not != NULL)
		good &= includes_not(c, outer, inner, at);
	if (l->condition != NULL && (l->then != NULL || l->otherwise != NULL))
		good = issue(c, COMPARE_IF, outer, at);
	return good;
}

/* Is the value valid?  Where that costs too much, unsure is the answer. */
static bool
walks(struct schema_checker *k, struct arena *a, const struct node *n,
    const struct doc *d, uint32_t e, bool unsure)
{
	bool good;

	walk_begin(k, a, d);
	good = walk(k, n, e, NULL);
	return k->failure != NULL ? unsure : good;
}

static const struct choices *
choices_of(const struct conjunction *inner)
{
	for (uint32_t i = 0; i < inner->n; i++) {
		if (inner->node[i]->constant != NULL)
			return inner->node[i]->constant;
		if (inner->node[i]->choices != NULL)
			return inner->node[i]->choices;
	}
	return NULL;
}

/* A value that is one of a few: each is looked at itself. */
static bool
includes_choices(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct choices *k,
    const struct compare_step *at)
{
	struct arena_deferred *release;
	struct buf *b = buf_new(c->a, &release);
	struct scan_error error;
	struct value list;

	buf_putc(b, '[');
	for (uint32_t i = 0; i < k->n; i++) {
		buf_puts(b, i > 0 ? "," : "");
		value_write(b, k->v[i]);
	}
	buf_putc(b, ']');
	if (buf_failed(b) || !value_parse(c->a, b->p, b->len, &list, &error))
		return issue(c, COMPARE_VALUES, outer, at);
	PLACE_EACH_ITEM (list.doc, list.n, e) {
		bool possible = true;

		for (uint32_t i = 0; i < inner->n && possible; i++)
			possible = walks(
			    c->inner, c->a, inner->node[i], list.doc, e, true);
		if (possible &&
		    !walks(c->outer, c->a, outer, list.doc, e, false))
			return issue(c, COMPARE_VALUES, outer, at);
	}
	return true;
}

/* What the schema asks for, without a choice between the inner's branches. */
static bool
includes_plain(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	unsigned types = compare_types(inner);
	bool good = true;

	if (outer->never)
		return issue(c, COMPARE_NEVER, outer, at);
	if ((types & ~types_of(outer)) != 0)
		good = issue(c, COMPARE_TYPE, outer, at);
	if (outer->choices != NULL || outer->constant != NULL)
		good = issue(c, COMPARE_ENUM, outer, at);
	if (outer->number != NULL &&
	    (types & (TYPE_NUMBER | TYPE_INTEGER)) != 0)
		good &= includes_number(c, outer, inner, at);
	if (outer->string != NULL && (types & TYPE_STRING) != 0)
		good &= includes_string(c, outer, inner, at);
	if (outer->array != NULL && (types & TYPE_ARRAY) != 0)
		good &= includes_array(c, outer, inner, at);
	if (outer->object != NULL && (types & TYPE_OBJECT) != 0)
		good &= includes_object(c, outer, inner, at);
	if (outer->logic != NULL)
		good &= includes_logic(c, outer, inner, at);
	return good;
}

/* An anyOf or oneOf that is still open: the value fits one branch at least. */
static const struct node_list *
find_branches(const struct conjunction *inner, uint32_t *which)
{
	for (uint32_t i = 0; i < inner->n; i++) {
		const struct logic *l = inner->node[i]->logic;

		if (l == NULL || (inner->expanded >> i & 1) != 0)
			continue;
		*which = i;
		if (l->any.n > 0)
			return &l->any;
		if (l->one.n > 0)
			return &l->one;
	}
	return NULL;
}

static bool
includes_branches(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct node_list *l, uint32_t which,
    const struct compare_step *at)
{
	bool good = true;

	for (uint32_t i = 0; i < l->n; i++) {
		struct conjunction *one = arena_alloc(c->a, sizeof(*one));
		struct compare_step *s = arena_alloc(c->a, sizeof(*s));

		*one = *inner;
		one->expanded |= 1u << which;
		compare_add(one, l->node[i]);
		*s = *at;
		s->inner = one;
		good &= includes(c, outer, one, s);
		if (!good && c->quiet > 0)
			return false;
	}
	return good;
}

static bool
is_open(const struct comparison *c, const struct node *outer,
    const struct conjunction *inner)
{
	for (const struct compare_open *o = c->open; o != NULL;
	     o = o->outer_one)
		if (o->outer == outer && o->inner->n == inner->n &&
		    o->inner->expanded == inner->expanded &&
		    memcmp(o->inner->node, inner->node,
			inner->n * sizeof(*inner->node)) == 0)
			return true;
	return false;
}

static bool
includes_within(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	const struct choices *k = choices_of(inner);
	const struct node_list *l;
	uint32_t which;
	bool good;

	if (k != NULL)
		return includes_choices(c, outer, inner, k, at);
	l = find_branches(inner, &which);
	if (l == NULL)
		return includes_plain(c, outer, inner, at);
	c->quiet++;
	good = includes_plain(c, outer, inner, at);
	c->quiet--;
	return good || includes_branches(c, outer, inner, l, which, at);
}

static bool
includes(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	struct compare_open here = {c->open, outer, inner};
	bool good;

	if (is_anything(outer) || compare_types(inner) == 0 ||
	    is_spelled(c, outer, inner) || is_open(c, outer, inner))
		return true;
	if (c->depth == DEPTH || ++c->steps > STEPS)
		return issue(c, COMPARE_LARGE, outer, at);
	c->depth++;
	c->open = &here;
	good = includes_within(c, outer, inner, at);
	c->open = here.outer_one;
	c->depth--;
	return good;
}

bool
compare_prove(struct comparison *c)
{
	struct conjunction *inner = arena_alloc(c->a, sizeof(*inner));
	const struct compare_step *root;

	c->issues = NULL;
	c->end = &c->issues;
	c->issues_n = 0;
	*inner = (struct conjunction){0};
	compare_add(inner, c->inner->schema->root);
	root = step(c, NULL, VALUE_OF(VALUE_NULL), 0, inner);
	/* What a dynamic reference means depends on the way to it. */
	if (c->inner->schema->dynamic_n > 0 || c->outer->schema->dynamic_n > 0)
		return issue(c, COMPARE_DYNAMIC, c->outer->schema->root, root);
	return includes(c, c->outer->schema->root, root->inner, root);
}
