/*
 * What is known of the left side of a change before there is an event.
 */
#include "lang/compile/passes.h"
#include "value/array.h"
#include "value/ownership.h"

/* The one path that leads through constant keys, as .a.b and .[0] do. */
static bool
constant_path(struct compile *c, const struct node *n, struct value *path)
{
	struct value key;

	if (n->op == OP_IDENTITY) {
		*path = array_new(c->source.arena, 2);
		return true;
	}
	if (n->op == OP_PIPE) {
		struct value rest;

		if (!constant_path(c, n->binary.left, path) ||
		    !constant_path(c, n->binary.right, &rest))
			return false;
		for (uint32_t i = 0; i < rest.n; i++)
			*path = array_push(
			    c->source.arena, *path, array_at(rest, i));
		return true;
	}
	if (n->op != OP_INDEX || n->index.key->op != OP_LITERAL)
		return false;
	key = n->index.key->value;
	if (!(value_is_string(key) || value_is_number(key)) ||
	    !constant_path(c, n->index.of, path))
		return false;
	*path = array_push(c->source.arena, *path, key);
	return true;
}

/* Find the constant path of the left side of a change. */
static void
settle_path(struct compile *c, struct node *n)
{
	struct value path;

	if (!constant_path(c, n, &path))
		return;
	n->path = array_push(
	    c->source.arena, array_new(c->source.arena, 1), value_share(path));
	n->path = value_share(n->path);
	value_take(n->path.array->v);
	n->traits |= TRAIT_PATH;
}

/* Do x and y, of which x is a constant path, lead to the same place? */
static bool
same_place(struct arena *a, const struct node *x, const struct node *y)
{
	while (x->op == OP_INDEX && y->op == OP_INDEX) {
		if (y->index.key->op != OP_LITERAL ||
		    !value_equal(a, x->index.key->value, y->index.key->value))
			return false;
		x = x->index.of;
		y = y->index.of;
	}
	return x->op == OP_IDENTITY && y->op == OP_IDENTITY;
}

/* Is it .a = .a + x, .a = .a * x, or .a = .a[from:to], for whatever .a? */
static bool
is_of_itself(struct compile *c, const struct node *n)
{
	const struct node *of, *source = n->change.source;

	if (n->op != OP_ASSIGN || !(n->change.target->traits & TRAIT_PATH))
		return false;
	if (source->op == OP_SLICE)
		of = source->slice.of;
	else if (source->op == OP_ADD || source->op == OP_MUL)
		of = source->binary.left;
	else
		return false;
	return same_place(c->source.arena, n->change.target, of);
}

void
targets_settle(struct compile *c, struct node *n)
{
	settle_path(c, n->change.target);
	if (is_of_itself(c, n))
		n->variant = ASSIGN_ITSELF;
}
