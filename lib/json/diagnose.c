/*
 * One byte after the other, with a bit for each open bracket: no speed, but
 * the place and the reason of the first thing that is wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "json/scan.h"

struct parser {
	const char *text;
	size_t len;
	size_t at;
	size_t depth, max_depth;
	unsigned char *objects; /* a bit a level: set where it is an object */
	struct scan_error *error;
};

/* Note what is wrong at byte at; always false. */
static bool
wrong(struct parser *p, size_t at, const char *reason)
{
	/* Everything that can be expected can also be missing. */
	const char *end = at >= p->len && strncmp(reason, "expected", 8) == 0
	    ? ", but the line ends"
	    : "";

	p->error->column = at + 1;
	snprintf(
	    p->error->reason, sizeof(p->error->reason), "%s%s", reason, end);
	return false;
}

static int
peek(const struct parser *p)
{
	return p->at < p->len ? (unsigned char)p->text[p->at] : -1;
}

static void
skip_space(struct parser *p)
{
	int c;

	while ((c = peek(p)) == ' ' || c == '\t' || c == '\n' || c == '\r')
		p->at++;
}

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_hex(int c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* At a backslash. */
static bool
parse_escape(struct parser *p)
{
	size_t start = p->at++;
	int c = peek(p);

	if (c < 0)
		return wrong(p, p->at, "the line ends inside a string");
	p->at++;
	if (c != 'u') {
		if (c != '\0' && strchr("\"\\/bfnrt", c) != NULL)
			return true;
		return wrong(p, start, "unknown escape in a string");
	}
	for (int i = 0; i < 4; i++) {
		if (!is_hex(peek(p)))
			return wrong(p, start,
			    "\\u must be followed by four hex digits");
		p->at++;
	}
	return true;
}

/* A byte in a string that needs a look. */
static bool
parse_odd_byte(struct parser *p)
{
	const char *at = p->text + p->at;
	size_t n = utf8_valid((const unsigned char *)at, p->len - p->at);
	char reason[56];

	if (n == 0)
		return wrong(p, p->at, "not valid UTF-8");
	if (n == 1) {
		snprintf(reason, sizeof(reason),
		    "control character in a string (escape it as \\u%04x)",
		    (unsigned char)*at);
		return wrong(p, p->at, reason);
	}
	p->at += n;
	return true;
}

/* At a quote. */
static bool
parse_string(struct parser *p)
{
	for (p->at++;;) {
		int c = peek(p);

		if (c < 0)
			return wrong(p, p->at, "the line ends inside a string");
		if (c == '"') {
			p->at++;
			return true;
		}
		if (c == '\\') {
			if (!parse_escape(p))
				return false;
		} else if (c < ' ' || c >= 0x80) {
			if (!parse_odd_byte(p))
				return false;
		} else {
			p->at++;
		}
	}
}

static bool
parse_digits(struct parser *p, const char *reason)
{
	if (!is_digit(peek(p)))
		return wrong(p, p->at, reason);
	while (is_digit(peek(p)))
		p->at++;
	return true;
}

/* At a minus sign or digit. */
static bool
parse_number(struct parser *p)
{
	size_t start;

	if (peek(p) == '-')
		p->at++;
	start = p->at;
	if (!parse_digits(p, "expected a digit behind the minus sign"))
		return false;
	if (p->text[start] == '0' && p->at - start > 1)
		return wrong(p, start, "a number can't start with 0");
	if (peek(p) == '.') {
		p->at++;
		if (!parse_digits(p, "expected a digit behind the point"))
			return false;
	}
	if (peek(p) == 'e' || peek(p) == 'E') {
		p->at++;
		if (peek(p) == '+' || peek(p) == '-')
			p->at++;
		if (!parse_digits(p, "expected a digit in the exponent"))
			return false;
	}
	/* 0x10 and 1_000 are numbers elsewhere. */
	if (is_letter(peek(p)) || peek(p) == '_' || peek(p) == '.')
		return wrong(p, p->at, "this is no part of a number");
	return true;
}

static bool
parse_word(struct parser *p)
{
	static const char *const words[] = {"true", "false", "null"};
	size_t start = p->at, len;

	while (is_letter(peek(p)) || is_digit(peek(p)) || peek(p) == '_')
		p->at++;
	len = p->at - start;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strlen(words[i]) == len &&
		    memcmp(p->text + start, words[i], len) == 0)
			return true;
	}
	return wrong(p, start,
	    "expected a value; only true, false and null have no quotes");
}

