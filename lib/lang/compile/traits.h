/*
 * traits - what the evaluator may rely on, from the shape of a program.
 */
#ifndef LANG_COMPILE_TRAITS_H
#define LANG_COMPILE_TRAITS_H

#include "lang/syntax/ast.h"

/* Find the traits of a node whose parts are resolved; none goes. */
void traits_find(struct node *n);

#endif
