#include <string.h>

#include "lang/syntax/nesting.h"

static void
push(struct nesting *s, char closer, size_t at)
{
	if (s->n < NESTING_DEEP)
		s->stack[s->n] = (struct nesting_level){closer, at};
	s->n++;
}

/* False where another closer is expected. */
static bool
pop(struct nesting *s, char closer)
{
	if (s->n == 0 || s->n > NESTING_DEEP ||
	    s->stack[s->n - 1].closer != closer)
		return false;
	s->n--;
	return true;
}

static bool
in_string(const struct nesting *s)
{
	return s->n > 0 && s->n <= NESTING_DEEP &&
	    s->stack[s->n - 1].closer == '"';
}

/* Read on in a string, up to its end or an interpolation. */
static bool
pass_string(struct nesting *s, struct lexer *lx)
{
	const char *piece;
	size_t n;
	bool more;

	if (!lexer_piece(lx, &piece, &n, &more))
		return false;
	if (more)
		push(s, ')', lx->at - 1);
	else
		s->n--;
	return true;
}

static bool
pass_bracket(struct nesting *s, const struct token *t)
{
	static const char pairs[] = "()[]{}";
	const char *p = t->len == 1 ? strchr(pairs, *t->text) : NULL;

	if (t->kind != TOKEN_OP || p == NULL)
		return true;
	if ((p - pairs) % 2 == 0)
		push(s, p[1], t->at);
	else if (!pop(s, *t->text))
		return false;
	return true;
}

/* A word in an object may be a key. */
static bool
is_key(const struct nesting *s, const struct token *before)
{
	return s->n > 0 && s->n <= NESTING_DEEP &&
	    s->stack[s->n - 1].closer == '}' &&
	    (token_is(before, "{") || token_is(before, ","));
}

static bool
pass_keyword(
    struct nesting *s, const struct token *t, const struct token *before)
{
	if (t->kind != TOKEN_KEYWORD || is_key(s, before))
		return true;
	if (token_is(t, "if")) {
		if (before->kind == TOKEN_KEYWORD && token_is(before, "else")) {
			s->else_if = true;
			s->else_if_at = t->at;
		}
		push(s, 'e', t->at);
	} else if (token_is(t, "end")) {
		return pop(s, 'e');
	}
	return true;
}

void
nesting_follow(struct nesting *s, const char *text, size_t len, size_t end)
{
	struct lexer lx = {text, len, 0};
	struct token t = {.kind = TOKEN_END, .text = "", .len = 0}, before;

	s->n = 0;
	s->else_if = false;
	for (;;) {
		if (in_string(s) && !pass_string(s, &lx))
			return;
		if (in_string(s))
			continue;
		before = t;
		t = lexer_next(&lx);
		if (t.kind == TOKEN_END || t.at >= end)
			return;
		if (t.kind == TOKEN_STRING)
			push(s, '"', t.at);
		else if (!pass_bracket(s, &t) || !pass_keyword(s, &t, &before))
			return;
	}
}
