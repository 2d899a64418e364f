/*
 * Each trait_X() says of a node whether it has a trait, given those of its
 * parts; forms.h says which one speaks for which trait of a form.  When in
 * doubt a node isn't single, no option, no place and not several, but has
 * the input.
 */
#include "lang/compile/traits.h"

static bool
has(const struct node *n, enum trait t)
{
	return n == NULL || (n->traits & t) != 0;
}

static bool
trait_always(const struct node *n, enum trait t)
{
	(void)n;
	(void)t;
	return true;
}

static bool
trait_never(const struct node *n, enum trait t)
{
	(void)n;
	(void)t;
	return false;
}

static bool
trait_parts(const struct node *n, enum trait t)
{
	for (size_t i = 0; i < NODE_PARTS; i++)
		if (!has(n->part[i], t))
			return false;
	return true;
}

static bool
trait_parts_any(const struct node *n, enum trait t)
{
	for (size_t i = 0; i < NODE_PARTS; i++)
		if (n->part[i] != NULL && has(n->part[i], t))
			return true;
	return false;
}

static bool
trait_items(const struct node *n, enum trait t)
{
	for (uint32_t i = 0; i < n->items_n; i++)
		if (!has(n->items[i], t))
			return false;
	return true;
}

static bool
trait_items_any(const struct node *n, enum trait t)
{
	for (uint32_t i = 0; i < n->items_n; i++)
		if (has(n->items[i], t))
			return true;
	return false;
}

static bool
trait_of(const struct node *n, enum trait t)
{
	return has(n->unary.of, t);
}

static bool
trait_array(const struct node *n, enum trait t)
{
	return n->unary.of != NULL && has(n->unary.of, t);
}

static bool
trait_both(const struct node *n, enum trait t)
{
	return has(n->binary.left, t) && has(n->binary.right, t);
}

static bool
trait_either(const struct node *n, enum trait t)
{
	return has(n->binary.left, t) || has(n->binary.right, t);
}

static bool
trait_alt(const struct node *n, enum trait t)
{
	return has(n->binary.left, TRAIT_OPTION) && has(n->binary.right, t);
}

/* What stands in a place of the input is no matter: to read it shares it. */
static bool
trait_pipe(const struct node *n, enum trait t)
{
	return has(n->binary.left, t) &&
	    (has(n->binary.right, t) || !has(n->binary.left, TRAIT_PLACE));
}

/* A constant key leads to a place. */
static bool
trait_index(const struct node *n, enum trait t)
{
	const struct node *key = n->index.key;

	return key->op == OP_LITERAL &&
	    (value_is_string(key->value) || value_is_number(key->value)) &&
	    has(n->index.of, t);
}

/* A place isn't the input itself. */
static bool
trait_beyond(const struct node *n, enum trait t)
{
	return !has(n, TRAIT_PLACE) && has(n->index.of, t);
}

static bool
trait_source(const struct node *n, enum trait t)
{
	return has(n->change.source, t);
}

static bool
trait_arms(const struct node *n, enum trait t)
{
	return has(n->branch.then, t) && has(n->branch.otherwise, t);
}

static bool
trait_arms_any(const struct node *n, enum trait t)
{
	return has(n->branch.then, t) || has(n->branch.otherwise, t);
}

/* Without a handler an error leaves no output. */
static bool
trait_caught(const struct node *n, enum trait t)
{
	return n->attempt.handler != NULL && trait_parts(n, t);
}

static bool
trait_uncaught(const struct node *n, enum trait t)
{
	return n->attempt.handler == NULL && has(n->attempt.body, t);
}

/* What is caught may hold the input, wherever it was raised. */
static bool
trait_caught_any(const struct node *n, enum trait t)
{
	return has(n->attempt.body, t) ||
	    (n->attempt.handler != NULL &&
		n->attempt.handler->op != OP_LITERAL);
}

static bool
trait_init(const struct node *n, enum trait t)
{
	return has(n->fold.init, t);
}

static bool
trait_bind(const struct node *n, enum trait t)
{
	return n->patterns_n == 1 && n->patterns[0]->kind == PATTERN_VAR &&
	    has(n->bind.source, t) && has(n->bind.body, t);
}

static bool
trait_body(const struct node *n, enum trait t)
{
	return has(n->bind.body, t);
}

static bool
trait_bound_any(const struct node *n, enum trait t)
{
	return !has(n, TRAIT_PLACE) || has(n->bind.body, t);
}

static bool
value_args_single(const struct node *n)
{
	for (uint32_t i = 0; i < n->items_n; i++)
		if (n->def->params[i].value && !has(n->items[i], TRAIT_SINGLE))
			return false;
	return true;
}

/* While a recursive body is being resolved it has no traits. */
static bool
trait_call(const struct node *n, enum trait t)
{
	return has(n->def->body, t) && value_args_single(n);
}

static bool
trait_callee(const struct node *n, enum trait t)
{
	return has(n->def->body, t);
}

static bool
trait_called_any(const struct node *n, enum trait t)
{
	return !has(n, TRAIT_PLACE) || has(n->def->body, t);
}

struct column {
	bool (*single)(const struct node *n, enum trait t);
	bool (*option)(const struct node *n, enum trait t);
	bool (*place)(const struct node *n, enum trait t);
	bool (*input)(const struct node *n, enum trait t);
	bool (*several)(const struct node *n, enum trait t);
};

#define COLUMN(op, path, resolve, single, option, place, input, several, ...)  \
	[OP_##op] = {trait_##single, trait_##option, trait_##place,            \
	    trait_##input, trait_##several},

static const struct column COLUMNS[] = {FORMS(COLUMN)};

void
traits_find(struct node *n)
{
	const struct column *c = &COLUMNS[n->op];

	if (c->single(n, TRAIT_SINGLE))
		n->traits |= TRAIT_SINGLE | TRAIT_OPTION;
	else if (c->option(n, TRAIT_OPTION))
		n->traits |= TRAIT_OPTION;
	if (c->place(n, TRAIT_PLACE))
		n->traits |= TRAIT_PLACE;
	if (c->input(n, TRAIT_INPUT))
		n->traits |= TRAIT_INPUT;
	if (c->several(n, TRAIT_SEVERAL))
		n->traits |= TRAIT_SEVERAL;
}
