/*
 * hints - what may be meant by a program that isn't one.
 *
 * Users come from JavaScript, Python, SQL, awk and the shell, and write what
 * is right there.  These functions look at the program's text alone, once it
 * is known to be wrong, so they cost nothing where it is right, and can
 * refuse nothing.
 */
#ifndef LANG_SYNTAX_HINTS_H
#define LANG_SYNTAX_HINTS_H

#include <stdbool.h>
#include <stddef.h>

struct hint {
	size_t at;      /* byte of the program that the message is about */
	char text[200]; /* the message */
};

/*
 * A message for the token at byte at, which stands where wanted (in the
 * parser's words) was expected.  False where nothing better is known than
 * that it wasn't expected.
 */
bool hint_token(struct hint *h, const char *text, size_t len, size_t at,
    const char *wanted);

enum { HINT_OPENED = 64 };

/*
 * Where what is wanted (a closing bracket in quotes, or 'end') should close
 * something, say in out where that was opened: "; the '(' at 1:9 is open".
 * Else out becomes empty.
 */
void hint_opened(char out[HINT_OPENED], const char *text, size_t len,
    size_t end, const char *wanted);

/* A message for the escape at byte at of a string that is none. */
void hint_escape(struct hint *h, const char *text, size_t len, size_t at);

#endif
