#include "lang/run/run.h"
#include "value/array.h"
#include "value/object.h"

static const struct node IDENTITY = {.op = OP_IDENTITY};

bool
machine_raise(struct machine *m, struct value error)
{
	m->state = MACHINE_RAISED;
	m->error = value_share(error);
	m->raised = NULL;
	return false;
}

bool
machine_stack_left(struct machine *m)
{
	if ((const char *)__builtin_frame_address(0) > m->stack)
		return true;
	return machine_fail(
	    m, "the program recurses too deeply for this event");
}

struct cell *
cell_new(struct machine *m, struct cell *up, struct value v)
{
	struct cell *c = arena_alloc(m->arena, sizeof(*c));

	c->up = up;
	c->body = NULL;
	c->env = NULL;
	c->value = value_share(v);
	c->label = 0;
	return c;
}

struct option {
	struct sink sink;
	struct value *out;
	bool *found;
};

static bool
take_option(struct sink *k, struct value v, struct path *path)
{
	struct option *o = (struct option *)k;

	(void)path;
	*o->out = v;
	*o->found = true;
	return true;
}

/* a + b, where neither has several outputs. */
static bool
add_option(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out, bool *found)
{
	struct value x, y;

	if (!eval_option(m, n->binary.right, env, value_share(in), &y, found))
		return false;
	if (!*found)
		return true;
	in = eval_keep_owned(in, n->binary.right, y);
	if (!eval_option(m, n->binary.left, env, in, &x, found))
		return false;
	return !*found || arith_apply(m, n->op, x, y, out);
}

/* A form that may change its input where it is, once it is sure to be last. */
static bool
keeps_input(const struct node *n)
{
	return n->op == OP_ADD || n->op == OP_ASSIGN || n->op == OP_ARITH ||
	    n->op == OP_SET_ALT;
}

bool
eval_option(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out, bool *found)
{
	struct option o = {{take_option}, out, found};

	*found = true;
	if (n->traits & TRAIT_SINGLE)
		return eval_single(m, n, env, in, out);
	if (n->op == OP_ADD)
		return add_option(m, n, env, in, out, found);
	if (keeps_input(n))
		return assign_option(m, n, env, in, out, found);
	*found = false;
	return eval(m, n, env, in, NULL, &o.sink);
}

/* --- forms that have one output --- */

static bool
single_identity(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	(void)m;
	(void)n;
	(void)env;
	*out = in;
	return true;
}

static bool
single_literal(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	(void)m;
	(void)env;
	(void)in;
	*out = n->value;
	return true;
}

static bool
single_var(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	(void)m;
	(void)in;
	*out = cell_at(env, n->up)->value;
	return true;
}

__attribute__((cold, noinline)) bool
eval_blame(struct machine *m, const struct node *n, const struct node *outer)
{
	if (m->state != MACHINE_RAISED || m->raised != NULL)
		return false;
	if (n->at != NODE_NOWHERE)
		m->raised = n;
	else if (outer->at != NODE_NOWHERE)
		m->raised = outer;
	return false;
}

/*
 * path | builtin, where what the path leads to is only looked at: unless the
 * builtin's output may hold a part of it, it stays owned by its place.
 */
static bool
look(struct machine *m, const struct node *path, const struct node *builtin,
    struct cell *env, struct value in, struct value *out)
{
	struct value of, key, v;
	bool done;

	if (!single_peek(m, path, env, in, &of, &key, &v))
		return false;
	done = eval_single(m, builtin, env, v, out);
	if (!done || value_is_array(*out) || value_is_object(*out))
		(void)path_index(m, of, key, &v);
	return done;
}

/*
 * tail_X() moves on to the node whose output is the form's output, so that
 * no stack is taken for it; *n becomes NULL where *out is set already.
 * False after an error, with *n as it was.
 */
static inline bool
tail_pipe(struct machine *m, const struct node **n, struct cell **env,
    struct value *in, struct value *out, const struct node **outer)
{
	const struct node *left = (*n)->binary.left,
			  *right = (*n)->binary.right;
	const struct node *next =
	    right->op == OP_PIPE ? right->binary.left : right;

	(void)outer;
	if (left->op != OP_INDEX || next->op != OP_BUILTIN) {
		if (!eval_single(m, left, *env, *in, in))
			return false;
		*n = right;
		return true;
	}
	if (!look(m, left, next, *env, *in, next == right ? out : in))
		return false;
	*n = next == right ? NULL : right->binary.right;
	return true;
}

static inline bool
tail_if(struct machine *m, const struct node **n, struct cell **env,
    struct value *in, struct value *out, const struct node **outer)
{
	struct value v;

	(void)outer;
	if (!eval_single(m, (*n)->branch.test, *env, value_share(*in), &v))
		return false;
	*n = value_is_true(v) ? (*n)->branch.then : (*n)->branch.otherwise;
	if (*n == NULL)
		*out = *in;
	return true;
}

