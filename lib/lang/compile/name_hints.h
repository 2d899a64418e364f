/*
 * name_hints - what may be meant by a name that isn't known.
 */
#ifndef LANG_COMPILE_NAME_HINTS_H
#define LANG_COMPILE_NAME_HINTS_H

#include "lang/compile/nearest.h"
#include "lang/compile/passes.h"

/*
 * Complain about a call of a function that isn't there; near is the name
 * that comes nearest, of those that are.
 */
_Noreturn void name_hints_unknown(
    struct compile *c, const struct node *call, const struct nearest *near);

/* Complain about a variable that isn't there. */
_Noreturn void name_hints_variable(struct compile *c, const struct node *var);

#endif
