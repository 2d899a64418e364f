/*
 * A program is run on shapes instead of values.  An expression gives one
 * shape for all of its outputs, or NULL where it has none.  What only
 * decides whether there is an output (and how many) is among the shape's
 * deciders.  Loops run until nothing new comes, recursion to a limit; past
 * that, all that is in reach flows into the outcome.
 */

#include "lang/explain/interpret.h"

bool
interpret_single(const struct node *n)
{
	return (n->traits & TRAIT_SINGLE) != 0;
}

struct sites
interpret_all_of(struct interpreter *x, struct deps d)
{
	return sites_join(x->a, d.from, d.by);
}

/* Look at a value: what reaches it has been read. */
struct deps
interpret_use(struct interpreter *x, const struct shape *s)
{
	struct deps d = shape_deps(x->a, s);

	x->used = sites_join(x->a, x->used, interpret_all_of(x, d));
	return d;
}

void
interpret_keyed(struct interpreter *x, const struct shape *in, struct deps d)
{
	if (in->path.n > 0)
		x->keys = deps_join(x->a, x->keys, d);
}

/* The outcome of a computation; in path() it stays where in is. */
const struct shape *
interpret_made(struct interpreter *x, struct deps d, const struct shape *in)
{
	struct shape *s = (struct shape *)(uintptr_t)shape_made(x->a, d);

	s->path = in->path;
	s->where = x->place;
	return s;
}

const struct shape *
interpret_with_path(
    struct interpreter *x, const struct shape *s, struct sites path, bool sure)
{
	struct shape *c;

	if (s == NULL)
		return NULL;
	c = arena_alloc(x->a->arena, sizeof(*c));
	*c = *s;
	c->path = path;
	c->sure = sure;
	return c;
}

const struct shape *
interpret_unsure(struct interpreter *x, const struct shape *s)
{
	return s == NULL ? NULL : interpret_with_path(x, s, s->path, false);
}

const struct shape *
interpret_constant(
    struct interpreter *x, struct value v, const struct shape *in)
{
	return interpret_with_path(x, shape_constant(x->a, v), in->path, false);
}

/* In path(): the input, which is where paths start. */
const struct shape *
interpret_path_root(struct interpreter *x, const struct shape *in)
{
	struct site here = {0};

	return interpret_with_path(
	    x, in, sites_add(x->a, (struct sites){0}, &here), true);
}

static struct sites
opened(struct interpreter *x, struct sites s)
{
	struct sites open = {0};

	for (uint32_t i = 0; i < s.n; i++) {
		struct site p = site_open(s.p[i]);

		open = sites_add(x->a, open, &p);
	}
	return open;
}

struct sites
interpret_anywhere(struct interpreter *x)
{
	struct site p = {.open = true};

	return sites_add(x->a, (struct sites){0}, &p);
}

struct term *
interpret_term_at(struct term *env, uint32_t up)
{
	while (up-- > 0)
		env = env->up;
	return env;
}

struct term *
interpret_new_term(
    struct interpreter *x, struct term *up, const struct shape *s)
{
	struct term *t = arena_alloc(x->a->arena, sizeof(*t));

	*t = (struct term){.up = up, .shape = s};
	return t;
}

static struct deps
reach_of(struct interpreter *x, struct term *env)
{
	struct deps d = {0};

	for (; env != NULL && env->seen != x->seen; env = env->up) {
		env->seen = x->seen;
		d = deps_join(x->a, d, shape_deps(x->a, env->shape));
		if (env->body != NULL)
			d = deps_join(x->a, d, reach_of(x, env->env));
	}
	return d;
}

/* All that an expression could see flows into its outcome. */
const struct shape *
interpret_give_up(
    struct interpreter *x, struct term *env, const struct shape *in)
{
	struct deps d;
	const struct shape *s;

	x->seen++;
	d = deps_join(x->a, shape_deps(x->a, in), reach_of(x, env));
	d.from = sites_join(x->a, d.from, x->contexts);
	x->used = sites_join(x->a, x->used, interpret_all_of(x, d));
	interpret_keyed(x, in, d);
	s = shape_decided(x->a, shape_made(x->a, d), d.from);
	return interpret_with_path(x, s, opened(x, in->path), false);
}

/* --- forms that are simple enough --- */

static const struct shape *
interpret_identity(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in)
{
	(void)x;
	(void)n;
	(void)env;
	return in;
}

static const struct shape *
interpret_literal(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	(void)env;
	return interpret_constant(x, n->value, in);
}

static const struct shape *
interpret_bound(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	(void)env;
	return interpret_constant(x, x->program->bound[n->up], in);
}

static const struct shape *
interpret_var(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	return interpret_with_path(
	    x, interpret_term_at(env, n->up)->shape, in->path, false);
}

static const struct shape *
interpret_format(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	(void)n;
	(void)env;
	return interpret_made(x, interpret_use(x, in), in);
}

static const struct shape *
interpret_negate(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *s = interpret_node(x, n->unary.of, env, in);

	return s == NULL ? NULL : interpret_made(x, interpret_use(x, s), in);
}

static const struct shape *
interpret_comma(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *left = interpret_node(x, n->binary.left, env, in);

	return shape_join(
	    x->a, left, interpret_node(x, n->binary.right, env, in));
}

static const struct shape *
interpret_definition(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in)
{
	return interpret_node(x, n->unary.of, env, in);
}

/* empty and break have no output. */
static const struct shape *
interpret_nothing(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	(void)x;
	(void)n;
	(void)env;
	(void)in;
	return NULL;
}

static const struct shape *
interpret_error(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	if (n->unary.of != NULL)
		in = interpret_node(x, n->unary.of, env, in);
	(void)interpret_use(x, in);
	return NULL;
}

#define INTERPRET(op, path, resolve, single, option, place, input, several,    \
    one, next, many, explain, ...)                                             \
	case OP_##op:                                                          \
		return interpret_##explain(x, n, env, in);

static const struct shape *
interpret_form(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	switch ((enum op)n->op) {
		FORMS(INTERPRET)
	}
	return interpret_give_up(x, env, in);
}

const struct shape *
interpret_node(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *s;
	uint32_t place = x->place;

	if (x->steps == 0 || x->deep == DEEP) {
		for (uint8_t i = 0; i <= CONTEXT_LINE; i++) {
			struct site p = {.root = (uint8_t)(1 + i)};

			x->contexts = sites_add(x->a, x->contexts, &p);
		}
		return interpret_give_up(x, env, in);
	}
	x->steps--;
	x->deep++;
	if (n->at != NODE_NOWHERE)
		x->place = n->at + 1;
	s = interpret_form(x, n, env, in);
	x->place = place;
	x->deep--;
	return s;
}

/* Twice, so that what recursion cuts off knows of all contexts. */
const struct shape *
interpret_run(struct interpreter *x, const struct program *p, bool event)
{
	struct shape *in =
	    (struct shape *)(uintptr_t)shape_site(x->a, (struct site){0});
	const struct shape *out = NULL;

	in->object = event;
	x->program = p;
	for (int i = 0; i < 2; i++) {
		x->steps = STEPS;
		x->used = (struct sites){0};
		x->keys = (struct deps){0};
		out = interpret_node(x, p->root, NULL, in);
	}
	return out;
}
