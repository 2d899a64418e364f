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

/* The outcome of a computation; in path() it stays where in is. */
const struct shape *
interpret_made(struct interpreter *x, struct deps d, const struct shape *in)
{
	struct shape *s = (struct shape *)(uintptr_t)shape_made(x->a, d);

	s->path = in->path;
	return s;
}

const struct shape *
interpret_with_path(
    struct interpreter *x, const struct shape *s, struct sites path, bool sure)
{
	struct shape *c;

	if (s == NULL)
		return NULL;
	c = arena_alloc(x->a, sizeof(*c));
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
	struct term *t = arena_alloc(x->a, sizeof(*t));

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
	s = shape_decided(x->a, shape_made(x->a, d), d.from);
	return interpret_with_path(x, s, opened(x, in->path), false);
}

static const struct shape *
look_computed(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	switch (n->op) {
	case OP_STRING:
		return interpret_string(x, n, env, in);
	case OP_FORMAT:
		return interpret_made(x, interpret_use(x, in), in);
	case OP_ARRAY:
		return interpret_array(x, n, env, in);
	case OP_OBJECT:
		return interpret_object(x, n, env, in);
	case OP_NEGATE: {
		const struct shape *s = interpret_node(x, n->a, env, in);

		return s == NULL ? NULL
				 : interpret_made(x, interpret_use(x, s), in);
	}
	case OP_AND:
	case OP_OR:
		return interpret_logic(x, n, env, in);
	case OP_RANGE:
		return interpret_range(x, n, env, in);
	case OP_BUILTIN:
		return interpret_builtin(x, n, env, in);
	case OP_MATCH:
		return interpret_match(x, n, env, in);
	case OP_PATH:
		return interpret_path(x, n->a, env, in);
	case OP_SUB_RE:
		return interpret_sub(x, n, env, in);
	default:
		/* What is not known here may do anything. */
		return n->op >= OP_ADD && n->op <= OP_GE
		    ? interpret_operator(x, n, env, in)
		    : interpret_give_up(x, env, in);
	}
}

static const struct shape *
look_known(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	switch (n->op) {
	case OP_VAR:
		return interpret_with_path(
		    x, interpret_term_at(env, n->up)->shape, in->path, false);
	case OP_CONTEXT:
		return interpret_context(x, n, in);
	case OP_BOUND:
		return interpret_constant(x, x->program->bound[n->up], in);
	case OP_LITERAL:
		return interpret_constant(x, n->value, in);
	case OP_EMPTY:
	case OP_BREAK:
		return NULL;
	default: /* OP_ERROR */
		(void)interpret_use(
		    x, n->a == NULL ? in : interpret_node(x, n->a, env, in));
		return NULL;
	}
}

static const struct shape *
access_at(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	switch (n->op) {
	case OP_IDENTITY:
		return in;
	case OP_INDEX:
		return interpret_index(x, n, env, in);
	case OP_SLICE:
		return interpret_slice(x, n, env, in);
	case OP_EACH:
		return interpret_each(x, interpret_node(x, n->a, env, in));
	case OP_RECURSE:
		return interpret_recurse(x, in);
	case OP_PIPE:
		return interpret_pipe(x, n, env, in);
	case OP_COMMA:
		return shape_join(x->a, interpret_node(x, n->a, env, in),
		    interpret_node(x, n->b, env, in));
	case OP_ALT:
		return interpret_alternative(x, n, env, in);
	case OP_IF:
		return interpret_if(x, n, env, in);
	case OP_TRY:
		return interpret_try(x, n, env, in);
	case OP_ASSIGN:
	case OP_UPDATE:
	case OP_ARITH:
	case OP_SET_ALT:
		return interpret_change(x, n, env, in);
	case OP_REDUCE:
	case OP_FOREACH:
		return interpret_fold(x, n, env, in);
	case OP_BIND:
		return interpret_bind(x, n, env, in);
	case OP_LABEL:
		return interpret_label(x, n, env, in);
	case OP_DEF:
		return interpret_node(x, n->a, env, in);
	case OP_CALL:
		return interpret_call(x, n, env, in);
	case OP_PARAM:
		return interpret_param(x, n, env, in);
	case OP_FIRST:
	case OP_LAST:
	case OP_LIMIT:
	case OP_SKIP:
		return interpret_some(x, n, env, in);
	case OP_GETPATH:
		return interpret_getpath(x, n, env, in);
	case OP_SETPATH:
		return interpret_setpath(x, n, env, in);
	case OP_DELETE:
		return interpret_delete(x, n->a, env, in);
	case OP_DELPATHS:
		return interpret_delpaths(x, n, env, in);
	case OP_VAR:
	case OP_CONTEXT:
	case OP_BOUND:
	case OP_LITERAL:
	case OP_EMPTY:
	case OP_BREAK:
	case OP_ERROR:
		return look_known(x, n, env, in);
	default:
		return look_computed(x, n, env, in);
	}
}

const struct shape *
interpret_node(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *s;

	if (x->steps == 0 || x->deep == DEEP) {
		for (uint8_t i = 0; i <= CONTEXT_LINE; i++) {
			struct site p = {.root = (uint8_t)(1 + i)};

			x->contexts = sites_add(x->a, x->contexts, &p);
		}
		return interpret_give_up(x, env, in);
	}
	x->steps--;
	x->deep++;
	s = access_at(x, n, env, in);
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
		out = interpret_node(x, p->root, NULL, in);
	}
	return out;
}