static inline bool
tail_alternative(struct machine *m, const struct node **n, struct cell **env,
    struct value *in, struct value *out, const struct node **outer)
{
	struct value v;
	bool found;

	(void)outer;
	if (!eval_option(
		m, (*n)->binary.left, *env, value_share(*in), &v, &found))
		return false;
	if (found && value_is_true(v)) {
		*out = v;
		*n = NULL;
	} else {
		*n = (*n)->binary.right;
	}
	return true;
}

static inline bool
tail_definition(struct machine *m, const struct node **n, struct cell **env,
    struct value *in, struct value *out, const struct node **outer)
{
	(void)m;
	(void)env;
	(void)in;
	(void)out;
	(void)outer;
	*n = (*n)->unary.of;
	return true;
}

static inline bool
tail_bind(struct machine *m, const struct node **n, struct cell **env,
    struct value *in, struct value *out, const struct node **outer)
{
	struct value v;

	(void)out;
	(void)outer;
	if (!eval_single(m, (*n)->bind.source, *env, value_share(*in), &v))
		return false;
	*in = eval_keep_owned(*in, (*n)->bind.source, v);
	*env = cell_new(m, *env, v);
	*n = (*n)->bind.body;
	return true;
}

static inline bool
tail_call(struct machine *m, const struct node **n, struct cell **env,
    struct value *in, struct value *out, const struct node **outer)
{
	(void)out;
	if ((*n)->at != NODE_NOWHERE)
		*outer = *n;
	if (!bind_call_single(m, *n, *env, *in, env))
		return false;
	*in = value_share(*in);
	*n = (*n)->def->body;
	return true;
}

#define LEAF(form)                                                             \
	return single_##form(m, n, env, in, out) || eval_blame(m, n, outer)
#define OPERATOR(form) LEAF(operator)
#define CHANGE(form)   LEAF(change)
#define TAIL(form)                                                             \
	if (!tail_##form(m, &n, &env, &in, out, &outer))                       \
		return eval_blame(m, n, outer);                                \
	break
#define ONE(                                                                   \
    op, path, resolve, single, option, place, input, several, one, ...)        \
	case OP_##op:                                                          \
		one;

bool
eval_single(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	const struct node *outer = n;

	if (!machine_stack_left(m))
		return false;
	while (n != NULL) {
		switch ((enum op)n->op) {
			FORMS(ONE)
		}
	}
	return true;
}

/* --- forms that may have several outputs, or are asked for paths --- */

/* In path mode these are values like any other: no path leads to them. */
static bool
is_value(const struct node *n)
{
	enum { PATH, VALUE };

#define IS_VALUE(op, path, ...) [OP_##op] = path,
	static const bool VALUES[] = {FORMS(IS_VALUE)};

	return VALUES[n->op];
}

static bool
eval_identity(struct run *r)
{
	return r->k->put(r->k, r->in, r->path);
}

static bool
eval_empty(struct run *r)
{
	(void)r;
	return true;
}

static bool
eval_comma(struct run *r)
{
	struct value in = value_share(r->in);

	return eval(r->m, r->n->binary.left, r->env, in, r->path, r->k) &&
	    eval(r->m, r->n->binary.right, r->env, in, r->path, r->k);
}

static bool
eval_definition(struct run *r)
{
	return eval(r->m, r->n->unary.of, r->env, r->in, r->path, r->k);
}

/* A parameter that is a value. */
static bool
eval_param(struct run *r)
{
	return r->k->put(r->k, cell_at(r->env, r->n->up)->value, r->path);
}

/* What is always single comes here never. */
static bool
eval_only(struct run *r)
{
	struct value v;

	return eval_single(r->m, r->n, r->env, r->in, &v) &&
	    r->k->put(r->k, v, r->path);
}

#define MANY(op, path, resolve, single, option, place, input, several, one,    \
    next, many, ...)                                                           \
	case OP_##op:                                                          \
		return eval_##many(r);

bool
eval_many(struct run *r)
{
	switch ((enum op)r->n->op) {
		FORMS(MANY)
	}
	return false;
}

/* Is it, or what a parameter stands for here, single?  Sets what to run. */
static bool
stands_for_single(const struct node **n, struct cell **env)
{
	while ((*n)->op == OP_PARAM) {
		const struct cell *cell = cell_at(*env, (*n)->up);

		if (cell->body == NULL)
			return false;
		*n = cell->body;
		*env = cell->env;
	}
	return ((*n)->traits & TRAIT_SINGLE) != 0;
}

/*
 * next_X() gives the node that the outputs of a form are the outputs of, so
 * that loops written as recursion run in bounded stack; NULL where the form
 * isn't such a one here.
 */
