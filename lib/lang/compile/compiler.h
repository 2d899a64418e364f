/*
 * compiler - from a program's text to a resolved tree.
 *
 * A program is read-only once it is made, and may be shared by threads.
 */
#ifndef LANG_COMPILE_COMPILER_H
#define LANG_COMPILE_COMPILER_H

#include "lang/compile/library.h"
#include "lang/syntax/program_text.h"

/* A variable given from outside (--arg and the like). */
struct binding {
	const char *name;   /* without the $ */
	struct value value; /* lives as long as the program */
};

struct program_source {
	const char *text;
	size_t len;
	const char *file; /* that it was read from, or NULL */
	bool predicate;   /* what it gives says which events pass */
	const struct binding *bindings;
	size_t bindings_n;
	struct value named;      /* $__prog_named, $ARGS.named: an object */
	struct value positional; /* $ARGS.positional: an array */
};

struct program {
	struct arena arena;
	const char *text, *file; /* for messages */
	struct node *root;
	struct value *bound; /* variables from outside */
	size_t bound_n;
	uint32_t regexes; /* forms that match a regular expression */
};

/*
 * Compile; what the names of builtins stand for, the library says.  NULL
 * and error where the program is wrong or memory missing.  The source and
 * its texts may go afterwards, the bindings' values may not.
 */
struct program *compile_program(const struct program_source *source,
    const struct library *library, struct program_error *error);

/*
 * Is it made to give several outputs: by an iteration, a comma, .. or range,
 * outside of what gathers or picks outputs?  When in doubt, no.
 */
bool program_gives_several(const struct program *p);

/* Free all of a program, or nothing for NULL. */
void program_free(struct program *p);

#endif
