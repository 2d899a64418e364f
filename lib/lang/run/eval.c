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

static bool eval_form(struct run *r);

struct collect {
	struct sink sink;
	struct machine *m;
	struct value array;
};

static bool
take_element(struct sink *k, struct value v, struct path *path)
{
	struct collect *c = (struct collect *)k;

	(void)path;
	c->array = array_push(c->m->arena, c->array, v);
	return true;
}

static bool
array_single(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	struct collect c = {{take_element}, m, array_new(m->arena, 0)};

	if (n->a != NULL && !eval(m, n->a, env, value_share(in), NULL, &c.sink))
		return false;
	*out = c.array;
	return true;
}

/* Values of n's items, in the order last to first as jq has it. */
static bool
items_single(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *values)
{
	for (uint32_t i = n->n; i-- > 0;)
		if (!eval_operand(m, n->items[i], env, in, &values[i]))
			return false;
	return true;
}

static bool
string_single(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	struct value *v = arena_array(m->arena, n->n, sizeof(*v));

	for (uint32_t i = n->n; i-- > 0;)
		if (!eval_operand(m, n->items[i], env, in, &v[n->n - 1 - i]))
			return false;
	return combine_join(m, n, v, out);
}

static bool
object_single(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	struct value *v = arena_array(m->arena, n->n, sizeof(*v));

	for (uint32_t i = 0; i < n->n; i++)
		if (!eval_operand(m, n->items[i], env, in, &v[i]))
			return false;
	return combine_make_object(m, n, v, out);
}

static bool
builtin_single(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	struct value args[8];

	return items_single(m, n, env, in, args) &&
	    n->builtin->fn(m, value_share(in), args, out);
}

static bool
access_single(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	struct value of, from = VALUE_OF(VALUE_NULL), to = from;

	if (n->b != NULL && !eval_operand(m, n->b, env, in, &from))
		return false;
	if (n->op == OP_SLICE && n->c != NULL &&
	    !eval_operand(m, n->c, env, in, &to))
		return false;
	if (!eval_operand(m, n->a, env, in, &of))
		return false;
	if (n->op == OP_SLICE)
		from = path_slice_key(m, from, to);
	return path_index(m, of, from, out);
}

static bool
operator_single(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	struct value x, y;

	if (!eval_operand(m, n->b, env, in, &y))
		return false;
	in = n->op == OP_ADD ? eval_keep_owned(in, n->b, y) : value_share(in);
	return eval_single(m, n->a, env, in, &x) &&
	    arith_apply(m, n->op, x, y, out);
}

static bool
logic_single(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	if (!eval_operand(m, n->a, env, in, out))
		return false;
	if (value_is_true(*out) != (n->op == OP_OR) &&
	    !eval_operand(m, n->b, env, in, out))
		return false;
	*out = value_bool(value_is_true(*out));
	return true;
}

/* For single expressions that are evaluated by sinks. */
static bool
take_only(struct sink *k, struct value v, struct path *path)
{
	((struct collect *)k)->array = v;
	(void)path;
	return true;
}

static bool
form_single(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	struct collect only = {{take_only}, m, VALUE_OF(VALUE_NULL)};

	if (!eval_form(&(struct run){m, n, env, in, NULL, &only.sink}))
		return false;
	*out = only.array;
	return true;
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

	if (!eval_option(m, n->b, env, value_share(in), &y, found))
		return false;
	if (!*found)
		return true;
	in = eval_keep_owned(in, n->b, y);
	if (!eval_option(m, n->a, env, in, &x, found))
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
		return change_option(m, n, env, in, out, found);
	*found = false;
	return eval(m, n, env, in, NULL, &o.sink);
}

static struct value
context_value(const struct machine *m, const struct node *n)
{
	switch (n->sub) {
	case CONTEXT_LINEAGE:
		return m->context->lineage;
	case CONTEXT_STAGE:
		return m->context->stage;
	case CONTEXT_SOURCE:
		return m->context->source;
	default:
		return value_int(m->context->line(m->context->line_arg));
	}
}

