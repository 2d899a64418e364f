/*
 * explain: variables, loops and calls.
 */

#include "lang/run/builtin.h"
#include "lang/run/eval.h"
#include "lang/explain/explaining.h"

static const struct shape *
pattern_slot(struct explain *x, const struct pattern *t, uint32_t slot,
    const struct shape *v, struct term *env, const struct shape *in)
{
	const struct shape *s = NULL, *part;

	if (t == NULL)
		return NULL;
	if (t->kind == PATTERN_VAR)
		return t->slot == slot ? v : NULL;
	for (uint32_t i = 0; i < t->n; i++) {
		struct value key = value_int(i);

		part = NULL;
		if (t->kind == PATTERN_ARRAY) {
			part = shape_get(x->a, v, &key);
		} else if (t->keys[i] != NULL) {
			const struct shape *k =
			    explain_look(x, t->keys[i], env, in);

			if (k == NULL)
				continue;
			part = shape_get(x->a, v, k->constant);
			part = shape_decided(
			    x->a, part, explain_all_of(x, explain_use(x, k)));
		} else {
			const struct pattern *var = t->vars[i];

			key = value_text(var->name, var->name_len);
			part = shape_get(x->a, v, &key);
		}
		s = shape_join(
		    x->a, s, pattern_slot(x, t->items[i], slot, part, env, in));
		s = shape_join(
		    x->a, s, pattern_slot(x, t->vars[i], slot, part, env, in));
	}
	return s;
}

/* The environment with what n's patterns bind, tried in turn. */
static struct term *
bind(struct explain *x, const struct node *n, struct term *env,
    const struct shape *v, const struct shape *in)
{
	const struct shape *null =
	    explain_constant(x, VALUE_OF(VALUE_NULL), in);
	struct term *inner = env;

	for (uint32_t i = 0; i < n->vars; i++)
		inner = explain_new_term(x, inner, null);
	for (uint32_t slot = 0; slot < n->vars; slot++) {
		const struct shape *s = n->n > 1 ? null : NULL;

		for (uint32_t i = 0; i < n->n; i++)
			s = shape_join(x->a, s,
			    pattern_slot(
				x, n->patterns[i], slot, v, inner, in));
		explain_term_at(inner, n->vars - 1 - slot)->shape =
		    s == NULL ? null : s;
	}
	return inner;
}

const struct shape *
explain_bind(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *v = explain_look(x, n->a, env, in), *s;
	struct sites used;

	if (v == NULL)
		return NULL;
	if (n->n == 1) {
		s = explain_look(x, n->b, bind(x, n, env, v, in), in);
		return explain_single(n->a) ? s : shape_decided(x->a, s, v->by);
	}
	/* With ?// an error decides which pattern it is. */
	s = explain_apart(x, n->b, bind(x, n, env, v, in), in, &used);
	used = sites_join(x->a, used, explain_all_of(x, explain_use(x, v)));
	return explain_unsure(x, shape_decided(x->a, s, used));
}

const struct shape *
explain_fold(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *v = explain_look(x, n->a, env, in);
	const struct shape *state = explain_look(x, n->b, env, in), *next, *out;
	const struct shape *null =
	    explain_constant(x, VALUE_OF(VALUE_NULL), in);
	struct term *inner;
	int round = 0;

	if (state == NULL || (v == NULL && n->op == OP_FOREACH))
		return NULL;
	if (v == NULL)
		return state;
	inner = bind(x, n, env, v, in);
	for (;; round++) {
		out = explain_look(x, n->c, inner, state);
		if (n->op == OP_REDUCE && !explain_single(n->c))
			out = shape_join(x->a, out, null);
		next = shape_decided(x->a, shape_join(x->a, state, out),
		    explain_single(n->a) ? (struct sites){0} : v->by);
		next = explain_unsure(x, next);
		if (round == ROUNDS)
			next = explain_give_up(
			    x, inner, shape_join(x->a, next, in));
		if (round > ROUNDS || shape_same(x->a, state, next))
			break;
		state = next;
	}
	if (n->op == OP_REDUCE)
		return next;
	out = next;
	if (n->d != NULL)
		out = explain_look(x, n->d, inner, out);
	return explain_unsure(
	    x, shape_decided(x->a, out, sites_join(x->a, v->by, next->by)));
}

static bool
too_nested(const struct explain *x, const struct def *d)
{
	int n = 0;

	for (const struct active *at = x->active; at != NULL; at = at->up)
		n += at->def == d;
	return n >= NESTED;
}

const struct shape *
explain_call(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct term *inner = explain_term_at(env, n->up);
	struct active self = {n->def, x->active};
	struct sites by = {0};
	const struct shape *s;

	for (uint32_t i = 0; i < n->n; i++) {
		const struct node *arg = n->items[i];

		inner = explain_new_term(x, inner, NULL);
		if (!n->def->params[i].value) {
			inner->body = arg;
			inner->env = env;
			continue;
		}
		inner->shape = explain_look(x, arg, env, in);
		if (inner->shape == NULL)
			return NULL;
		if (!explain_single(arg))
			by = sites_join(x->a, by, inner->shape->by);
	}
	if (too_nested(x, n->def))
		return explain_give_up(x, inner, in);
	x->active = &self;
	s = explain_look(x, n->def->body, inner, in);
	x->active = self.up;
	return shape_decided(x->a, s, by);
}

const struct shape *
explain_param(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct term *t = explain_term_at(env, n->up);

	if (t->body != NULL)
		return explain_look(x, t->body, t->env, in);
	return explain_with_path(x, t->shape, in->path, false);
}

const struct shape *
explain_context(struct explain *x, const struct node *n, const struct shape *in)
{
	struct site p = {.root = (uint8_t)(1 + n->sub)};

	x->contexts = sites_add(x->a, x->contexts, &p);
	return explain_with_path(x, shape_site(x->a, p), in->path, false);
}

const struct shape *
explain_pipe(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *a = explain_look(x, n->a, env, in), *s;

	if (a == NULL)
		return NULL;
	s = explain_look(x, n->b, env, a);
	return explain_single(n->a) ? s : shape_decided(x->a, s, a->by);
}

const struct shape *
explain_label(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct term *label = explain_new_term(
	    x, env, explain_constant(x, VALUE_OF(VALUE_NULL), in));
	struct sites used;
	const struct shape *s = explain_apart(x, n->a, label, in, &used);

	return explain_unsure(x, shape_decided(x->a, s, used));
}

/* limit, skip, first and last: some of the outputs. */
const struct shape *
explain_some(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	bool counted = n->op == OP_LIMIT || n->op == OP_SKIP;
	const struct shape *s = explain_look(x, counted ? n->b : n->a, env, in);
	struct sites by = {0};

	if (counted)
		by = explain_all_of(
		    x, explain_use(x, explain_look(x, n->a, env, in)));
	return explain_unsure(x, shape_decided(x->a, s, by));
}

const struct shape *
explain_range(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *a = explain_look(x, n->a, env, in);
	const struct shape *b = explain_look(x, n->b, env, in);
	struct deps d;

	if (a == NULL || b == NULL)
		return NULL;
	d = explain_both(x, a, b);
	d.by = sites_join(x->a, d.by, d.from);
	return explain_made(x, d, in);
}

const struct shape *
explain_recurse(struct explain *x, const struct shape *in)
{
	return shape_join(x->a, in, explain_each(x, in));
}
