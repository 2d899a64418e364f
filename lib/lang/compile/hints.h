/*
 * hints - what may be meant by a name that isn't known, and checks for what
 * is certain to be a slip in a program that could run.
 */
#ifndef LANG_COMPILE_HINTS_H
#define LANG_COMPILE_HINTS_H

#include "lang/compile/passes.h"
#include "lang/compile/nearest.h"

/*
 * Complain about a call of a function that isn't there; near is the name
 * that comes nearest, of those that are.
 */
_Noreturn void hints_unknown(
    struct compile *c, const struct node *call, const struct nearest *near);

/* Complain about a variable that isn't there. */
_Noreturn void hints_variable(struct compile *c, const struct node *var);

/*
 * Look at a node that has just been resolved: a call with a constant pattern
 * that is wrong, and a condition that is an assignment, are refused.
 */
void hints_check(struct compile *c, const struct node *n);

/*
 * Refuse a program that is to say which events pass, but whose last word is
 * an assignment, true of every event.
 */
void hints_predicate(struct compile *c, const struct node *root);

#endif
