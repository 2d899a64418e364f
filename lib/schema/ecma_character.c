/*
 * Characters of a pattern, and sets of them.
 */
#include <string.h>

#include "base/utf8.h"
#include "schema/ecma_parts.h"

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

bool
ecma_fail(struct translation *t, const char *at, const char *why)
{
	if (t->error == NULL) {
		t->error = why;
		t->at = at;
	}
	return false;
}

bool
ecma_next_is(const struct translation *t, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(t->end - t->p) >= n && memcmp(t->p, text, n) == 0;
}

void
ecma_put_code(struct translation *t, uint32_t c)
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
			ecma_put_code(t, r[i].from);
			buf_putc(t->out, '-');
			ecma_put_code(t, r[i].to);
			continue;
		}
		ecma_put_code(t, from);
		buf_putc(t->out, '-');
		ecma_put_code(t, r[i].from - 1);
		from = r[i].to + 1;
	}
	if (outside) {
		ecma_put_code(t, from);
		buf_puts(t->out, "-\\x{10ffff}");
	}
}

bool
ecma_put_set(struct translation *t, char c)
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

int
ecma_hex_digit(char c)
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
		int d = ecma_hex_digit(t->p[i]);

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

	for (; t->p < t->end && ecma_hex_digit(*t->p) >= 0; t->p++) {
		code = code << 4 | (uint32_t)ecma_hex_digit(*t->p);
		if (code > 0x10FFFF)
			return ecma_fail(t, from, "no character has that code");
	}
	if (t->p == t->end || *t->p != '}' || t->p == from + 1)
		return ecma_fail(t, from, "expected a code and }");
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
		return ecma_fail(t, t->p, "expected four hexadecimal digits");
	if (*c >= 0xD800 && *c < 0xDC00 && ecma_next_is(t, "\\u")) {
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

bool
ecma_read_escape(struct translation *t, uint32_t *c)
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
		    ecma_fail(t, t->p, "expected two hexadecimal digits");
	case 'c':
		if (t->p == t->end || (*t->p | 0x20) < 'a' ||
		    (*t->p | 0x20) > 'z')
			return ecma_fail(
			    t, t->p, "expected a letter behind \\c");
		*c = (unsigned char)*t->p++ & 31;
		return true;
	case '0':
		if (t->p < t->end && *t->p >= '0' && *t->p <= '9')
			return ecma_fail(t, at, "no octal escapes in ECMA-262");
		*c = 0;
		return true;
	}
	if ((unsigned char)e < 0x80 && ecma_hex_digit(e) < 0 &&
	    ((e | 0x20) < 'a' || (e | 0x20) > 'z') && e > ' ') {
		*c = (unsigned char)e;
		return true;
	}
	return ecma_fail(t, at, "no such escape in ECMA-262");
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

bool
ecma_read_property(struct translation *t, char letter)
{
	const char *from = t->p + 1, *p = from;

	if (t->p == t->end || *t->p != '{')
		return ecma_fail(t, t->p, "expected {");
	while (p < t->end &&
	    (ecma_hex_digit(*p) >= 0 || *p == '_' || *p == '=' ||
		((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z')))
		p++;
	if (p == t->end || *p != '}' || p == from)
		return ecma_fail(t, from, "expected a property's name and }");
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

uint32_t
ecma_read_character(struct translation *t)
{
	size_t n;
	uint32_t c = utf8_decode(t->p, &n);

	t->p += n;
	return c;
}
