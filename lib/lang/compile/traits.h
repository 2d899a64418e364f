/*
 * traits - what the evaluator may rely on, from the shape of a program.
 */
#ifndef LANG_COMPILE_TRAITS_H
#define LANG_COMPILE_TRAITS_H

#include "lang/syntax/ast.h"

/* Traits of a node whose parts are resolved. */
uint8_t traits_of(const struct node *n);

#endif
