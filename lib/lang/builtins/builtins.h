/*
 * builtins - the library that programs are compiled with: all functions
 * that are written in C.
 */
#ifndef LANG_BUILTINS_BUILTINS_H
#define LANG_BUILTINS_BUILTINS_H

#include "lang/run/builtin.h"

extern const struct library BUILTINS;

/* The tables of this folder's files, each ending with a NULL name. */
extern const struct builtin BUILTINS_CORE[];
extern const struct builtin BUILTINS_ENTRIES[];
extern const struct builtin BUILTINS_ORDER[];
extern const struct builtin BUILTINS_STRINGS[];
extern const struct builtin BUILTINS_MATH[];
extern const struct builtin BUILTINS_TIME[];

/* The formats of @name, as functions of the input alone. */
extern const struct builtin BUILTINS_FORMATS[];

/* The entry of a table with that name and arguments, or NULL. */
const struct builtin *builtins_find_in(
    const struct builtin *table, const char *name, size_t len, uint32_t args);

#endif
