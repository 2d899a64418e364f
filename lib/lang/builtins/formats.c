/*
 * The formats of @name and format(name).
 */
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "lang/builtins/builtins.h"
#include "lang/run/eval.h"
#include "value/array.h"
#include "value/string.h"

/* Text that grows in the arena. */
struct text {
	struct arena *arena;
	char *p;
	size_t len, cap;
};

static void
put(struct text *t, const char *p, size_t n)
{
	if (n > t->cap - t->len) {
		size_t cap = (t->len + n) * 2 + 32;
		char *to = arena_alloc(t->arena, cap);

		if (t->len > 0)
			memcpy(to, t->p, t->len);
		t->p = to;
		t->cap = cap;
	}
	if (n > 0)
		memcpy(t->p + t->len, p, n);
	t->len += n;
}

static void
puts_text(struct text *t, const char *s)
{
	put(t, s, strlen(s));
}

static struct value
string_of(struct machine *m, struct value v)
{
	return value_is_string(v) ? string_decoded(m->arena, v)
				  : machine_json(m, v);
}

static struct value
done(struct text *t)
{
	return t->len > 0 ? value_text(t->p, t->len) : value_text("", 0);
}

typedef bool format_fn(struct machine *m, struct text *t, struct value in);

static bool
as_text(struct machine *m, struct text *t, struct value in)
{
	struct value s = string_of(m, in);

	put(t, s.text, s.n);
	return true;
}

static bool
as_json(struct machine *m, struct text *t, struct value in)
{
	struct value s = machine_json(m, in);

	put(t, s.text, s.n);
	return true;
}

/* Bytes with some of them written otherwise. */
static void
put_escaped(struct text *t, struct value s, const char *(*escape)(char c))
{
	for (uint32_t i = 0; i < s.n; i++) {
		const char *other = escape(s.text[i]);

		if (other != NULL)
			puts_text(t, other);
		else
			put(t, s.text + i, 1);
	}
}

static const char *
csv_escape(char c)
{
	return c == '"' ? "\"\"" : NULL;
}

static const char *
tsv_escape(char c)
{
	switch (c) {
	case '\t':
		return "\\t";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\\':
		return "\\\\";
	default:
		return NULL;
	}
}

static const char *
html_escape(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '\'':
		return "&apos;";
	case '"':
		return "&quot;";
	default:
		return NULL;
	}
}

static const char *
sh_escape(char c)
{
	return c == '\'' ? "'\\''" : NULL;
}

static bool
as_row(struct machine *m, struct text *t, struct value in, bool csv)
{
	if (!value_is_array(in))
		return machine_fail(m,
		    "%s (%s) cannot be %s-formatted, only array",
		    value_type(in), machine_show(m, in), csv ? "csv" : "tsv");
	in = array_open(m->arena, in);
	for (uint32_t i = 0; i < in.n; i++) {
		struct value v = array_at(in, i);

		if (i > 0)
			puts_text(t, csv ? "," : "\t");
		if (value_is_array(v) || value_is_object(v))
			return machine_fail(m,
			    "%s (%s) is not valid in a csv row", value_type(v),
			    machine_show(m, v));
		if (v.kind == VALUE_NULL ||
		    (v.kind == VALUE_DOUBLE && isnan(v.d)))
			continue;
		if (!value_is_string(v)) {
			as_json(m, t, v);
			continue;
		}
		puts_text(t, csv ? "\"" : "");
		put_escaped(t, string_of(m, v), csv ? csv_escape : tsv_escape);
		puts_text(t, csv ? "\"" : "");
	}
	return true;
}

static bool
as_csv(struct machine *m, struct text *t, struct value in)
{
	return as_row(m, t, in, true);
}

static bool
as_tsv(struct machine *m, struct text *t, struct value in)
{
	return as_row(m, t, in, false);
}

static bool
as_html(struct machine *m, struct text *t, struct value in)
{
	put_escaped(t, string_of(m, in), html_escape);
	return true;
}

static bool
put_sh(struct machine *m, struct text *t, struct value v)
{
	if (value_is_array(v) || value_is_object(v))
		return machine_fail(m, "%s (%s) can not be escaped for shell",
		    value_type(v), machine_show(m, v));
	if (!value_is_string(v))
		return as_json(m, t, v);
	puts_text(t, "'");
	put_escaped(t, string_of(m, v), sh_escape);
	puts_text(t, "'");
	return true;
}

static bool
as_sh(struct machine *m, struct text *t, struct value in)
{
	if (!value_is_array(in))
		return put_sh(m, t, in);
	in = array_open(m->arena, in);
	for (uint32_t i = 0; i < in.n; i++) {
		if (i > 0)
			puts_text(t, " ");
		if (!put_sh(m, t, array_at(in, i)))
			return false;
	}
	return true;
}

static bool
unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
	    c == '~';
}