/* The scalars and forms that end eval_single()'s loop. */
static bool
leaf_single(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	switch (n->op) {
	case OP_IDENTITY:
		*out = in;
		return true;
	case OP_LITERAL:
		*out = n->value;
		return true;
	case OP_VAR:
		*out = cell_at(env, n->up)->value;
		return true;
	case OP_CONTEXT:
		*out = value_share(context_value(m, n));
		return true;
	case OP_BOUND:
		*out = value_share(m->bound[n->up]);
		return true;
	case OP_INDEX:
	case OP_SLICE:
		return access_single(m, n, env, in, out);
	case OP_STRING:
		return string_single(m, n, env, in, out);
	case OP_FORMAT:
		return n->format->fn(m, value_share(in), NULL, out);
	case OP_ARRAY:
		return array_single(m, n, env, in, out);
	case OP_OBJECT:
		return object_single(m, n, env, in, out);
	case OP_NEGATE:
		return eval_single(m, n->a, env, value_share(in), out) &&
		    arith_negate(m, *out, out);
	case OP_AND:
	case OP_OR:
		return logic_single(m, n, env, in, out);
	case OP_BUILTIN:
		return builtin_single(m, n, env, in, out);
	case OP_REDUCE:
	case OP_TRY:
		return form_single(m, n, env, in, out);
	case OP_ASSIGN:
	case OP_UPDATE:
	case OP_ARITH:
	case OP_SET_ALT:
	case OP_SETPATH:
	case OP_DELPATHS:
	case OP_DELETE:
		return change_single(m, n, env, in, out);
	case OP_GETPATH:
		return eval_single(m, n->a, env, value_share(in), out) &&
		    path_get(m, value_share(in), *out, out);
	default:
		return operator_single(m, n, env, in, out);
	}
}

/*
 * n failed, on behalf of a place of the program: the innermost one, which
 * comes first, is where the error is said to be.  Gives false.
 */
static __attribute__((cold, noinline)) bool
blame(struct machine *m, const struct node *n, const struct node *outer)
{
	if (m->state != MACHINE_RAISED || m->raised != NULL)
		return false;
	if (n->at != NODE_NOWHERE)
		m->raised = n;
	else if (outer->at != NODE_NOWHERE)
		m->raised = outer;
	return false;
}

bool
eval_single(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	const struct node *outer = n;
	struct value v;
	bool found;

	if (!machine_stack_left(m))
		return false;
	for (;;) {
		switch (n->op) {
		case OP_PIPE:
			if (!eval_single(m, n->a, env, in, &in))
				return blame(m, n, outer);
			n = n->b;
			break;
		case OP_IF:
			if (!eval_single(m, n->a, env, value_share(in), &v))
				return blame(m, n, outer);
			n = value_is_true(v) ? n->b : n->c;
			if (n == NULL) {
				*out = in;
				return true;
			}
			break;
		case OP_ALT:
			if (!eval_option(
				m, n->a, env, value_share(in), &v, &found))
				return blame(m, n, outer);
			if (found && value_is_true(v)) {
				*out = v;
				return true;
			}
			n = n->b;
			break;
		case OP_DEF:
			n = n->a;
			break;
		case OP_BIND:
			if (!eval_single(m, n->a, env, value_share(in), &v))
				return blame(m, n, outer);
			in = eval_keep_owned(in, n->a, v);
			env = cell_new(m, env, v);
			n = n->b;
			break;
		case OP_CALL:
			if (n->at != NODE_NOWHERE)
				outer = n;
			if (!bind_call_single(m, n, env, in, &env))
				return blame(m, n, outer);
			in = value_share(in);
			n = n->def->body;
			break;
		default:
			return leaf_single(m, n, env, in, out) ||
			    blame(m, n, outer);
		}
	}
}

/* Forms with several outputs, and all forms in path mode. */
static bool
eval_form(struct run *r)
{
	switch (r->n->op) {
	case OP_PIPE:
		return eval_pipe(r);
	case OP_INDEX:
	case OP_SLICE:
		return eval_access(r);
	case OP_EACH:
		return eval_each(r);
	case OP_RECURSE:
		return eval_recurse(r);
	case OP_GETPATH:
		return eval_getpath(r);
	case OP_IF:
		return eval_if(r);
	case OP_ALT:
		return eval_alternative(r);
	case OP_TRY:
		return eval_try(r);
	case OP_REDUCE:
		return eval_reduce(r);
	case OP_FOREACH:
		return eval_foreach(r);
	case OP_BIND:
		return eval_bind(r);
	case OP_LABEL:
		return eval_label(r);
	case OP_BREAK:
		return eval_break(r);
	case OP_CALL:
		return eval_call(r);
	case OP_ERROR:
		return eval_error(r);
	case OP_RANGE:
		return eval_range(r);
	case OP_FIRST:
		return eval_limited(r, r->n->a, 1);
	case OP_LAST:
		return eval_last(r);
	case OP_LIMIT:
	case OP_SKIP:
		return eval_counted(r);
	case OP_PATH:
		return eval_path(r);
	case OP_MATCH:
		return eval_match(
		    r->m, r->n, r->env, value_share(r->in), r->k, r->path);
	case OP_SUB_RE:
		return eval_substitute(
		    r->m, r->n, r->env, value_share(r->in), r->k, r->path);
	case OP_STRING:
		return eval_product(
		    r, combine_reversed(r->m, r->n), r->n->n, combine_string);
	case OP_BUILTIN:
		return eval_product(
		    r, combine_reversed(r->m, r->n), r->n->n, combine_builtin);
	case OP_OBJECT:
		return eval_product(r, (const struct node *const *)r->n->items,
		    r->n->n, combine_object);
	case OP_AND:
	case OP_OR:
		return eval_logic(r);
	case OP_ASSIGN:
	case OP_ARITH:
	case OP_SET_ALT:
	case OP_SETPATH:
	case OP_DELPATHS:
		return eval_change(r->m, r->n, r->env, r->in, r->path, r->k);
	case OP_NEGATE:
		return eval_negate(r);
	default:
		return eval_operator(r);
	}
}

