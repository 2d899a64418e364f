#include "schema/ecma.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

struct translation {
	const char *p, *end;
	struct buf *out;
	const char *error; /* the first */
	const char *at;    /* of it */
	uint32_t groups;   /* in all of the pattern */
	uint32_t open;     /* parentheses */
};

/* What a quantifier finds before it. */
enum before { NOTHING, ATOM, QUANTIFIER };

struct range {
	uint32_t from, to;
};

static const struct range digits[] = {{'0', '9'}};
static const struct range words[] = {
    {'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
static const struct range spaces[] = {{9, 13}, {32, 32}, {0xA0, 0xA0},
    {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F},
    {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};

static const struct {
	const char *name, *value;
} categories[] = {{"Letter", "L"}, {"Cased_Letter", "L&"}, {"LC", "L&"},
    {"Uppercase_Letter", "Lu"}, {"Lowercase_Letter", "Ll"},
    {"Titlecase_Letter", "Lt"}, {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"}, {"Mark", "M"}, {"Combining_Mark", "M"},
    {"Nonspacing_Mark", "Mn"}, {"Spacing_Mark", "Mc"}, {"Enclosing_Mark", "Me"},
    {"Number", "N"}, {"Decimal_Number", "Nd"}, {"digit", "Nd"},
    {"Letter_Number", "Nl"}, {"Other_Number", "No"}, {"Punctuation", "P"},
    {"punct", "P"}, {"Connector_Punctuation", "Pc"}, {"Dash_Punctuation", "Pd"},
    {"Open_Punctuation", "Ps"}, {"Close_Punctuation", "Pe"},
    {"Initial_Punctuation", "Pi"}, {"Final_Punctuation", "Pf"},
    {"Other_Punctuation", "Po"}, {"Symbol", "S"}, {"Math_Symbol", "Sm"},
    {"Currency_Symbol", "Sc"}, {"Modifier_Symbol", "Sk"},
    {"Other_Symbol", "So"}, {"Separator", "Z"}, {"Space_Separator", "Zs"},
    {"Line_Separator", "Zl"}, {"Paragraph_Separator", "Zp"}, {"Other", "C"},
    {"Control", "Cc"}, {"cntrl", "Cc"}, {"Format", "Cf"}, {"Surrogate", "Cs"},
    {"Private_Use", "Co"}, {"Unassigned", "Cn"}};

static bool
fail(struct translation *t, const char *at, const char *why)
{
	if (t->error == NULL) {
		t->error = why;
		t->at = at;
	}
	return false;
}

static bool
next_is(const struct translation *t, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(t->end - t->p) >= n && memcmp(t->p, text, n) == 0;
}

static void
put_code(struct translation *t, uint32_t c)
{
	buf_printf(t->out, "\\x{%x}", (unsigned)c);
}

/* The ranges, or all that is outside them, for within a class. */
static void
put_ranges(struct translation *t, const struct range *r, size_t n, bool outside)
{
	uint32_t from = 0;

	for (size_t i = 0; i < n; i++) {
		if (!outside) {
			put_code(t, r[i].from);
			buf_putc(t->out, '-');
			put_code(t, r[i].to);
			continue;
		}
		put_code(t, from);
		buf_putc(t->out, '-');
		put_code(t, r[i].from - 1);
		from = r[i].to + 1;
	}
	if (outside) {
		put_code(t, from);
		buf_puts(t->out, "-\\x{10ffff}");
	}
}

/* \d \w \s and their opposites; false where c is none of them. */
static bool
put_set(struct translation *t, char c)
{
	switch (c) {
	case 'd':
	case 'D':
		put_ranges(t, digits, 1, c == 'D');
		return true;
	case 'w':
	case 'W':
		put_ranges(t, words, sizeof(words) / sizeof(*words), c == 'W');
		return true;
	case 's':
	case 'S':
		put_ranges(
		    t, spaces, sizeof(spaces) / sizeof(*spaces), c == 'S');
		return true;
	default:
		return false;
	}
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Exactly n digits; false, and nothing read, where they aren't there. */
static bool
read_hex(struct translation *t, size_t n, uint32_t *c)
{
	uint32_t code = 0;

	if ((size_t)(t->end - t->p) < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int d = hex_digit(t->p[i]);

		if (d < 0)
			return false;
		code = code << 4 | (uint32_t)d;
	}
	t->p += n;
	*c = code;
	return true;
}

static bool
read_braced(struct translation *t, uint32_t *c)
{
	const char *from = t->p++;
	uint32_t code = 0;

	for (; t->p < t->end && hex_digit(*t->p) >= 0; t->p++) {
		code = code << 4 | (uint32_t)hex_digit(*t->p);
		if (code > 0x10FFFF)
			return fail(t, from, "no character has that code");
	}
	if (t->p == t->end || *t->p != '}' || t->p == from + 1)
		return fail(t, from, "expected a code and }");
	t->p++;
	*c = code;
	return true;
}

/* Behind \u.  Two surrogates are one character, one alone is none. */
static bool
read_unicode(struct translation *t, uint32_t *c)
{
	uint32_t low;

	if (t->p < t->end && *t->p == '{')
		return read_braced(t, c);
	if (!read_hex(t, 4, c))
		return fail(t, t->p, "expected four hexadecimal digits");
	if (*c >= 0xD800 && *c < 0xDC00 && next_is(t, "\\u")) {
		const char *back = t->p;

		t->p += 2;
		if (read_hex(t, 4, &low) && low >= 0xDC00 && low < 0xE000) {
			*c = 0x10000 + ((*c - 0xD800) << 10) + (low - 0xDC00);
			return true;
		}
		t->p = back;
	}
	if (*c >= 0xD800 && *c < 0xE000)
		*c = UTF8_REPLACEMENT;
	return true;
}

/* The character that an escape stands for; the backslash is behind us. */
static bool
read_escape(struct translation *t, uint32_t *c)
{
	static const char from[] = "tnvfr", to[] = "\t\n\v\f\r";
	const char *at = t->p, *found;
	char e = *t->p++;

	found = e == '\0' ? NULL : strchr(from, e);
	if (found != NULL) {
		*c = (unsigned char)to[found - from];
		return true;
	}
	switch (e) {
	case 'u':
		return read_unicode(t, c);
	case 'x':
		return read_hex(t, 2, c) ||
		    fail(t, t->p, "expected two hexadecimal digits");
	case 'c':
		if (t->p == t->end || (*t->p | 0x20) < 'a' ||
		    (*t->p | 0x20) > 'z')
			return fail(t, t->p, "expected a letter behind \\c");
		*c = (unsigned char)*t->p++ & 31;
		return true;
	case '0':
		if (t->p < t->end && *t->p >= '0' && *t->p <= '9')
			return fail(t, at, "no octal escapes in ECMA-262");
		*c = 0;
		return true;
	}
	if ((unsigned char)e < 0x80 && hex_digit(e) < 0 &&
	    ((e | 0x20) < 'a' || (e | 0x20) > 'z') && e > ' ') {
		*c = (unsigned char)e;
		return true;
	}
	return fail(t, at, "no such escape in ECMA-262");
}

static bool
put_category(struct translation *t, const char *name, size_t n)
{
	size_t count = sizeof(categories) / sizeof(*categories);

	for (size_t i = 0; i < count; i++) {
		if (strlen(categories[i].name) == n &&
		    memcmp(categories[i].name, name, n) == 0) {
			buf_puts(t->out, categories[i].value);
			return true;
		}
	}
	return false;
}

static bool
starts(const char *p, size_t n, const char *with)
{
	return n >= strlen(with) && memcmp(p, with, strlen(with)) == 0;
}

static void
put_property(struct translation *t, const char *p, size_t n)
{
	static const char *const names[][2] = {{"General_Category=", ""},
	    {"gc=", ""}, {"Script=", "sc:"}, {"sc=", "sc:"},
	    {"Script_Extensions=", "scx:"}, {"scx=", "scx:"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (starts(p, n, names[i][0])) {
			buf_puts(t->out, names[i][1]);
			n -= strlen(names[i][0]);
			p += strlen(names[i][0]);
			break;
		}
	}
	if (!put_category(t, p, n))
		buf_put(t->out, p, n);
}

/* \p{...} or \P{...}; p stands behind the letter. */
static bool
read_property(struct translation *t, char letter)
{
	const char *from = t->p + 1, *p = from;

	if (t->p == t->end || *t->p != '{')
		return fail(t, t->p, "expected {");
	while (p < t->end &&
	    (hex_digit(*p) >= 0 || *p == '_' || *p == '=' ||
		((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z')))
		p++;
	if (p == t->end || *p != '}' || p == from)
		return fail(t, from, "expected a property's name and }");
	t->p = p + 1;
	if (starts(from, (size_t)(p - from), "Assigned")) {
		buf_puts(t->out, letter == 'p' ? "\\P{Cn}" : "\\p{Cn}");
		return true;
	}
	buf_printf(t->out, "\\%c{", letter);
	put_property(t, from, (size_t)(p - from));
	buf_putc(t->out, '}');
	return true;
}

static uint32_t
read_character(struct translation *t)
{
	size_t n;
	uint32_t c = utf8_decode(t->p, &n);

	t->p += n;
	return c;
}

/* One atom of a class: a character, or a set that is written at once. */
static bool
read_class_atom(struct translation *t, uint32_t *c, bool *is_set)
{
	*is_set = false;
	if (*t->p != '\\') {
		*c = read_character(t);
		return true;
	}
	if (++t->p == t->end)
		return fail(t, t->p, "a backslash at the end");
	if (*t->p == 'p' || *t->p == 'P') {
		*is_set = true;
		return read_property(t, *t->p++);
	}
	if (put_set(t, *t->p)) {
		*is_set = true;
		t->p++;
		return true;
	}
	if (*t->p == 'b') {
		*c = '\b';
		t->p++;
		return true;
	}
	return read_escape(t, c);
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
	put_code(t, c);
	if (t->end - t->p < 2 || t->p[0] != '-' || t->p[1] == ']')
		return true;
	t->p++;
	buf_putc(t->out, '-');
	if (!read_class_atom(t, &to, &is_set))
		return false;
	if (is_set || to < c)
		return fail(t, from, "no range of characters");
	put_code(t, to);
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
		return fail(t, from, "a class without its ]");
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
		return fail(t, t->p, "expected <name>");
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
		return fail(t, from, "no such group");
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
		return fail(t, t->p - 1, "a backslash at the end");
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
		return read_property(t, *t->p++);
	case 'k':
		t->p++;
		return read_named_reference(t);
	}
	if (*t->p >= '1' && *t->p <= '9')
		return read_reference(t);
	buf_putc(t->out, '[');
	if (put_set(t, *t->p))
		t->p++;
	else if (read_escape(t, &c))
		put_code(t, c);
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
		if (next_is(t, kinds[i])) {
			buf_puts(t->out, kinds[i]);
			t->p += strlen(kinds[i]);
			return true;
		}
	}
	if (next_is(t, "(?<") && (n = name_length(t->p + 3, t->end)) > 0) {
		buf_put(t->out, t->p, n + 4);
		t->p += n + 4;
		return true;
	}
	if (next_is(t, "(?"))
		return fail(t, t->p, "no such group in ECMA-262");
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
		return fail(t, t->p, "nothing to repeat");
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
	uint32_t c = read_character(t);
	char text[UTF8_MAX];

	if (c < 0x80 && hex_digit((char)c) < 0 &&
	    ((c | 0x20) < 'a' || (c | 0x20) > 'z'))
		put_code(t, c);
	else
		buf_put(t->out, text, utf8_write(c, text));
}

static bool
read_close(struct translation *t, enum before *before)
{
	if (t->open == 0)
		return fail(t, t->p, "a ) without its (");
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
		fail(&t, t.end, "a ( without its )");
	if (t.error != NULL)
		*at = (size_t)(t.at - pattern);
	return t.error;
}
