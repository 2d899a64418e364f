/*
 * Forms that combine the outputs of several expressions: operators, strings
 * and constructors, and calls of builtins.
 */
#include "lang/run/run.h"
#include "value/object.h"
#include "value/string.h"

struct factor {
	struct sink sink;
	struct product *p;
	size_t i;
};

static bool product_from(struct product *p, size_t i);

static bool
take_factor(struct sink *k, struct value v, struct path *path)
{
	struct factor *f = (struct factor *)k;

	(void)path;
	f->p->values[f->i] = value_share(v);
	return product_from(f->p, f->i + 1);
}

static bool
product_from(struct product *p, size_t i)
{
	struct factor f = {{take_factor}, p, i};

	for (; i < p->n; i++) {
		if (p->nodes[i]->traits & TRAIT_SINGLE) {
			if (!eval_single(p->m, p->nodes[i], p->env,
				value_share(p->in), &p->values[i]))
				return false;
			continue;
		}
		f.i = i;
		return eval(p->m, p->nodes[i], p->env, value_share(p->in), NULL,
		    &f.sink);
	}
	return p->done(p);
}

bool
product_run(struct product *p)
{
	return product_from(p, 0);
}

static bool
combine_arith(struct product *p)
{
	struct combine *c = (struct combine *)p;
	struct value out;

	if (!arith_apply(p->m, c->n->op, p->values[1], p->values[0], &out))
		return false;
	return c->k->put(c->k, out, c->path);
}

static bool
text_of(struct machine *m, const struct node *n, uint32_t i, struct value v,
    struct value *out)
{
	if (n->items[i]->op == OP_LITERAL &&
	    n->items[i]->variant == LITERAL_TEXT)
		*out = v;
	else if (n->format != NULL)
		return n->format->fn(m, v, NULL, out);
	else
		*out = value_is_string(v) ? v : machine_json(m, v);
	return true;
}

/* The pieces come last first. */
bool
combine_join(struct machine *m, const struct node *n,
    const struct value *pieces, struct value *out)
{
	struct value s = value_text("", 0), piece;

	for (uint32_t i = 0; i < n->items_n; i++) {
		if (!text_of(m, n, i, pieces[n->items_n - 1 - i], &piece))
			return false;
		s = string_append(m->arena, s, piece);
	}
	s.flags &= (uint8_t)~VALUE_SOURCE;
	*out = string_decoded(m->arena, s);
	return true;
}

static bool
combine_string(struct product *p)
{
	struct combine *c = (struct combine *)p;
	struct value out;

	return combine_join(p->m, c->n, p->values, &out) &&
	    c->k->put(c->k, out, c->path);
}

bool
combine_make_object(struct machine *m, const struct node *n,
    const struct value *items, struct value *out)
{
	struct value o = object_new(m->arena, n->items_n / 2), at;

	for (uint32_t i = 0; i < n->items_n; i += 2) {
		if (n->variant == OBJECT_DIFFERENT) {
			o = object_add(m->arena, o, items[i], items[i + 1]);
			continue;
		}
		if (!value_is_string(items[i]))
			return machine_fail(m,
			    "Cannot use %s (%s) as object key",
			    value_type(items[i]), machine_show(m, items[i]));
		at = items[i + 1];
		if (n->items[i + 1]->op == OP_IDENTITY &&
		    n->items[i + 1]->variant == IDENTITY_AT_KEY &&
		    !path_index(m, at, items[i], &at))
			return false;
		o = object_set(m->arena, o, items[i], at);
	}
	*out = o;
	return true;
}

static bool
combine_object(struct product *p)
{
	struct combine *c = (struct combine *)p;
	struct value out;

	return combine_make_object(p->m, c->n, p->values, &out) &&
	    c->k->put(c->k, out, c->path);
}

static bool
combine_builtin(struct product *p)
{
	struct combine *c = (struct combine *)p;
	struct value args[8], out;

	for (size_t i = 0; i < p->n; i++)
		args[i] = p->values[p->n - 1 - i];
	if (!c->n->builtin->fn(p->m, value_share(p->in), args, &out))
		return false;
	return c->k->put(c->k, out, c->path);
}

bool
eval_product(struct run *r, const struct node *const *nodes, size_t n,
    bool (*done)(struct product *))
{
	struct combine c = {
	    {r->m, r->env, r->in, n, nodes,
		arena_array(r->m->arena, n, sizeof(struct value)), done},
	    r->n, r->k, r->path};

	return product_run(&c.product);
}

static const struct node *const *
reversed(struct machine *m, const struct node *n)
{
	const struct node **to = arena_array(m->arena, n->items_n, sizeof(*to));

	for (uint32_t i = 0; i < n->items_n; i++)
		to[i] = n->items[n->items_n - 1 - i];
	return to;
}

bool
eval_operator(struct run *r)
{
	const struct node *sides[2] = {r->n->binary.right, r->n->binary.left};

	return eval_product(r, sides, 2, combine_arith);
}

bool
eval_string(struct run *r)
{
	return eval_product(
	    r, reversed(r->m, r->n), r->n->items_n, combine_string);
}

bool
eval_builtin(struct run *r)
{
	return eval_product(
	    r, reversed(r->m, r->n), r->n->items_n, combine_builtin);
}

bool
eval_object(struct run *r)
{
	return eval_product(r, (const struct node *const *)r->n->items,
	    r->n->items_n, combine_object);
}

static bool
combine_negate(struct product *p)
{
	struct combine *c = (struct combine *)p;
	struct value out;

	return arith_negate(p->m, p->values[0], &out) &&
	    c->k->put(c->k, out, c->path);
}

bool
eval_negate(struct run *r)
{
	const struct node *of[1] = {r->n->unary.of};

	return eval_product(r, of, 1, combine_negate);
}

/* and, or: the right side only where the left doesn't decide. */
struct logic {
	struct sink sink;
	struct run *r;
	bool left;
};

static bool
take_right(struct sink *k, struct value v, struct path *path)
{
	struct logic *l = (struct logic *)k;

	(void)path;
	return l->r->k->put(l->r->k, value_bool(value_is_true(v)), l->r->path);
}

static bool
take_left(struct sink *k, struct value v, struct path *path)
{
	struct logic *l = (struct logic *)k;
	struct logic right = {{take_right}, l->r, false};
	bool decided = value_is_true(v) == (l->r->n->op == OP_OR);

	(void)path;
	if (decided)
		return l->r->k->put(
		    l->r->k, value_bool(value_is_true(v)), l->r->path);
	return eval(l->r->m, l->r->n->binary.right, l->r->env,
	    value_share(l->r->in), NULL, &right.sink);
}

bool
eval_logic(struct run *r)
{
	struct logic l = {{take_left}, r, false};

	return eval(
	    r->m, r->n->binary.left, r->env, value_share(r->in), NULL, &l.sink);
}
