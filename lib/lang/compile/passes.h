/*
 * passes - what the passes of compiling share.
 */
#ifndef LANG_COMPILE_PASSES_H
#define LANG_COMPILE_PASSES_H

#include "lang/compile/compiler.h"

struct compile {
	struct program_text source; /* the program, or a prelude's */
	const struct program_source *given;
	const struct library *library;
	struct prelude_use *uses; /* prelude definitions met so far */
	uint32_t regexes;         /* forms that match so far */
	uint32_t nested;          /* levels above what is being resolved */
};

/* JSON text of a value, cut where it is long; in the program's arena. */
const char *compile_show(struct compile *c, struct value v);

/* $ENV and $ARGS: opened and indexed, so that no thread changes them. */
struct value compile_environment(struct compile *c);
struct value compile_arguments(struct compile *c);

/* Bind names to what they stand for, and find each node's traits. */
void resolve_program(struct compile *c, struct node *root);

/* Find out where a change, whose parts are resolved, leads always. */
void targets_settle(struct compile *c, struct node *n);

/*
 * The definition of a builtin that is written in the language, NULL where
 * there is none.  Parsed when it is first asked for.
 */
struct def *prelude_find(
    struct compile *c, const char *name, uint32_t len, uint32_t params);

/* Call each with every name that the prelude defines. */
void prelude_each(
    void (*each)(void *arg, const char *name, uint32_t params), void *arg);

#endif
