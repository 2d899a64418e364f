/*
 * program - the face of the language: a jq program, compiled once with all
 * builtins, and run on many events by machines.
 *
 * Who compiles and runs programs includes this; the folders below it don't.
 */
#ifndef LANG_PROGRAM_H
#define LANG_PROGRAM_H

#include "lang/run/machine.h"

/*
 * Compile; NULL and error where the program is wrong or memory missing.
 * program_free() frees it.
 */
struct program *program_new(
    const struct program_source *source, struct program_error *error);

#endif