static bool
as_uri(struct machine *m, struct text *t, struct value in)
{
	static const char HEX[] = "0123456789ABCDEF";
	struct value s = string_of(m, in);

	for (uint32_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.text[i];
		char code[3] = {'%', HEX[c >> 4], HEX[c & 15]};

		if (unreserved((char)c))
			put(t, s.text + i, 1);
		else
			put(t, code, 3);
	}
	return true;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
as_urid(struct machine *m, struct text *t, struct value in)
{
	struct value s = string_of(m, in);

	for (uint32_t i = 0; i < s.n; i++) {
		int high, low;
		char c;

		if (s.text[i] != '%') {
			put(t, s.text + i, 1);
			continue;
		}
		high = i + 2 < s.n ? hex_digit(s.text[i + 1]) : -1;
		low = i + 2 < s.n ? hex_digit(s.text[i + 2]) : -1;
		if (high < 0 || low < 0)
			return machine_fail(m,
			    "%s (%s) is not a valid uri encoding",
			    value_type(in), machine_show(m, in));
		c = (char)(high << 4 | low);
		put(t, &c, 1);
		i += 2;
	}
	return utf8_check(t->p, t->len) == t->len ||
	    machine_fail(m, "%s (%s) is not a valid uri encoding",
		value_type(in), machine_show(m, in));
}

static const char BASE64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char BASE32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* Groups of bytes as characters of so many bits, padded with '='. */
static void
put_base(struct text *t, struct value s, const char *digits, unsigned bits,
    unsigned group)
{
	uint64_t acc = 0;
	unsigned held = 0, written = 0;

	for (uint32_t i = 0; i < s.n; i++) {
		acc = acc << 8 | (unsigned char)s.text[i];
		for (held += 8; held >= bits; written++) {
			held -= bits;
			put(t, &digits[acc >> held & ((1u << bits) - 1)], 1);
		}
	}
	if (held > 0) {
		put(t, &digits[acc << (bits - held) & ((1u << bits) - 1)], 1);
		written++;
	}
	for (; written % group != 0; written++)
		puts_text(t, "=");
}

static bool
as_base64(struct machine *m, struct text *t, struct value in)
{
	put_base(t, string_of(m, in), BASE64, 6, 4);
	return true;
}

static bool
as_base32(struct machine *m, struct text *t, struct value in)
{
	put_base(t, string_of(m, in), BASE32, 5, 8);
	return true;
}

/* The bytes that digits stand for; false where one is no digit. */
static bool
get_base(struct text *t, struct value s, const char *digits, unsigned bits,
    unsigned *left)
{
	uint64_t acc = 0;
	unsigned held = 0;

	while (s.n > 0 && s.text[s.n - 1] == '=')
		s.n--;
	for (uint32_t i = 0; i < s.n; i++) {
		const char *d = memchr(digits, s.text[i], (size_t)1 << bits);
		char c;

		if (d == NULL)
			return false;
		acc = acc << bits | (uint64_t)(d - digits);
		held += bits;
		if (held < 8)
			continue;
		held -= 8;
		c = (char)(acc >> held);
		put(t, &c, 1);
	}
	*left = held;
	return true;
}

static bool
from_base(struct machine *m, struct text *t, struct value in,
    const char *digits, unsigned bits)
{
	struct value s = string_of(m, in), fixed;
	unsigned left;

	if (!get_base(t, s, digits, bits, &left))
		return machine_fail(m, "%s (%s) is not valid base%u data",
		    value_type(in), machine_show(m, in), 1u << bits);
	if (left >= bits)
		return machine_fail(m, "%s (%s) trailing base%u byte found",
		    value_type(in), machine_show(m, in), 1u << bits);
	fixed = string_repair(m->arena, t->p, t->len);
	t->p = (char *)(uintptr_t)fixed.text;
	t->len = t->cap = fixed.n;
	return true;
}

static bool
as_base64d(struct machine *m, struct text *t, struct value in)
{
	return from_base(m, t, in, BASE64, 6);
}

static bool
as_base32d(struct machine *m, struct text *t, struct value in)
{
	return from_base(m, t, in, BASE32, 5);
}

static bool
apply(struct machine *m, format_fn *format, struct value in, struct value *out)
{
	struct text t = {.arena = m->arena};

	if (!format(m, &t, in))
		return false;
	*out = done(&t);
	return true;
}

#define FORMATS(X)                                                             \
	X(text)                                                                \
	X(json)                                                                \
	X(csv)                                                                 \
	X(tsv)                                                                 \
	X(html)                                                                \
	X(sh)                                                                  \
	X(uri)                                                                 \
	X(urid)                                                                \
	X(base64)                                                              \
	X(base64d)                                                             \
	X(base32)                                                              \
	X(base32d)

#define FUNCTION(name)                                                         \
	static bool format_##name(struct machine *m, struct value in,          \
	    const struct value *args, struct value *out)                       \
	{                                                                      \
		(void)args;                                                    \
		return apply(m, as_##name, in, out);                           \
	}

FORMATS(FUNCTION)

#define ENTRY(name) {#name, 0, format_##name},

const struct builtin BUILTINS_FORMATS[] = {FORMATS(ENTRY){NULL, 0, NULL}};
