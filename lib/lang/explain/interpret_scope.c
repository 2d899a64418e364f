/*
 * interpret: variables, loops and calls.
 */

#include "lang/explain/interpret.h"

static const struct shape *
pattern_slot(struct interpreter *x, const struct pattern *t, uint32_t slot,
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
			    interpret_node(x, t->keys[i], env, in);

			if (k == NULL)
				continue;
			part = shape_get(x->a, v, k->constant);
			part = shape_decided(x->a, part,
			    interpret_all_of(x, interpret_use(x, k)));
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
bind(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *v, const struct shape *in)
{
	const struct shape *null =
	    interpret_constant(x, VALUE_OF(VALUE_NULL), in);
	struct term *inner = env;

	for (uint32_t i = 0; i < n->vars; i++)
		inner = interpret_new_term(x, inner, null);
	for (uint32_t slot = 0; slot < n->vars; slot++) {
		const struct shape *s = n->patterns_n > 1 ? null : NULL;

		for (uint32_t i = 0; i < n->patterns_n; i++)
			s = shape_join(x->a, s,
			    pattern_slot(
				x, n->patterns[i], slot, v, inner, in));
		interpret_term_at(inner, n->vars - 1 - slot)->shape =
		    s == NULL ? null : s;
	}
	return inner;
}

const struct shape *
interpret_bind(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *v = interpret_node(x, n->bind.source, env, in), *s;
	struct sites used;

	if (v == NULL)
		return NULL;
	if (n->patterns_n == 1) {
		s = interpret_node(x, n->bind.body, bind(x, n, env, v, in), in);
		return interpret_single(n->bind.source)
		    ? s
		    : shape_decided(x->a, s, v->by);
	}
	/* With ?// an error decides which pattern it is. */
	s = interpret_apart(x, n->bind.body, bind(x, n, env, v, in), in, &used);
	used = sites_join(x->a, used, interpret_all_of(x, interpret_use(x, v)));
	return interpret_unsure(x, shape_decided(x->a, s, used));
}

const struct shape *
interpret_fold(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *v = interpret_node(x, n->fold.source, env, in);
	const struct shape *state = interpret_node(x, n->fold.init, env, in),
			   *next, *out;
	const struct shape *null =
	    interpret_constant(x, VALUE_OF(VALUE_NULL), in);
	struct term *inner;
	int round = 0;

	if (state == NULL || (v == NULL && n->op == OP_FOREACH))
		return NULL;
	if (v == NULL)
		return state;
	inner = bind(x, n, env, v, in);
	/* Behind a pattern that an error ended the state is null. */
	if (n->patterns_n > 1)
		state = shape_decided(x->a, shape_join(x->a, state, null),
		    interpret_all_of(x, interpret_use(x, v)));
	for (;; round++) {
		out = interpret_node(x, n->fold.update, inner, state);
		if (n->op == OP_REDUCE && !interpret_single(n->fold.update))
			out = shape_join(x->a, out, null);
		next = shape_decided(x->a, shape_join(x->a, state, out),
		    interpret_single(n->fold.source) ? (struct sites){0}
						     : v->by);
		next = interpret_unsure(x, next);
		if (round == ROUNDS)
			next = interpret_give_up(
			    x, inner, shape_join(x->a, next, in));
		if (round > ROUNDS || shape_same(x->a, state, next))
			break;
		state = next;
	}
	if (n->op == OP_REDUCE)
		return next;
	out = next;
	if (n->fold.extract != NULL)
		out = interpret_node(x, n->fold.extract, inner, out);
	return interpret_unsure(
	    x, shape_decided(x->a, out, sites_join(x->a, v->by, next->by)));
}

static bool
too_nested(const struct interpreter *x, const struct def *d)
{
	int n = 0;

	for (const struct active *at = x->active; at != NULL; at = at->up)
		n += at->def == d;
	return n >= NESTED;
}

const struct shape *
interpret_call(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct term *inner = interpret_term_at(env, n->up);
	struct active self = {n->def, x->active};
	struct sites by = {0};
	const struct shape *s;

	for (uint32_t i = 0; i < n->items_n; i++) {
		const struct node *arg = n->items[i];

		inner = interpret_new_term(x, inner, NULL);
		if (!n->def->params[i].value) {
			inner->body = arg;
			inner->env = env;
			continue;
		}
		inner->shape = interpret_node(x, arg, env, in);
		if (inner->shape == NULL)
			return NULL;
		if (!interpret_single(arg))
			by = sites_join(x->a, by, inner->shape->by);
	}
	if (too_nested(x, n->def))
		return interpret_give_up(x, inner, in);
	x->active = &self;
	s = interpret_node(x, n->def->body, inner, in);
	x->active = self.up;
	return shape_decided(x->a, s, by);
}

const struct shape *
interpret_param(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct term *t = interpret_term_at(env, n->up);

	if (t->body != NULL)
		return interpret_node(x, t->body, t->env, in);
	return interpret_with_path(x, t->shape, in->path, false);
}

const struct shape *
interpret_context(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct site p = {.root = (uint8_t)(1 + n->variant)};

	(void)env;
	x->contexts = sites_add(x->a, x->contexts, &p);
	return interpret_with_path(x, shape_site(x->a, p), in->path, false);
}

const struct shape *
interpret_pipe(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *a = interpret_node(x, n->binary.left, env, in), *s;

	if (a == NULL)
		return NULL;
	s = interpret_node(x, n->binary.right, env, a);
	return interpret_single(n->binary.left) ? s
						: shape_decided(x->a, s, a->by);
}

const struct shape *
interpret_label(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct term *label = interpret_new_term(
	    x, env, interpret_constant(x, VALUE_OF(VALUE_NULL), in));
	struct sites used;
	const struct shape *s =
	    interpret_apart(x, n->unary.of, label, in, &used);

	return interpret_unsure(x, shape_decided(x->a, s, used));
}

/* limit, skip, first and last: some of the outputs. */
const struct shape *
interpret_some(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	bool counted = n->op == OP_LIMIT || n->op == OP_SKIP;
	const struct shape *s =
	    interpret_node(x, counted ? n->some.of : n->unary.of, env, in);
	struct sites by = {0};

	if (counted)
		by = interpret_all_of(x,
		    interpret_use(
			x, interpret_node(x, n->some.count, env, in)));
	return interpret_unsure(x, shape_decided(x->a, s, by));
}

const struct shape *
interpret_range(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *a = interpret_node(x, n->range.from, env, in);
	const struct shape *b = interpret_node(x, n->range.to, env, in);
	struct deps d;

	if (a == NULL || b == NULL)
		return NULL;
	d = interpret_both(x, a, b);
	d.by = sites_join(x->a, d.by, d.from);
	return interpret_made(x, d, in);
}

const struct shape *
interpret_recurse(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	(void)n;
	(void)env;
	return shape_join(x->a, in, interpret_elements(x, in));
}
