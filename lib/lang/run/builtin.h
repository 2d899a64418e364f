/*
 * builtin - functions that are written in C, as the evaluator calls them.
 *
 * A builtin gets its input and one value for each argument; called with
 * several values for an argument it runs for each combination, the last
 * argument's values outermost, as jq does it.
 */
#ifndef LANG_RUN_BUILTIN_H
#define LANG_RUN_BUILTIN_H

#include <stdbool.h>

#include "lang/compile/library.h"
#include "value/value.h"

struct machine;

/* *out is the result; false after machine_fail() where there is none. */
typedef bool builtin_fn(struct machine *m, struct value in,
    const struct value *args, struct value *out);

/* Arguments that a builtin can have at most. */
enum { BUILTIN_ARGS = 8 };

struct builtin {
	const char *name;
	uint32_t args;
	builtin_fn *fn;
};

/* --- for their bodies --- */

/* Raise this value as the error; gives false. */
bool machine_raise(struct machine *m, struct value error);

/* Raise an error with this message; gives false. */
bool machine_fail(struct machine *m, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A short JSON text of a value, for messages: cut with "..." as jq does. */
const char *machine_show(struct machine *m, struct value v);

/* The text of a string for messages, which a NUL doesn't end. */
const char *machine_text(struct machine *m, struct value s);

/*
 * JSON text of a value as a string: the same for equal values, so without
 * spacing, shadowed members, or escapes that needn't be.
 */
struct value machine_json(struct machine *m, struct value v);

#endif