/* In path mode these are values like any other: no path leads to them. */
static bool
is_plain(const struct node *n)
{
	switch (n->op) {
	case OP_LITERAL:
	case OP_STRING:
	case OP_FORMAT:
	case OP_ARRAY:
	case OP_OBJECT:
	case OP_NEGATE:
	case OP_VAR:
	case OP_CONTEXT:
	case OP_BOUND:
	case OP_BUILTIN:
	case OP_UPDATE:
	case OP_ASSIGN:
	case OP_ARITH:
	case OP_SET_ALT:
	case OP_SETPATH:
	case OP_DELPATHS:
	case OP_DELETE:
		return true;
	default:
		return n->op >= OP_ADD && n->op <= OP_OR;
	}
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
 * The next node of a tail position, so that loops written as recursion run
 * in bounded stack; NULL where the node is no such form.
 */
static const struct node *
eval_tail(struct machine *m, const struct node *n, struct cell **env,
    struct value *in, struct path *path, bool *failed)
{
	const struct node *first;
	struct cell *cell = *env;
	struct value v;

	*failed = false;
	switch (n->op) {
	case OP_DEF:
		return n->a;
	case OP_PIPE:
		first = n->a;
		if (path != NULL || !stands_for_single(&first, &cell))
			return NULL;
		*failed = !eval_single(m, first, cell, *in, in);
		return n->b;
	case OP_IF:
		first = n->a;
		if (!stands_for_single(&first, &cell))
			return NULL;
		*failed = !eval_single(m, first, cell, value_share(*in), &v);
		if (*failed)
			return n;
		n = value_is_true(v) ? n->b : n->c;
		return n != NULL ? n : &IDENTITY;
	case OP_BIND:
		if (!(n->a->traits & TRAIT_SINGLE) || n->n != 1 ||
		    n->patterns[0]->kind != PATTERN_VAR)
			return NULL;
		*failed = !eval_single(m, n->a, *env, value_share(*in), &v);
		if (*failed)
			return n;
		*in = eval_keep_owned(*in, n->a, v);
		*env = cell_new(m, *env, v);
		return n->b;
	case OP_CALL:
		if (def_has_value_params(n->def)) {
			if (!value_args_single(n))
				return NULL;
			*failed = !bind_call_single(m, n, *env, *in, env);
			*in = value_share(*in);
		} else {
			*env = bind_call(m, n, *env);
		}
		return n->def->body;
	case OP_PARAM:
		cell = cell_at(*env, n->up);
		if (cell->body == NULL)
			return NULL;
		*env = cell->env;
		return cell->body;
	default:
		return NULL;
	}
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
			return blame(m, n, outer);
		if (next == NULL && n->op != OP_COMMA)
			break;
		if (next == NULL) {
			in = value_share(in);
			if (!eval(m, n->a, env, in, path, k))
				return false;
			next = n->b;
		}
		n = next;
	}
	if (n->op == OP_EMPTY)
		return true;
	if (n->op == OP_IDENTITY)
		return k->put(k, in, path);
	if (n->op == OP_PARAM)
		return k->put(k, cell_at(env, n->up)->value, path);
	if (n->traits & TRAIT_SINGLE && (path == NULL || is_plain(n)))
		return (eval_single(m, n, env, in, &v) || blame(m, n, outer)) &&
		    k->put(k, v, path);
	if (n->traits & TRAIT_OPTION && path == NULL && keeps_input(n)) {
		if (!eval_option(m, n, env, in, &v, &found))
			return blame(m, n, outer);
		return !found || k->put(k, v, path);
	}
	return eval_form(&(struct run){m, n, env, in, path, k}) ||
	    blame(m, n, outer);
}
