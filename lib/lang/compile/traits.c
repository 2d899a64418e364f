#include "lang/compile/traits.h"

static bool
has(const struct node *n, enum trait t)
{
	return n == NULL || (n->traits & t) != 0;
}

static bool
all_have(const struct node *n, enum trait t)
{
	for (uint32_t i = 0; i < n->n; i++)
		if (!has(n->items[i], t))
			return false;
	return true;
}

static bool
value_args_single(const struct node *n)
{
	for (uint32_t i = 0; i < n->n; i++)
		if (n->def->params[i].value && !has(n->items[i], TRAIT_SINGLE))
			return false;
	return true;
}

static bool
is_single(const struct node *n)
{
	switch (n->op) {
	case OP_IDENTITY:
	case OP_LITERAL:
	case OP_FORMAT:
	case OP_ARRAY:
	case OP_VAR:
	case OP_CONTEXT:
	case OP_BOUND:
	case OP_UPDATE:
	case OP_DELETE:
		return true;
	case OP_STRING:
	case OP_OBJECT:
	case OP_BUILTIN:
		return all_have(n, TRAIT_SINGLE);
	case OP_ASSIGN:
	case OP_ARITH:
	case OP_SET_ALT:
		return has(n->b, TRAIT_SINGLE);
	case OP_EACH:
	case OP_RECURSE:
	case OP_COMMA:
	case OP_EMPTY:
	case OP_ERROR:
	case OP_RANGE:
	case OP_FIRST:
	case OP_LAST:
	case OP_LIMIT:
	case OP_SKIP:
	case OP_PARAM:
	case OP_LABEL:
	case OP_BREAK:
	case OP_PATH:
	case OP_FOREACH:
	case OP_MATCH:
	case OP_SUB_RE:
		return false;
	case OP_DEF:
		return has(n->a, TRAIT_SINGLE);
	case OP_TRY:
		return n->b != NULL && has(n->a, TRAIT_SINGLE) &&
		    has(n->b, TRAIT_SINGLE);
	case OP_ALT:
		return has(n->a, TRAIT_OPTION) && has(n->b, TRAIT_SINGLE);
	case OP_CALL:
		/* While a recursive body is being resolved it has no traits. */
		return has(n->def->body, TRAIT_SINGLE) && value_args_single(n);
	case OP_REDUCE:
		return has(n->b, TRAIT_SINGLE);
	case OP_BIND:
		return n->n == 1 && n->patterns[0]->kind == PATTERN_VAR &&
		    has(n->a, TRAIT_SINGLE) && has(n->b, TRAIT_SINGLE);
	default:
		return has(n->a, TRAIT_SINGLE) && has(n->b, TRAIT_SINGLE) &&
		    has(n->c, TRAIT_SINGLE);
	}
}

/* Never more than one output?  When in doubt, no. */
static bool
is_option(const struct node *n)
{
	if (is_single(n))
		return true;
	switch (n->op) {
	case OP_EMPTY:
	case OP_FIRST:
	case OP_LAST:
		return true;
	case OP_STRING:
	case OP_OBJECT:
	case OP_BUILTIN:
		return all_have(n, TRAIT_OPTION);
	case OP_DEF:
		return has(n->a, TRAIT_OPTION);
	case OP_CALL:
		return has(n->def->body, TRAIT_OPTION) && value_args_single(n);
	case OP_ASSIGN:
	case OP_ARITH:
	case OP_SET_ALT:
		return has(n->b, TRAIT_OPTION);
	case OP_PIPE:
	case OP_TRY:
	case OP_ALT:
	case OP_IF:
	case OP_INDEX:
	case OP_SLICE:
	case OP_NEGATE:
	case OP_AND:
	case OP_OR:
		break;
	default:
		if (n->op < OP_ADD || n->op > OP_GE)
			return false;
	}
	return has(n->a, TRAIT_OPTION) && has(n->b, TRAIT_OPTION) &&
	    has(n->c, TRAIT_OPTION);
}

