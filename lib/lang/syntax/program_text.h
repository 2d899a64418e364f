/*
 * program_text - the text of a program being compiled, and its first error.
 *
 * The first complaint ends compiling: program_text_fail() jumps to the arena's
 * overflow with SOURCE_FAILED.
 */
#ifndef LANG_SYNTAX_PROGRAM_TEXT_H
#define LANG_SYNTAX_PROGRAM_TEXT_H

#include "lang/syntax/ast.h"

/* Why and where a program doesn't compile. */
struct program_error {
	size_t line;   /* from 1 */
	size_t column; /* in code points, from 1 */
	size_t offset; /* in bytes, from 0 */
	bool starved;  /* it isn't the program: there is no memory */
	char text[256];
};

/* How the arena's jump ends: with no memory, or with a complaint. */
enum { SOURCE_NO_MEMORY = 1, SOURCE_FAILED };

struct program_text {
	struct arena *arena; /* all nodes come from it */
	const char *text; /* that is being parsed: the program or a prelude's */
	size_t len;
	struct program_error *error;
	bool prelude; /* text is not the user's */
};

/* Say that the program is wrong at that byte; doesn't return. */
_Noreturn void program_text_fail(struct program_text *s, uint32_t at,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A node of that form, empty but for its place; arena memory. */
struct node *node_new(struct program_text *s, enum op op, uint32_t at);

#endif
