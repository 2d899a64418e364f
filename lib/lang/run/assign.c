/*
 * The forms that change their input: all of them find paths in it first,
 * then set them one after another.  What only one handle can reach is
 * changed where it is.
 */
#include "lang/run/run.h"
#include "value/array.h"
#include "value/object.h"

/* The paths that an expression leads to, found before anything changes. */
struct paths {
	struct sink sink;
	struct machine *m;
	struct value found; /* an array of paths */
};

static bool
take_place(struct sink *k, struct value v, struct path *path)
{
	struct paths *p = (struct paths *)k;

	if (!path_intact(p->m, path, v, NULL, VALUE_OF(VALUE_NULL)))
		return false;
	p->found = array_push(p->m->arena, p->found, path_value(p->m, path));
	return true;
}

static bool
find_paths(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *paths)
{
	struct paths p = {{take_place}, m, VALUE_OF(VALUE_NULL)};
	struct path root = {.up = NULL, .at = value_share(in)};

	if (n->traits & TRAIT_PATH) {
		*paths = n->path;
		return true;
	}
	p.found = array_new(m->arena, 1);
	if (!eval(m, n, env, value_share(in), &root, &p.sink))
		return false;
	*paths = p.found;
	return true;
}

static bool
change_assign(struct machine *m, const struct node *n, struct cell *env,
    struct value in, const struct value *args, struct value *out)
{
	struct value x = args[0];
	struct value paths;

	if (!find_paths(m, n->change.target, env, in, &paths))
		return false;
	for (uint32_t i = 0; i < paths.n; i++)
		if (!path_set(m, in, array_at(paths, i), value_share(x), &in))
			return false;
	*out = in;
	return true;
}

/*
 * Take what a change of itself starts from.  Where that fails, the place of the
 * program that says so is told.
 */
static bool
take_own(struct machine *m, const struct node *n, const struct node *of,
    struct cell *env, struct value in, struct value *at)
{
	if (path_take(m, in, array_at(n->change.target->path, 0), at))
		return true;
	if (m->state != MACHINE_RAISED)
		return false;
	m->state = MACHINE_RUNNING;
	return eval_operand(m, of, env, value_share(in), at);
}

/*
 * .a = .a + x, .a = .a * x, or .a = .a[from:to]: what is there is taken, so
 * that it can be changed where it is.
 */
static bool
change_of_itself(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	const struct node *source = n->change.source;
	bool is_slice = source->op == OP_SLICE;
	const struct node *of =
	    is_slice ? source->slice.of : source->binary.left;
	struct value at, x;

	if (!(is_slice ? slices_key(m, source, env, in, &x)
		       : eval_operand(m, source->binary.right, env, in, &x)))
		return false;
	if (!is_slice)
		in = eval_keep_owned(in, source->binary.right, x);
	if (!take_own(m, n, of, env, in, &at))
		return false;
	if (!(is_slice ? slices_cut(m, at, x, &at)
		       : arith_apply(m, source->op, at, x, &at)))
		return eval_blame(m, source, source);
	return path_set(m, in, array_at(n->change.target->path, 0), at, out);
}

static bool
change_arith(struct machine *m, const struct node *n, struct cell *env,
    struct value in, const struct value *args, struct value *out)
{
	struct value paths, at, x = args[0];

	if (!find_paths(m, n->change.target, env, in, &paths))
		return false;
	if (paths.n > 1)
		x = value_share(x); /* null + x is x itself, in each place */
	for (uint32_t i = 0; i < paths.n; i++) {
		struct value path = array_at(paths, i);

		if (!path_take(m, in, path, &at) ||
		    !arith_apply(m, n->variant, at, x, &at) ||
		    !path_set(m, in, path, at, &in))
			return false;
	}
	*out = in;
	return true;
}

static bool
change_alternative(struct machine *m, const struct node *n, struct cell *env,
    struct value in, const struct value *args, struct value *out)
{
	struct value paths, at, x = args[0];

	if (!find_paths(m, n->change.target, env, in, &paths))
		return false;
	for (uint32_t i = 0; i < paths.n; i++) {
		struct value path = array_at(paths, i);

		if (!path_get(m, value_share(in), path, &at))
			return false;
		if (value_is_true(at))
			continue;
		if (!path_set(m, in, path, value_share(x), &in))
			return false;
	}
	*out = in;
	return true;
}

/* --- |= --- */

struct only {
	struct sink sink;
	struct machine *m;
	struct value value;
	bool found;
};

static bool
take_first(struct sink *k, struct value v, struct path *path)
{
	struct only *o = (struct only *)k;

	(void)path;
	o->value = v;
	o->found = true;
	o->m->state = MACHINE_STOPPED;
	return false;
}

/* The first output of n; *found is false where there is none. */
static bool
first_output(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out, bool *found)
{
	struct only o = {{take_first}, m, VALUE_OF(VALUE_NULL), false};

	*found = true;
	if (n->traits & TRAIT_SINGLE)
		return eval_single(m, n, env, in, out);
	if (!eval(m, n, env, in, NULL, &o.sink)) {
		if (!o.found)
			return false;
		m->state = MACHINE_RUNNING;
	}
	*out = o.value;
	*found = o.found;
	return true;
}

