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
bool parser_at_op(const struct parser *p, const char *text);
bool parser_at_keyword(const struct parser *p, const char *text);

/* Pass an operator or keyword if it is the next token. */
bool parser_accept(struct parser *p, const char *text);
void parser_expect(struct parser *p, const char *text);
_Noreturn void parser_unexpected(struct parser *p, const char *wanted);

struct node *parser_node(struct parser *p, enum op op);
struct node *parser_binary(
    struct parser *p, enum op op, uint32_t at, struct node *a, struct node *b);
struct node *parser_text(struct parser *p, const struct token *t);

/* A node named by the next token, which must be of that kind. */
struct node *parser_named(
    struct parser *p, enum op op, enum token_kind kind, const char *wanted);

/* Add to a list that doubles; n is what it holds. */
void *parser_list_add(
    struct arena *a, void *list, uint32_t n, const void *item, size_t size);
void parser_add_item(struct parser *p, struct node *n, struct node *item);

/* Parse the whole text of a source as a query. */
struct node *parse_program(struct program_text *s);

struct node *parse_pipe(struct parser *p);
struct node *parse_expr(struct parser *p, int level);
struct node *parse_postfix(struct parser *p); /* a term and what follows */
struct node *parse_var(struct parser *p);

/* May the next token be a key that stands for itself? */
bool parser_at_plain_key(const struct parser *p);
struct node *parse_plain_key(struct parser *p);
struct pattern *parse_pattern(struct parser *p);

#endif
