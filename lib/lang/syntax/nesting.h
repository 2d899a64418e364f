/*
 * nesting - which brackets, strings and ifs are open at a place of a program.
 */
#ifndef LANG_SYNTAX_NESTING_H
#define LANG_SYNTAX_NESTING_H

#include <stdbool.h>
#include <stddef.h>

#include "lang/syntax/lexer.h"

enum { NESTING_DEEP = 512 }; /* levels that are remembered */

struct nesting_level {
	char closer; /* of the bracket; '"' of a string, 'e' for "end" */
	size_t at;
};

struct nesting {
	struct nesting_level stack[NESTING_DEEP];
	size_t n;     /* levels, which may be more than are remembered */
	bool else_if; /* an "else if" was met */
	size_t else_if_at;
};

/* Follow what opens and closes up to byte end, or the first mismatch. */
void nesting_follow(
    struct nesting *s, const char *text, size_t len, size_t end);

#endif
