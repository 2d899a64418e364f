#include "schema/ecma.h"

#include <string.h>

#include "base/utf8.h"
#include "schema/ecma_parts.h"

/* What a quantifier finds before it. */
enum before { NOTHING, ATOM, QUANTIFIER };

/* One atom of a class: a character, or a set that is written at once. */
static bool
read_class_atom(struct translation *t, uint32_t *c, bool *is_set)
{
	*is_set = false;
	if (*t->p != '\\') {
		*c = ecma_read_character(t);
		return true;
	}
	if (++t->p == t->end)
		return ecma_fail(t, t->p, "a backslash at the end");
	if (*t->p == 'p' || *t->p == 'P') {
		*is_set = true;
		return ecma_read_property(t, *t->p++);
	}
	if (ecma_put_set(t, *t->p)) {
		*is_set = true;
		t->p++;
		return true;
	}
	if (*t->p == 'b') {
		*c = '\b';
		t->p++;
		return true;
	}
	return ecma_read_escape(t, c);
}

static bool
read_class_range(struct translation *t)
{
	const char *from = t->p;
	uint32_t c, to;
	bool is_set;

	if (!read_class_atom(t, &c, &is_set))
		return false;
	if (is_set)
		return true;
	ecma_put_code(t, c);
	if (t->end - t->p < 2 || t->p[0] != '-' || t->p[1] == ']')
		return true;
	t->p++;
	buf_putc(t->out, '-');
	if (!read_class_atom(t, &to, &is_set))
		return false;
	if (is_set || to < c)
		return ecma_fail(t, from, "no range of characters");
	ecma_put_code(t, to);
	return true;
}

/* A class; p stands at its [. */
static bool
read_class(struct translation *t)
{
	const char *from = t->p++;
	bool outside = t->p < t->end && *t->p == '^';

	t->p += outside;
	if (t->p < t->end && *t->p == ']') {
		t->p++;
		buf_puts(t->out, outside ? "[\\x{0}-\\x{10ffff}]" : "(?!)");
		return true;
	}
	buf_puts(t->out, outside ? "[^" : "[");
	while (t->p < t->end && *t->p != ']')
		if (!read_class_range(t))
			return false;
	if (t->p == t->end)
		return ecma_fail(t, from, "a class without its ]");
	t->p++;
	buf_putc(t->out, ']');
	return true;
}

static size_t
name_length(const char *p, const char *end)
{
	size_t n = 0;

	while (p + n < end && p[n] != '>' && p[n] != ')' && p[n] != '\\')
		n++;
	return p + n < end && p[n] == '>' ? n : 0;
}

/* \k<name>: a group that took no part matches the empty string. */
static bool
read_named_reference(struct translation *t)
{
	size_t n;

	if (t->p == t->end || *t->p != '<' ||
	    (n = name_length(t->p + 1, t->end)) == 0)
		return ecma_fail(t, t->p, "expected <name>");
	buf_puts(t->out, "(?(<");
	buf_put(t->out, t->p + 1, n);
	buf_puts(t->out, ">)\\k<");
	buf_put(t->out, t->p + 1, n);
	buf_puts(t->out, ">)");
	t->p += n + 2;
	return true;
}

static bool
read_reference(struct translation *t)
{
	const char *from = t->p;
	uint32_t i = 0;

	while (t->p < t->end && *t->p >= '0' && *t->p <= '9' && i < 100000)
		i = i * 10 + (uint32_t)(*t->p++ - '0');
	if (i > t->groups)
		return ecma_fail(t, from, "no such group");
	buf_printf(t->out, "(?(%u)\\g{%u})", (unsigned)i, (unsigned)i);
	return true;
}

static bool
read_atom_escape(struct translation *t, enum before *before)
{
	static const char word[] = "[0-9A-Z_a-z]";
	uint32_t c;

	*before = ATOM;
	if (++t->p == t->end)
		return ecma_fail(t, t->p - 1, "a backslash at the end");
	switch (*t->p) {
	case 'b':
	case 'B':
		buf_printf(t->out,
		    *t->p == 'b' ? "(?:(?<=%s)(?!%s)|(?<!%s)(?=%s))"
				 : "(?:(?<=%s)(?=%s)|(?<!%s)(?!%s))",
		    word, word, word, word);
		t->p++;
		*before = NOTHING;
		return true;
	case 'p':
	case 'P':
		return ecma_read_property(t, *t->p++);
	case 'k':
		t->p++;
		return read_named_reference(t);
	}
	if (*t->p >= '1' && *t->p <= '9')
		return read_reference(t);
	buf_putc(t->out, '[');
	if (ecma_put_set(t, *t->p))
		t->p++;
	else if (ecma_read_escape(t, &c))
		ecma_put_code(t, c);
	buf_putc(t->out, ']');
	return t->error == NULL;
}

