/*
 * builtin - functions that are written in C.
 *
 * A builtin gets its input and one value for each argument; called with
 * several values for an argument it runs for each combination, the last
 * argument's values outermost, as jq does it.
 */
#ifndef LANG_RUN_BUILTIN_H
#define LANG_RUN_BUILTIN_H

#include "lang/program.h"

struct machine;

/* *out is the result; false after fail() where there is none. */
typedef bool builtin_fn(struct machine *m, struct value in,
    const struct value *args, struct value *out);

struct builtin {
	const char *name;
	uint32_t args;
	builtin_fn *fn;
};

/* The tables of the files builtins_*.c, each ending with a NULL name. */
extern const struct builtin BUILTINS_CORE[];
extern const struct builtin BUILTINS_ENTRIES[];
extern const struct builtin BUILTINS_ORDER[];
extern const struct builtin BUILTINS_STRINGS[];
extern const struct builtin BUILTINS_MATH[];
extern const struct builtin BUILTINS_TIME[];

/* NULL where there is none of that name and number of arguments. */
const struct builtin *builtin_find(const char *name, size_t len, uint32_t args);

void builtin_each(
    void (*each)(void *arg, const char *name, uint32_t args), void *arg);

/* Apply a format (text, json, csv, …): false and an error if it can't. */
bool format_apply(struct machine *m, const char *name, size_t len,
    struct value in, struct value *out);
bool format_known(const char *name, size_t len);

/* --- for their bodies --- */

/* Raise an error with this message; gives false. */
bool fail(struct machine *m, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A short JSON text of a value, for messages: cut with "..." as jq does. */
const char *machine_show(struct machine *m, struct value v);

/* JSON text of a value as a string. */
struct value machine_json(struct machine *m, struct value v);

#endif