static bool
change_update(struct machine *m, const struct node *n, struct cell *env,
    struct value in, const struct value *args, struct value *out)
{
	struct value paths, at, empty = array_new(m->arena, 0);
	bool found;

	(void)args;
	if (!find_paths(m, n->change.target, env, in, &paths))
		return false;
	for (uint32_t i = 0; i < paths.n; i++) {
		struct value path = array_at(paths, i);

		if (!path_take(m, in, path, &at) ||
		    !first_output(m, n->change.source, env, at, &at, &found))
			return false;
		if (!found)
			empty = array_push(m->arena, empty, path);
		else if (!path_set(m, in, path, at, &in))
			return false;
	}
	*out = in;
	return empty.n == 0 || path_delete(m, in, value_share(empty), out);
}

/* --- del --- */

/* Is it the path of a member of v? */
static bool
is_member(struct value v, struct value path)
{
	return value_is_object(v) && path.n == 1 &&
	    value_is_string(path.array->v[0]);
}

static bool
change_delete(struct machine *m, const struct node *n, struct cell *env,
    struct value in, const struct value *args, struct value *out)
{
	struct value paths, at;

	(void)args;
	if (!find_paths(m, n->change.target, env, in, &paths))
		return false;
	if (n->change.target->traits & TRAIT_PATH &&
	    is_member(in, array_at(paths, 0))) {
		*out = object_delete(
		    m->arena, in, array_at(array_at(paths, 0), 0));
		return true;
	}
	/* A path that can't be is the error that finding it would be. */
	if (n->change.target->traits & TRAIT_PATH &&
	    !path_take(m, in, array_at(paths, 0), &at))
		return false;
	return path_delete(m, in, value_share(paths), out);
}

/* --- all of them --- */

static bool
change_setpath(struct machine *m, const struct node *n, struct cell *env,
    struct value in, const struct value *args, struct value *out)
{
	(void)n, (void)env;
	return path_set(m, in, args[1], value_share(args[0]), out);
}

static bool
change_delpaths(struct machine *m, const struct node *n, struct cell *env,
    struct value in, const struct value *args, struct value *out)
{
	(void)n, (void)env;
	return path_delete(m, in, args[0], out);
}

/* args: what the form's arguments() gave. */
typedef bool change(struct machine *m, const struct node *n, struct cell *env,
    struct value in, const struct value *args, struct value *out);

#define MAKE_LEAF(form)     NULL
#define MAKE_TAIL(form)     NULL
#define MAKE_OPERATOR(form) NULL
#define MAKE_CHANGE(form)   change_##form
#define MAKE(                                                                  \
    op, path, resolve, single, option, place, input, several, one, ...)        \
	[OP_##op] = MAKE_##one,

static change *const CHANGES[] = {FORMS(MAKE)};

/* Arguments of a change, outermost first. */
static size_t
arguments(const struct node *n, const struct node **args)
{
	if (n->op == OP_UPDATE || n->op == OP_DELETE)
		return 0; /* these run theirs themselves */
	if (n->op == OP_DELPATHS) {
		args[0] = n->change.target;
		return 1;
	}
	args[0] = n->change.source;
	args[1] = n->change.target;
	return n->op == OP_SETPATH ? 2 : 1;
}

bool
single_change(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	const struct node *nodes[2];
	struct value args[2];
	size_t count;

	if (n->op == OP_ASSIGN && n->variant == ASSIGN_ITSELF)
		return change_of_itself(m, n, env, in, out);
	count = arguments(n, nodes);
	for (size_t i = 0; i < count; i++)
		if (!eval_operand(m, nodes[i], env, in, &args[i]))
			return false;
	for (size_t i = 0; i < count; i++)
		in = eval_keep_owned(in, nodes[i], args[i]);
	return CHANGES[n->op](m, n, env, in, args, out);
}

bool
assign_option(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out, bool *found)
{
	struct value x;

	if (!eval_option(m, n->change.source, env, value_share(in), &x, found))
		return false;
	if (!*found)
		return true;
	in = eval_keep_owned(in, n->change.source, x);
	return CHANGES[n->op](m, n, env, in, &x, out);
}

struct changes {
	struct product product;
	const struct node *n;
	struct path *path;
	struct sink *k;
};

static bool
combine_change(struct product *p)
{
	struct changes *c = (struct changes *)p;
	struct value out;

	return CHANGES[c->n->op](
		   p->m, c->n, p->env, value_share(p->in), p->values, &out) &&
	    c->k->put(c->k, out, c->path);
}

bool
eval_change(struct run *r)
{
	const struct node *nodes[2];
	struct value values[2];
	size_t count = arguments(r->n, nodes);
	struct changes c = {
	    {r->m, r->env, r->in, count, nodes, values, combine_change}, r->n,
	    r->path, r->k};

	return product_run(&c.product);
}