static bool
read_group(struct translation *t, enum before *before)
{
	static const char *const kinds[] = {
	    "(?:", "(?=", "(?!", "(?<=", "(?<!"};
	size_t n;

	*before = NOTHING;
	t->open++;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (ecma_next_is(t, kinds[i])) {
			buf_puts(t->out, kinds[i]);
			t->p += strlen(kinds[i]);
			return true;
		}
	}
	if (ecma_next_is(t, "(?<") && (n = name_length(t->p + 3, t->end)) > 0) {
		buf_put(t->out, t->p, n + 4);
		t->p += n + 4;
		return true;
	}
	if (ecma_next_is(t, "(?"))
		return ecma_fail(t, t->p, "no such group in ECMA-262");
	buf_putc(t->out, '(');
	t->p++;
	return true;
}

/* {n}, {n,} or {n,m}: its length, or 0. */
static size_t
braces(const char *p, const char *end)
{
	const char *from = p++, *digit = p;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	if (p == digit)
		return 0;
	if (p < end && *p == ',')
		p++;
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p < end && *p == '}' ? (size_t)(p + 1 - from) : 0;
}

static bool
read_quantifier(struct translation *t, size_t n, enum before *before)
{
	if (*before != ATOM)
		return ecma_fail(t, t->p, "nothing to repeat");
	*before = QUANTIFIER;
	buf_put(t->out, t->p, n);
	t->p += n;
	if (t->p < t->end && *t->p == '?') {
		buf_putc(t->out, '?');
		t->p++;
	}
	return true;
}

static void
read_literal(struct translation *t)
{
	uint32_t c = ecma_read_character(t);
	char text[UTF8_MAX];

	if (c < 0x80 && ecma_hex_digit((char)c) < 0 &&
	    ((c | 0x20) < 'a' || (c | 0x20) > 'z'))
		ecma_put_code(t, c);
	else
		buf_put(t->out, text, utf8_write(c, text));
}

static bool
read_close(struct translation *t, enum before *before)
{
	if (t->open == 0)
		return ecma_fail(t, t->p, "a ) without its (");
	t->open--;
	*before = ATOM;
	buf_putc(t->out, ')');
	t->p++;
	return true;
}

static bool
read_one(struct translation *t, enum before *before)
{
	size_t n = 1;

	switch (*t->p) {
	case '\\':
		return read_atom_escape(t, before);
	case '[':
		*before = ATOM;
		return read_class(t);
	case '(':
		return read_group(t, before);
	case ')':
		return read_close(t, before);
	case '{':
		n = braces(t->p, t->end);
		if (n == 0)
			break;
		/* FALLTHROUGH */
	case '*':
	case '+':
	case '?':
		return read_quantifier(t, n, before);
	case '|':
	case '^':
	case '$':
		buf_puts(t->out,
		    *t->p == '|'       ? "|"
			: *t->p == '^' ? "\\A"
				       : "\\z");
		*before = NOTHING;
		t->p++;
		return true;
	case '.':
		*before = ATOM;
		buf_puts(t->out, "[^\\n\\r\\x{2028}\\x{2029}]");
		t->p++;
		return true;
	}
	*before = ATOM;
	read_literal(t);
	return true;
}

/* How many groups can be referred to. */
static uint32_t
count_groups(const char *p, const char *end)
{
	bool inside = false;
	uint32_t n = 0;

	for (; p < end; p++) {
		if (*p == '\\')
			p++;
		else if (inside || *p == '[')
			inside = *p != ']';
		else if (*p == '(')
			n += p + 1 == end || p[1] != '?' ||
			    (end - p > 3 && p[2] == '<' && p[3] != '=' &&
				p[3] != '!');
	}
	return n;
}

const char *
ecma_translate(const char *pattern, size_t len, struct buf *out, size_t *at)
{
	struct translation t = {.p = pattern, .end = pattern + len, .out = out};
	enum before before = NOTHING;

	t.groups = count_groups(t.p, t.end);
	while (t.p < t.end && read_one(&t, &before))
		;
	if (t.error == NULL && t.open > 0)
		ecma_fail(&t, t.end, "a ( without its )");
	if (t.error != NULL)
		*at = (size_t)(t.at - pattern);
	return t.error;
}