static inline const struct node *
next_none(struct machine *m, const struct node *n, struct cell **env,
    struct value *in, struct path *path, bool *failed)
{
	(void)m;
	(void)n;
	(void)env;
	(void)in;
	(void)path;
	(void)failed;
	return NULL;
}

static inline const struct node *
next_definition(struct machine *m, const struct node *n, struct cell **env,
    struct value *in, struct path *path, bool *failed)
{
	(void)m;
	(void)env;
	(void)in;
	(void)path;
	(void)failed;
	return n->unary.of;
}

static inline const struct node *
next_pipe(struct machine *m, const struct node *n, struct cell **env,
    struct value *in, struct path *path, bool *failed)
{
	const struct node *first = n->binary.left;
	struct cell *cell = *env;

	if (path != NULL || !stands_for_single(&first, &cell))
		return NULL;
	*failed = !eval_single(m, first, cell, *in, in);
	return n->binary.right;
}

static inline const struct node *
next_if(struct machine *m, const struct node *n, struct cell **env,
    struct value *in, struct path *path, bool *failed)
{
	const struct node *test = n->branch.test;
	struct cell *cell = *env;
	struct value v;

	(void)path;
	if (!stands_for_single(&test, &cell))
		return NULL;
	*failed = !eval_single(m, test, cell, value_share(*in), &v);
	if (*failed)
		return n;
	n = value_is_true(v) ? n->branch.then : n->branch.otherwise;
	return n != NULL ? n : &IDENTITY;
}

static inline const struct node *
next_bind(struct machine *m, const struct node *n, struct cell **env,
    struct value *in, struct path *path, bool *failed)
{
	const struct node *source = n->bind.source;
	struct value v;

	(void)path;
	if (!(source->traits & TRAIT_SINGLE) || n->patterns_n != 1 ||
	    n->patterns[0]->kind != PATTERN_VAR)
		return NULL;
	*failed = !eval_single(m, source, *env, value_share(*in), &v);
	if (*failed)
		return n;
	*in = eval_keep_owned(*in, source, v);
	*env = cell_new(m, *env, v);
	return n->bind.body;
}

static inline const struct node *
next_call(struct machine *m, const struct node *n, struct cell **env,
    struct value *in, struct path *path, bool *failed)
{
	(void)path;
	if (bind_has_value_params(n->def)) {
		if (!bind_args_single(n))
			return NULL;
		*failed = !bind_call_single(m, n, *env, *in, env);
		*in = value_share(*in);
	} else {
		*env = bind_call(m, n, *env);
	}
	return n->def->body;
}

static inline const struct node *
next_param(struct machine *m, const struct node *n, struct cell **env,
    struct value *in, struct path *path, bool *failed)
{
	const struct cell *cell = cell_at(*env, n->up);

	(void)m;
	(void)in;
	(void)path;
	(void)failed;
	if (cell->body == NULL)
		return NULL;
	*env = cell->env;
	return cell->body;
}

#define NEXT(                                                                  \
    op, p, resolve, single, option, place, input, several, one, next, ...)     \
	case OP_##op:                                                          \
		return next_##next(m, n, env, in, path, failed);

static const struct node *
eval_tail(struct machine *m, const struct node *n, struct cell **env,
    struct value *in, struct path *path, bool *failed)
{
	*failed = false;
	switch ((enum op)n->op) {
		FORMS(NEXT)
	}
	return NULL;
}

bool
eval(struct machine *m, const struct node *n, struct cell *env, struct value in,
    struct path *path, struct sink *k)
{
	const struct node *next, *outer = n;
	struct value v;
	bool failed, found;

	if (!machine_stack_left(m))
		return false;
	for (;;) {
		if (n->op == OP_CALL && n->at != NODE_NOWHERE)
			outer = n;
		next = eval_tail(m, n, &env, &in, path, &failed);
		if (next != NULL && failed)
			return eval_blame(m, n, outer);
		if (next == NULL && n->op != OP_COMMA)
			break;
		if (next == NULL) {
			in = value_share(in);
			if (!eval(m, n->binary.left, env, in, path, k))
				return false;
			next = n->binary.right;
		}
		n = next;
	}
	if (n->op == OP_EMPTY)
		return true;
	if (n->op == OP_IDENTITY)
		return k->put(k, in, path);
	if (n->op == OP_PARAM)
		return k->put(k, cell_at(env, n->up)->value, path);
	if (n->traits & TRAIT_SINGLE && (path == NULL || is_value(n)))
		return (eval_single(m, n, env, in, &v) ||
			   eval_blame(m, n, outer)) &&
		    k->put(k, v, path);
	if (n->traits & TRAIT_OPTION && path == NULL && keeps_input(n)) {
		if (!eval_option(m, n, env, in, &v, &found))
			return eval_blame(m, n, outer);
		return !found || k->put(k, v, path);
	}
	return eval_many(&(struct run){m, n, env, in, path, k}) ||
	    eval_blame(m, n, outer);
}