/* Are outputs the input, or what stands in places of it, however deep? */
static bool
is_place(const struct node *n)
{
	switch (n->op) {
	case OP_IDENTITY:
	case OP_EMPTY:
		return true;
	case OP_INDEX:
		return n->b->op == OP_LITERAL &&
		    (value_is_string(n->b->value) ||
			value_is_number(n->b->value)) &&
		    has(n->a, TRAIT_PLACE);
	case OP_EACH:
	case OP_FIRST:
	case OP_LAST:
	case OP_DEF:
		return has(n->a, TRAIT_PLACE);
	case OP_TRY:
		return n->b == NULL && has(n->a, TRAIT_PLACE);
	case OP_PIPE:
	case OP_COMMA:
	case OP_ALT:
		return has(n->a, TRAIT_PLACE) && has(n->b, TRAIT_PLACE);
	case OP_IF:
		return has(n->b, TRAIT_PLACE) && has(n->c, TRAIT_PLACE);
	case OP_BIND:
		return has(n->b, TRAIT_PLACE);
	case OP_CALL:
		return has(n->def->body, TRAIT_PLACE);
	default:
		return false;
	}
}

/*
 * May what comes out hold what went in, or a view of it?  When in doubt,
 * yes.  What stands in a place of it is no matter: to read a place ends its
 * being owned.
 */
static bool
leaks_input(const struct node *n)
{
	switch (n->op) {
	case OP_LITERAL:
	case OP_STRING:
	case OP_FORMAT:
	case OP_VAR:
	case OP_CONTEXT:
	case OP_BOUND:
	case OP_EMPTY:
	case OP_RANGE:
	case OP_AND:
	case OP_OR:
	case OP_EQ:
	case OP_NE:
	case OP_LT:
	case OP_LE:
	case OP_GT:
	case OP_GE:
	case OP_NEGATE:
		return false;
	case OP_ARRAY:
		return n->a != NULL && has(n->a, TRAIT_INPUT);
	case OP_PIPE:
		return has(n->a, TRAIT_INPUT) &&
		    (has(n->b, TRAIT_INPUT) || !has(n->a, TRAIT_PLACE));
	case OP_OBJECT:
		for (uint32_t i = 0; i < n->n; i++)
			if (has(n->items[i], TRAIT_INPUT))
				return true;
		return false;
	case OP_ADD:
	case OP_SUB:
	case OP_MUL:
	case OP_DIV:
	case OP_MOD:
	case OP_COMMA:
	case OP_ALT:
		return has(n->a, TRAIT_INPUT) || has(n->b, TRAIT_INPUT);
	case OP_INDEX:
	case OP_EACH:
		return !is_place(n) && has(n->a, TRAIT_INPUT);
	case OP_CALL:
		return !is_place(n) || has(n->def->body, TRAIT_INPUT);
	case OP_BIND:
		return !is_place(n) || has(n->b, TRAIT_INPUT);
	case OP_SLICE:
	case OP_FIRST:
	case OP_LAST:
		return has(n->a, TRAIT_INPUT);
	case OP_TRY:
		/* What is caught may hold the input, wherever it was raised. */
		return has(n->a, TRAIT_INPUT) ||
		    (n->b != NULL && n->b->op != OP_LITERAL);
	case OP_IF:
		return has(n->b, TRAIT_INPUT) || has(n->c, TRAIT_INPUT);
	default:
		return true;
	}
}

uint8_t
traits_of(const struct node *n)
{
	unsigned traits = 0;

	if (is_single(n))
		traits |= TRAIT_SINGLE;
	if (is_option(n))
		traits |= TRAIT_OPTION;
	if (is_place(n))
		traits |= TRAIT_PLACE;
	if (leaks_input(n))
		traits |= TRAIT_INPUT;
	return (uint8_t)traits;
}