static bool
in_object(const struct parser *p)
{
	size_t i = p->depth - 1;

	return p->objects[i / 8] >> i % 8 & 1;
}

/* At an opening bracket. */
static bool
open_bracket(struct parser *p)
{
	size_t i = p->depth;
	unsigned bit = 1u << i % 8;
	unsigned old;
	char reason[56];

	if (i == p->max_depth) {
		snprintf(reason, sizeof(reason),
		    "nested deeper than %zu levels", p->max_depth);
		return wrong(p, p->at, reason);
	}
	old = p->objects[i / 8];
	p->objects[i / 8] =
	    (unsigned char)(peek(p) == '{' ? old | bit : old & ~bit);
	p->depth++;
	p->at++;
	return true;
}

/* A key with its colon, or the reason why there is none. */
static bool
parse_key(struct parser *p, const char *reason)
{
	skip_space(p);
	if (peek(p) != '"')
		return wrong(p, p->at, reason);
	if (!parse_string(p))
		return false;
	skip_space(p);
	if (peek(p) != ':')
		return wrong(p, p->at, "expected ':' behind the key");
	p->at++;
	return true;
}

static bool
parse_scalar(struct parser *p)
{
	int c = peek(p);

	if (c == '"')
		return parse_string(p);
	if (c == '-' || is_digit(c))
		return parse_number(p);
	if (is_letter(c))
		return parse_word(p);
	if (c == '\'')
		return wrong(p, p->at, "a string stands in double quotes");
	return wrong(p, p->at, "expected a value");
}

/*
 * Step over what follows a value: closing brackets, and a comma with the
 * next key.  What must come then is a value, unless nothing is open.
 */
static bool
parse_after(struct parser *p)
{
	while (p->depth > 0) {
		bool object = in_object(p);
		int c;

		skip_space(p);
		c = peek(p);
		if (c == ',') {
			p->at++;
			return !object ||
			    parse_key(p, "expected a string as the key");
		}
		if (c != (object ? '}' : ']'))
			return wrong(p, p->at,
			    object ? "expected ',' or '}'"
				   : "expected ',' or ']'");
		p->at++;
		p->depth--;
	}
	return true;
}

/* A value or, for a bracket, what comes before its first value. */
static bool
parse_value(struct parser *p)
{
	int c, closer;

	skip_space(p);
	c = peek(p);
	if (c != '{' && c != '[')
		return parse_scalar(p) && parse_after(p);
	if (!open_bracket(p))
		return false;
	closer = c + 2;
	skip_space(p);
	if (peek(p) == closer)
		return parse_after(p);
	return c == '[' || parse_key(p, "expected a string as the key, or '}'");
}

/* Is a value still to come?  Not so once the brackets are closed. */
static bool
parse(struct parser *p)
{
	do {
		if (!parse_value(p))
			return false;
	} while (p->depth > 0);
	skip_space(p);
	if (p->at < p->len)
		return wrong(p, p->at, "text after the value");
	return true;
}

bool
scan_diagnose(
    const char *text, size_t len, size_t max_depth, struct scan_error *error)
{
	struct parser p = {.text = text, .len = len, .error = error};
	bool ok;

	/* No text is nested deeper than it is long. */
	p.max_depth = max_depth;
	p.objects = malloc((max_depth < len ? max_depth : len) / 8 + 1);
	if (p.objects == NULL)
		return wrong(&p, 0, "out of memory");
	ok = parse(&p);
	free(p.objects);
	return ok;
}
