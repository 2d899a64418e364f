/*
 * parser - what the files of the parser share.
 *
 * parser.c has the pipes, operators and definitions, terms.c what stands
 * between the operators, patterns.c what stands behind "as".
 */
#ifndef LANG_SYNTAX_PARSER_H
#define LANG_SYNTAX_PARSER_H

#include "lang/syntax/program_text.h"
#include "lang/syntax/lexer.h"

/* Calls of the parser in each other: three for a pair of brackets. */
enum { MAX_NESTING = 3000 };

struct parser {
	struct program_text *source;
	struct lexer lx;
	struct token t; /* the one to be looked at */
	unsigned depth;
};

/*
 * Around each function of the parser that calls itself in the end: what is
 * nested too deeply is told, as it would end the stack.
 */
void parser_enter(struct parser *p);
void parser_leave(struct parser *p);

/* Go on to the next token. */
void parser_advance(struct parser *p);
/* Is the next token that operator, that keyword? */
bool parser_at_op(const struct parser *p, const char *text);
bool parser_at_keyword(const struct parser *p, const char *text);

/* Pass an operator or keyword if it is the next token. */
bool parser_accept(struct parser *p, const char *text);
/* Pass it, or complain. */
void parser_expect(struct parser *p, const char *text);
/* Complain about the next token, where wanted should stand. */
_Noreturn void parser_unexpected(struct parser *p, const char *wanted);

/* A node where the next token is. */
struct node *parser_node(struct parser *p, enum op op);
/* A node of two parts. */
struct node *parser_binary(
    struct parser *p, enum op op, uint32_t at, struct node *a, struct node *b);
/* A literal of the token's text. */
struct node *parser_text(struct parser *p, const struct token *t);

/* A node named by the next token, which must be of that kind. */
struct node *parser_named(
    struct parser *p, enum op op, enum token_kind kind, const char *wanted);

/* Add to a list that doubles; n is what it holds. */
void *parser_list_add(
    struct arena *a, void *list, uint32_t n, const void *item, size_t size);
void parser_add_item(struct parser *p, struct node *n, struct node *item);

/* Parse the whole text of a source as a query. */
struct node *parser_program(struct program_text *s);

/* A query: definitions, commas, pipes. */
struct node *parser_pipe(struct parser *p);
/* Operators of that level and above, over terms. */
struct node *parser_expr(struct parser *p, int level);
struct node *parser_postfix(struct parser *p); /* a term and what follows */

/* May the next token be a key that stands for itself? */
bool parser_at_plain_key(const struct parser *p);
/* Such a key: a name, a keyword, a string. */
struct node *parser_plain_key(struct parser *p);
/* n's patterns, from "as" on: $name, [...] or {...}, with ?// between them. */
void parser_patterns(struct parser *p, struct node *n);

#endif
