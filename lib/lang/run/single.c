/*
 * Forms that have one output, where that is certain: single_X() gives it,
 * for the form X of lang/syntax/forms.h.
 */
#include "lang/run/run.h"
#include "value/array.h"
#include "value/object.h"

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

bool
single_array(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	struct collect c = {{take_element}, m, array_new(m->arena, 0)};

	if (n->unary.of != NULL &&
	    !eval(m, n->unary.of, env, value_share(in), NULL, &c.sink))
		return false;
	*out = c.array;
	return true;
}

/* Values of n's items, in the order last to first as jq has it. */
static bool
items_single(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *values)
{
	for (uint32_t i = n->items_n; i-- > 0;)
		if (!eval_operand(m, n->items[i], env, in, &values[i]))
			return false;
	return true;
}

bool
single_string(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	struct value *v = arena_array(m->arena, n->items_n, sizeof(*v));

	for (uint32_t i = n->items_n; i-- > 0;)
		if (!eval_operand(
			m, n->items[i], env, in, &v[n->items_n - 1 - i]))
			return false;
	return combine_join(m, n, v, out);
}

bool
single_object(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	struct value *v = arena_array(m->arena, n->items_n, sizeof(*v));

	for (uint32_t i = 0; i < n->items_n; i++)
		if (!eval_operand(m, n->items[i], env, in, &v[i]))
			return false;
	return combine_make_object(m, n, v, out);
}

bool
single_builtin(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	struct value args[8];

	return items_single(m, n, env, in, args) &&
	    n->builtin->fn(m, value_share(in), args, out);
}

/*
 * What a path leads to.  Nobody keeps it, so that it stays owned by its place:
 * else .a.b would have the next change of .a copy it.
 */
static bool
peek_along(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	struct value of, key;

	return n->op != OP_INDEX ? eval_operand(m, n, env, in, out)
				 : single_peek(m, n, env, in, &of, &key, out);
}

/* What is looked into at a key.  A slice keeps what it is a part of. */
static bool
looked_into(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value key, struct value *of)
{
	return value_is_object(key) ? eval_operand(m, n, env, in, of)
				    : peek_along(m, n, env, in, of);
}

bool
single_peek(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *of, struct value *key, struct value *out)
{
	return (eval_operand(m, n->index.key, env, in, key) &&
		   looked_into(m, n->index.of, env, in, *key, of) &&
		   path_peek(m, *of, *key, out)) ||
	    eval_blame(m, n, n);
}

bool
single_access(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	struct value of, key;

	return eval_operand(m, n->index.key, env, in, &key) &&
	    looked_into(m, n->index.of, env, in, key, &of) &&
	    path_index(m, of, key, out);
}

bool
single_operator(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	struct value x, y;

	if (!eval_operand(m, n->binary.right, env, in, &y))
		return false;
	in = n->op == OP_ADD || n->op == OP_MUL
	    ? eval_keep_owned(in, n->binary.right, y)
	    : value_share(in);
	return eval_single(m, n->binary.left, env, in, &x) &&
	    arith_apply(m, n->op, x, y, out);
}

bool
single_logic(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	if (!eval_operand(m, n->binary.left, env, in, out))
		return false;
	if (value_is_true(*out) != (n->op == OP_OR) &&
	    !eval_operand(m, n->binary.right, env, in, out))
		return false;
	*out = value_bool(value_is_true(*out));
	return true;
}

/* The last output, which for what is single is the only one. */
static bool
take_only(struct sink *k, struct value v, struct path *path)
{
	((struct collect *)k)->array = v;
	(void)path;
	return true;
}

bool
single_last(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	struct collect only = {{take_only}, m, VALUE_OF(VALUE_NULL)};

	if (!eval_many(&(struct run){m, n, env, in, NULL, &only.sink}))
		return false;
	*out = only.array;
	return true;
}

bool
single_format(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	(void)env;
	return n->format->fn(m, value_share(in), NULL, out);
}

bool
single_negate(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	return eval_single(m, n->unary.of, env, value_share(in), out) &&
	    arith_negate(m, *out, out);
}

bool
single_getpath(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	return eval_single(m, n->unary.of, env, value_share(in), out) &&
	    path_get(m, value_share(in), *out, out);
}

static struct value
context_value(const struct machine *m, const struct node *n)
{
	switch ((enum context)n->variant) {
	case CONTEXT_LINEAGE:
		return m->context->lineage;
	case CONTEXT_STAGE:
		return m->context->stage;
	case CONTEXT_SOURCE:
		return m->context->source;
	case CONTEXT_LINE:
		break;
	}
	return value_int(m->context->line(m->context->line_arg));
}

bool
single_context(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	(void)env;
	(void)in;
	*out = value_share(context_value(m, n));
	return true;
}

bool
single_bound(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	(void)env;
	(void)in;
	*out = value_share(m->bound[n->up]);
	return true;
}
