/*
 * compile - from a program's text to a resolved tree.
 *
 * The passes share one struct compile.  The first complaint ends them all:
 * compile_fail() jumps to the arena's overflow with COMPILE_FAILED.
 */
#ifndef LANG_COMPILE_COMPILE_H
#define LANG_COMPILE_COMPILE_H

#include "lang/syntax/ast.h"
#include "lang/program.h"

enum { COMPILE_NO_MEMORY = 1, COMPILE_FAILED };

struct compile {
	struct arena *arena;
	const char *text; /* that is being parsed: the program or a prelude's */
	size_t len;
	const struct program_source *source;
	struct program_error *error;
	bool prelude;             /* text is not the user's */
	struct prelude_use *uses; /* prelude definitions met so far */
	uint32_t matches;         /* patterns that are matched with */
};

_Noreturn void compile_fail(struct compile *c, uint32_t at, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

struct node *compile_node(struct compile *c, enum op op, uint32_t at);

/* JSON text of a value, cut where it is long. */
const char *compile_show(struct compile *c, struct value v);

/* $ENV and $ARGS; made once, opened and indexed, so read-only. */
struct value program_environment(struct compile *c);
struct value program_arguments(struct compile *c);

/* Parse the whole text as a query. */
struct node *parse_program(struct compile *c);

/* Bind names to what they stand for, and find each node's traits. */
void resolve_program(struct compile *c, struct node *root);

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
