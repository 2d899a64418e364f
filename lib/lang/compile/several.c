#include "lang/compile/compiler.h"

enum { CALLS = 32 }; /* one in another that are looked into */

static bool gives_several(const struct node *n, unsigned calls);

static bool
any_part(const struct node *n, unsigned calls)
{
	for (size_t i = 0; i < NODE_PARTS; i++)
		if (gives_several(n->part[i], calls))
			return true;
	return false;
}

static bool
any_item(const struct node *n, unsigned calls)
{
	for (uint32_t i = 0; i < n->items_n; i++)
		if (gives_several(n->items[i], calls))
			return true;
	return false;
}

/* Forms that aren't named here gather their outputs, or may have one. */
static bool
gives_several(const struct node *n, unsigned calls)
{
	if (n == NULL)
		return false;
	switch ((enum op)n->op) {
	case OP_EACH:
	case OP_COMMA:
	case OP_RECURSE:
	case OP_RANGE:
		return true;
	case OP_STRING:
	case OP_OBJECT:
	case OP_BUILTIN:
		return any_item(n, calls);
	case OP_CALL:
		return calls < CALLS && gives_several(n->def->body, calls + 1);
	case OP_ASSIGN:
	case OP_ARITH:
	case OP_SET_ALT:
		return gives_several(n->change.source, calls);
	case OP_DEF:
	case OP_PATH:
	case OP_INDEX:
	case OP_SLICE:
	case OP_PIPE:
	case OP_ALT:
	case OP_IF:
	case OP_TRY:
	case OP_BIND:
	case OP_NEGATE:
	case OP_AND:
	case OP_OR:
		return any_part(n, calls);
	default:
		return n->op >= OP_ADD && n->op <= OP_GE && any_part(n, calls);
	}
}

bool
program_gives_several(const struct program *p)
{
	return gives_several(p->root, 0);
}
