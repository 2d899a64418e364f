/*
 * lexer - tokens of a program.
 */
#ifndef LANG_SYNTAX_LEXER_H
#define LANG_SYNTAX_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum token_kind {
	TOKEN_END,
	TOKEN_BAD, /* a character that starts nothing */
	TOKEN_NUMBER,
	TOKEN_STRING, /* the opening quote; lexer_piece() reads on */
	TOKEN_NAME,   /* an identifier that is no keyword */
	TOKEN_KEYWORD,
	TOKEN_FIELD,  /* .name; text is the name */
	TOKEN_VAR,    /* $name; text is the name */
	TOKEN_FORMAT, /* @name; text is the name */
	TOKEN_OP,     /* an operator or a bracket */
};

struct token {
	enum token_kind kind;
	const char *text;
	uint32_t len;
	uint32_t at; /* byte in the source */
};

struct lexer {
	const char *text;
	size_t len;
	size_t at;
};

/* The token at the lexer's place, which moves behind it. */
struct token lexer_next(struct lexer *lx);

/*
 * Inside a string: the next piece of it, escapes and all.  Gives true and
 * sets *interpolation where a \( ends the piece, else the string's end.
 * False where the program ends inside the string.
 */
bool lexer_piece(
    struct lexer *lx, const char **text, size_t *len, bool *interpolation);

/*
 * Append a program without its comments and without the space around it: what
 * it does, as records tell it.  The program needn't be right.
 */
void lexer_put_code(struct buf *out, const char *text, size_t len);

/* Is its text just that? */
bool token_is(const struct token *t, const char *text);

#endif
