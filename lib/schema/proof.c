#include <string.h>

#include "schema/proof_parts.h"

enum {
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

bool
proof_issue(struct comparison *c, enum compare_rule rule,
    const struct node *outer, const struct compare_step *at)
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

const struct compare_step *
proof_step(struct comparison *c, const struct compare_step *at,
    struct value key, uint32_t i, const struct conjunction *inner)
{
	struct compare_step *s = arena_alloc(c->a, sizeof(*s));
	struct conjunction *own = arena_alloc(c->a, sizeof(*own));

	*own = *inner;
	*s = (struct compare_step){at, own, key, i};
	return s;
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

/* --- combinations ------------------------------------------------------- */

static bool
quietly(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	bool good;

	c->quiet++;
	good = proof_includes(c, outer, inner, at);
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
	return proof_issue(c, COMPARE_ANY, outer, at);
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
	return proof_issue(c, COMPARE_ONE, outer, at);
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
	return proof_issue(c, COMPARE_NOT, outer, at);
}

static bool
includes_logic(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	const struct logic *l = outer->logic;
	bool good = true;

	if (l->ref != NULL)
		good &= proof_includes(c, l->ref, inner, at);
	if (l->dynamic != NULL)
		good = proof_issue(c, COMPARE_DYNAMIC, outer, at);
	for (uint32_t i = 0; i < l->all.n; i++)
		good &= proof_includes(c, l->all.node[i], inner, at);
	if (l->any.n > 0)
		good &= includes_any(c, outer, inner, at);
	if (l->one.n > 0)
		good &= includes_one(c, outer, inner, at);
	if (l->not != NULL)
		good &= includes_not(c, outer, inner, at);
	if (l->condition != NULL && (l->then != NULL || l->otherwise != NULL))
		good = proof_issue(c, COMPARE_IF, outer, at);
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
		return proof_issue(c, COMPARE_VALUES, outer, at);
	PLACE_EACH_ITEM (list.doc, list.n, e) {
		bool possible = true;

		for (uint32_t i = 0; i < inner->n && possible; i++)
			possible = walks(
			    c->inner, c->a, inner->node[i], list.doc, e, true);
		if (possible &&
		    !walks(c->outer, c->a, outer, list.doc, e, false))
			return proof_issue(c, COMPARE_VALUES, outer, at);
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
		return proof_issue(c, COMPARE_NEVER, outer, at);
	if ((types & ~compare_node_types(outer)) != 0)
		good = proof_issue(c, COMPARE_TYPE, outer, at);
	if (outer->choices != NULL || outer->constant != NULL)
		good = proof_issue(c, COMPARE_ENUM, outer, at);
	if (outer->number != NULL &&
	    (types & (TYPE_NUMBER | TYPE_INTEGER)) != 0)
		good &= proof_number(c, outer, inner, at);
	if (outer->string != NULL && (types & TYPE_STRING) != 0)
		good &= proof_string(c, outer, inner, at);
	if (outer->array != NULL && (types & TYPE_ARRAY) != 0)
		good &= proof_array(c, outer, inner, at);
	if (outer->object != NULL && (types & TYPE_OBJECT) != 0)
		good &= proof_object(c, outer, inner, at);
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
		good &= proof_includes(c, outer, one, s);
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

bool
proof_includes(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at)
{
	struct compare_open here = {c->open, outer, inner};
	bool good;

	if (proof_anything(outer) || compare_types(inner) == 0 ||
	    is_spelled(c, outer, inner) || is_open(c, outer, inner))
		return true;
	if (c->depth == DEPTH || ++c->steps > STEPS)
		return proof_issue(c, COMPARE_LARGE, outer, at);
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
	root = proof_step(c, NULL, VALUE_OF(VALUE_NULL), 0, inner);
	/* What a dynamic reference means depends on the way to it. */
	if (c->inner->schema->dynamic_n > 0 || c->outer->schema->dynamic_n > 0)
		return proof_issue(
		    c, COMPARE_DYNAMIC, c->outer->schema->root, root);
	return proof_includes(c, c->outer->schema->root, root->inner, root);
}
