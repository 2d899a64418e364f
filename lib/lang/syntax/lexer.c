#include <ctype.h>
#include <string.h>

#include "lang/syntax/lexer.h"

static const char *const KEYWORDS[] = {
    "def",
    "if",
    "then",
    "elif",
    "else",
    "end",
    "as",
    "reduce",
    "foreach",
    "try",
    "catch",
    "label",
    "break",
    "import",
    "include",
    "module",
    "and",
    "or",
};

/* Longest first, so that the first that fits is the right one. */
static const char *const OPERATORS[] = {
    "?//",
    "//=",
    "..",
    "!=",
    "==",
    "//",
    "|=",
    "+=",
    "-=",
    "*=",
    "/=",
    "%=",
    "<=",
    ">=",
    ".",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    "|",
    ",",
    ":",
    ";",
    "=",
    "<",
    ">",
    "+",
    "-",
    "*",
    "/",
    "%",
    "?",
    "$",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
starts_name(char c)
{
	return c == '_' || isalpha((unsigned char)c);
}

static bool
in_name(char c)
{
	return c == '_' || isalnum((unsigned char)c);
}

/* A comment runs to the end of the line, unless a backslash ends that. */
static size_t
skip_comment(const struct lexer *lx, size_t i)
{
	while (i < lx->len && lx->text[i] != '\n') {
		if (lx->text[i] == '\\' && i + 1 < lx->len) {
			i++;
			if (lx->text[i] == '\r' && i + 1 < lx->len &&
			    lx->text[i + 1] == '\n')
				i++;
		}
		i++;
	}
	return i;
}

static void
skip_space(struct lexer *lx)
{
	size_t i = lx->at;

	while (i < lx->len) {
		char c = lx->text[i];

		if (c == '#')
			i = skip_comment(lx, i);
		else if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
			i++;
		else
			break;
	}
	lx->at = i > lx->len ? lx->len : i;
}

/* End of a name, with its module prefixes, that starts at i. */
static size_t
name_end(const struct lexer *lx, size_t i, bool modules)
{
	while (i < lx->len && in_name(lx->text[i]))
		i++;
	if (modules && i + 2 < lx->len && lx->text[i] == ':' &&
	    lx->text[i + 1] == ':' && starts_name(lx->text[i + 2]))
		return name_end(lx, i + 2, true);
	return i;
}

static size_t
digits_end(const struct lexer *lx, size_t i)
{
	while (i < lx->len && isdigit((unsigned char)lx->text[i]))
		i++;
	return i;
}

static size_t
number_end(const struct lexer *lx, size_t i)
{
	size_t e;

	i = digits_end(lx, i);
	if (i < lx->len && lx->text[i] == '.')
		i = digits_end(lx, i + 1);
	if (i >= lx->len || (lx->text[i] | 0x20) != 'e')
		return i;
	e = i + 1;
	if (e < lx->len && (lx->text[e] == '+' || lx->text[e] == '-'))
		e++;
	return e < lx->len && isdigit((unsigned char)lx->text[e])
	    ? digits_end(lx, e)
	    : i;
}

static struct token
token(struct lexer *lx, enum token_kind kind, size_t skip, size_t end)
{
	struct token t = {kind, lx->text + lx->at + skip,
	    (uint32_t)(end - lx->at - skip), (uint32_t)lx->at};

	lx->at = end;
	return t;
}

static struct token
operator(struct lexer *lx)
{
	size_t left = lx->len - lx->at;

	for (size_t i = 0; i < COUNT(OPERATORS); i++) {
		size_t n = strlen(OPERATORS[i]);

		if (n <= left &&
		    memcmp(lx->text + lx->at, OPERATORS[i], n) == 0)
			return token(lx, TOKEN_OP, 0, lx->at + n);
	}
	return token(lx, TOKEN_BAD, 0, lx->at + 1);
}

static struct token
word(struct lexer *lx)
{
	struct token t = token(lx, TOKEN_NAME, 0, name_end(lx, lx->at, true));

	for (size_t i = 0; i < COUNT(KEYWORDS); i++)
		if (token_is(&t, KEYWORDS[i]))
			t.kind = TOKEN_KEYWORD;
	return t;
}

struct token
lexer_next(struct lexer *lx)
{
	char c, next;

	skip_space(lx);
	if (lx->at == lx->len)
		return token(lx, TOKEN_END, 0, lx->at);
	c = lx->text[lx->at];
	next = lx->at + 1 < lx->len ? lx->text[lx->at + 1] : '\0';
	if (isdigit((unsigned char)c) ||
	    (c == '.' && isdigit((unsigned char)next)))
		return token(lx, TOKEN_NUMBER, 0, number_end(lx, lx->at));
	if (c == '"')
		return token(lx, TOKEN_STRING, 0, lx->at + 1);
	if (starts_name(c))
		return word(lx);
	if (c == '.' && starts_name(next))
		return token(
		    lx, TOKEN_FIELD, 1, name_end(lx, lx->at + 1, false));
	if (c == '$' && starts_name(next))
		return token(lx, TOKEN_VAR, 1, name_end(lx, lx->at + 1, true));
	if (c == '@' && in_name(next))
		return token(
		    lx, TOKEN_FORMAT, 1, name_end(lx, lx->at + 1, false));
	return operator(lx);
}

bool
lexer_piece(
    struct lexer *lx, const char **text, size_t *len, bool *interpolation)
{
	size_t i = lx->at;

	*text = lx->text + i;
	for (; i < lx->len; i++) {
		if (lx->text[i] == '"')
			break;
		if (lx->text[i] != '\\')
			continue;
		if (i + 1 < lx->len && lx->text[i + 1] == '(')
			break;
		i++;
	}
	if (i >= lx->len)
		return false;
	*len = i - lx->at;
	*interpolation = lx->text[i] == '\\';
	lx->at = i + 1 + *interpolation;
	return true;
}

bool
token_is(const struct token *t, const char *text)
{
	return strlen(text) == t->len && memcmp(t->text, text, t->len) == 0;
}

/* --- without comments --- */

enum { CODE_DEPTH = 64 }; /* strings in one another */

/* Where a program goes on: in strings, and in their interpolations. */
struct code {
	struct lexer lx;
	bool string;
	unsigned open[CODE_DEPTH]; /* parentheses in each interpolation */
	size_t n;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Pass over a comment, with its line where that holds nothing else. */
static void
drop_comment(struct code *c, struct buf *out, size_t from)
{
	while (out->len > from && is_blank(out->p[out->len - 1]))
		out->len--;
	c->lx.at = skip_comment(&c->lx, c->lx.at);
	if (c->lx.at < c->lx.len &&
	    (out->len == from || out->p[out->len - 1] == '\n'))
		c->lx.at++;
}

/* Take a byte that is no comment's; false where strings lie too deep. */
static bool
take_byte(struct code *c, struct buf *out)
{
	const struct lexer *lx = &c->lx;
	char x = lx->text[c->lx.at++];

	buf_putc(out, x);
	if (c->string && x == '\\' && lx->at < lx->len) {
		x = lx->text[c->lx.at++];
		buf_putc(out, x);
		if (x != '(')
			return true;
		if (c->n == CODE_DEPTH)
			return false;
		c->open[c->n++] = 0;
		c->string = false;
	} else if (x == '"') {
		c->string = !c->string;
	} else if (!c->string && c->n > 0 && x == '(') {
		c->open[c->n - 1]++;
	} else if (!c->string && c->n > 0 && x == ')') {
		if (c->open[c->n - 1]-- == 0) {
			c->n--;
			c->string = true;
		}
	}
	return true;
}

void
lexer_put_code(struct buf *out, const char *text, size_t len)
{
	struct code c = {.lx = {text, len, 0}};
	size_t from = out->len;

	skip_space(&c.lx);
	while (c.lx.at < len) {
		if (!c.string && text[c.lx.at] == '#') {
			drop_comment(&c, out, from);
		} else if (!take_byte(&c, out)) {
			out->len = from;
			buf_put(out, text, len);
			return;
		}
	}
	while (out->len > from &&
	    (is_blank(out->p[out->len - 1]) || out->p[out->len - 1] == '\n' ||
		out->p[out->len - 1] == '\r'))
		out->len--;
}
