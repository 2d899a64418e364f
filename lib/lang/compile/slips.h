/*
 * slips - what could run, and is certain to be meant otherwise.
 */
#ifndef LANG_COMPILE_SLIPS_H
#define LANG_COMPILE_SLIPS_H

#include "lang/compile/passes.h"

/*
 * Look at a node that has just been resolved: a call with a constant pattern
 * that is wrong, and a condition that is an assignment, are refused.
 */
void slips_check(struct compile *c, const struct node *n);

/*
 * Refuse a program that is to say which events pass, but whose last word is
 * an assignment, true of every event.
 */
void slips_predicate(struct compile *c, const struct node *root);

#endif
