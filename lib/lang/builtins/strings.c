/*
 * Builtins over strings, and what turns other values into strings.
 */
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "lang/builtins/builtins.h"
#include "lang/run/eval.h"
#include "value/array.h"
#include "value/object.h"
#include "value/number.h"
#include "value/string.h"

static bool
fn_tostring(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	*out = value_is_string(in) ? in : machine_json(m, in);
	return true;
}

/* As a JSON number, or one that jq reads as well: +5, .5, 5., 05, nan. */
static bool
read_number(struct arena *a, struct value s, struct value *out)
{
	const char *p = s.text, *end = p + s.n;
	char *fixed = arena_alloc(a, (size_t)s.n + 4), *to = fixed;

	if (number_parse(p, s.n, out))
		return true;
	if (p < end && (*p == '+' || *p == '-')) {
		if (*p == '-')
			*to++ = '-';
		p++;
	}
	if (end - p == 3 && memcmp(p, "nan", 3) == 0) {
		*out = value_double(NAN);
		return true;
	}
	while (end - p > 1 && p[0] == '0' && p[1] >= '0' && p[1] <= '9')
		p++;
	if (p < end && *p == '.')
		*to++ = '0';
	while (p < end) {
		bool point = *p == '.';

		/* A point without digits on any side is no number. */
		if (point && to[-(to > fixed)] == '0' && s.n == 1)
			return false;
		*to++ = *p++;
		if (point && (p == end || *p == 'e' || *p == 'E'))
			*to++ = '0';
	}
	return number_parse(fixed, (size_t)(to - fixed), out);
}

static bool
fn_tonumber(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct value s;

	(void)args;
	*out = in;
	if (value_is_number(in))
		return true;
	if (!value_is_string(in))
		return machine_fail(m, "%s (%s) cannot be parsed as a number",
		    value_type(in), machine_show(m, in));
	s = string_decoded(m->arena, in);
	if (!read_number(m->arena, s, out))
		return machine_fail(m, "%s (%s) cannot be parsed as a number",
		    value_type(in), machine_show(m, in));
	/* A number that is spelled as JSON keeps its spelling. */
	if (number_parse(s.text, s.n, out)) {
		*out = VALUE_OF(VALUE_NUMBER);
		out->text = s.text;
		out->n = s.n;
	}
	return true;
}

static bool
fn_toboolean(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct value s;

	(void)args;
	*out = in;
	if (in.kind == VALUE_TRUE || in.kind == VALUE_FALSE)
		return true;
	s = value_is_string(in) ? string_decoded(m->arena, in)
				: value_text("", 0);
	if (s.n == 4 && memcmp(s.text, "true", 4) == 0)
		*out = value_bool(true);
	else if (s.n == 5 && memcmp(s.text, "false", 5) == 0)
		*out = value_bool(false);
	else
		return machine_fail(m, "%s (%s) cannot be parsed as a boolean",
		    value_type(in), machine_show(m, in));
	return true;
}

static struct value
change_case(struct arena *a, struct value s, char from, char to)
{
	char *text;

	s = string_decoded(a, s);
	text = arena_copy(a, s.text, s.n);
	for (size_t i = 0; i < s.n; i++)
		if (text[i] >= from && text[i] <= to)
			text[i] ^= 0x20;
	return value_text(text, s.n);
}

static bool
fn_downcase(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	if (!value_is_string(in))
		return machine_fail(m, "explode input must be a string");
	*out = change_case(m->arena, in, 'A', 'Z');
	return true;
}

static bool
fn_upcase(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	if (!value_is_string(in))
		return machine_fail(m, "explode input must be a string");
	*out = change_case(m->arena, in, 'a', 'z');
	return true;
}

static bool
both_strings(
    struct machine *m, struct value *x, struct value *y, const char *complaint)
{
	if (!value_is_string(*x) || !value_is_string(*y))
		return machine_fail(m, "%s", complaint);
	*x = string_decoded(m->arena, *x);
	*y = string_decoded(m->arena, *y);
	return true;
}

static bool
starts(struct value s, struct value with)
{
	return s.n >= with.n && memcmp(s.text, with.text, with.n) == 0;
}

static bool
ends(struct value s, struct value with)
{
	return s.n >= with.n &&
	    memcmp(s.text + s.n - with.n, with.text, with.n) == 0;
}

static bool
fn_startswith(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct value with = args[0];

	if (!both_strings(m, &in, &with, "startswith() requires string inputs"))
		return false;
	*out = value_bool(starts(in, with));
	return true;
}

static bool
fn_endswith(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct value with = args[0];

	if (!both_strings(m, &in, &with, "endswith() requires string inputs"))
		return false;
	*out = value_bool(ends(in, with));
	return true;
}

static bool
fn_ltrimstr(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct value with = args[0];

	if (!both_strings(m, &in, &with, "startswith() requires string inputs"))
		return false;
	*out = in;
	if (starts(in, with))
		*out = value_text(in.text + with.n, in.n - with.n);
	return true;
}

static bool
fn_rtrimstr(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct value with = args[0];

	if (!both_strings(m, &in, &with, "endswith() requires string inputs"))
		return false;
	*out = in;
	if (ends(in, with))
		*out = value_text(in.text, in.n - with.n);
	return true;
}

/* White space as Unicode has it. */
static bool
is_space(uint32_t c)
{
	return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 ||
	    c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
	    c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static bool
trim(struct machine *m, struct value in, bool left, bool right,
    struct value *out)
{
	size_t len;

	if (!value_is_string(in))
		return machine_fail(m, "trim input must be a string");
	in = value_text(
	    string_decoded(m->arena, in).text, string_decoded(m->arena, in).n);
	while (left && in.n > 0 && is_space(utf8_decode(in.text, &len))) {
		in.text += len;
		in.n -= (uint32_t)len;
	}
	while (right && in.n > 0) {
		uint32_t at = in.n - 1;

		while (at > 0 && (in.text[at] & 0xC0) == 0x80)
			at--;
		if (!is_space(utf8_decode(in.text + at, &len)))
			break;
		in.n = at;
	}
	*out = in;
	return true;
}

static bool
fn_trim(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	return trim(m, in, true, true, out);
}

static bool
fn_ltrim(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	return trim(m, in, true, false, out);
}

static bool
fn_rtrim(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	return trim(m, in, false, true, out);
}

static bool
fn_split(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct value by = args[0];

	if (!both_strings(
		m, &in, &by, "split input and separator must be strings"))
		return false;
	*out = arith_split(m->arena, in, by);
	return true;
}

/* What stands in an object, as an array. */
static struct value
values_of(struct arena *a, struct value in)
{
	struct value out = array_new(a, 8);
	struct member *member;
	uint32_t i = 0;

	in = value_share(object_open(a, in));
	while ((member = object_next(a, in, &i)) != NULL)
		out = array_push(a, out, value_take(&member->value));
	return out;
}

static bool
fn_join(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct value s = VALUE_OF(VALUE_NULL), piece;

	if (value_is_object(in))
		in = values_of(m->arena, in);
	if (!value_is_array(in))
		return machine_fail(m, "Cannot iterate over %s (%s)",
		    value_type(in), machine_show(m, in));
	in = array_open(m->arena, in);
	for (uint32_t i = 0; i < in.n; i++) {
		if (s.kind == VALUE_NULL)
			s = value_text("", 0);
		else if (!arith_apply(m, OP_ADD, s, args[0], &s))
			return false;
		piece = array_at(in, i);
		if (value_is_number(piece) || piece.kind == VALUE_TRUE ||
		    piece.kind == VALUE_FALSE)
			piece = machine_json(m, piece);
		else if (piece.kind == VALUE_NULL)
			piece = value_text("", 0);
		if (!arith_apply(m, OP_ADD, s, piece, &s))
			return false;
	}
	*out = s.kind == VALUE_NULL ? value_text("", 0) : s;
	return true;
}

static bool
fn_explode(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	if (!value_is_string(in))
		return machine_fail(m, "explode input must be a string");
	in = string_decoded(m->arena, in);
	*out = array_new(m->arena, in.n);
	for (size_t i = 0, len; i < in.n; i += len)
		*out = array_push(
		    m->arena, *out, value_int(utf8_decode(in.text + i, &len)));
	return true;
}

static bool
fn_implode(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	char *text, *to;

	(void)args;
	if (!value_is_array(in))
		return machine_fail(m, "implode input must be an array");
	in = array_open(m->arena, in);
	to = text = arena_array(m->arena, in.n, UTF8_MAX);
	for (uint32_t i = 0; i < in.n; i++) {
		struct value v = array_at(in, i);
		double c;

		c = value_is_number(v) ? value_to_double(v) : NAN;
		if (isnan(c))
			return machine_fail(m,
			    "%s (%s) can't be imploded, unicode "
			    "codepoint needs to be numeric",
			    value_type(v), machine_show(m, v));
		to += utf8_write(
		    c >= 0 && c <= 0x10FFFF ? (uint32_t)c : UTF8_REPLACEMENT,
		    to);
	}
	*out = value_text(text, (size_t)(to - text));
	return true;
}

/* Where a string stands in another, in code points; it may overlap. */
static bool
fn_strindices(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct value of = args[0];
	const char *p, *end, *found, *counted;
	size_t at = 0;

	if (!value_is_string(in))
		return machine_fail(m,
		    "%s (%s) cannot be searched, as it is not a "
		    "string",
		    value_type(in), machine_show(m, in));
	if (!value_is_string(of))
		return machine_fail(m, "%s (%s) is not a string",
		    value_type(of), machine_show(m, of));
	in = string_decoded(m->arena, in);
	of = string_decoded(m->arena, of);
	*out = array_new(m->arena, 0);
	counted = p = in.text;
	end = p + in.n;
	while (of.n > 0 &&
	    (found = memmem(p, (size_t)(end - p), of.text, of.n)) != NULL) {
		at += utf8_count(counted, (size_t)(found - counted));
		counted = found;
		*out = array_push(m->arena, *out, value_int((int64_t)at));
		p = found + 1;
	}
	return true;
}

static bool
fn_ascii(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	char *text = arena_alloc(m->arena, UTF8_MAX);

	(void)args;
	if (!value_is_number(in))
		return machine_fail(m, "ascii input must be a number");
	*out =
	    value_text(text, utf8_write((uint32_t)value_to_double(in), text));
	return true;
}

static bool
fn_format(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct value name = args[0];
	const struct builtin *format;

	if (!value_is_string(name))
		return machine_fail(m, "%s (%s) is not a valid format",
		    value_type(name), machine_show(m, name));
	name = string_decoded(m->arena, name);
	format = builtins_find_in(BUILTINS_FORMATS, name.text, name.n, 0);
	if (format == NULL)
		return machine_fail(
		    m, "%s is not a valid format", machine_text(m, name));
	return format->fn(m, in, NULL, out);
}

const struct builtin BUILTINS_STRINGS[] = {
    {"tostring", 0, fn_tostring},
    {"tonumber", 0, fn_tonumber},
    {"toboolean", 0, fn_toboolean},
    {"ascii_downcase", 0, fn_downcase},
    {"ascii_upcase", 0, fn_upcase},
    {"startswith", 1, fn_startswith},
    {"endswith", 1, fn_endswith},
    {"ltrimstr", 1, fn_ltrimstr},
    {"rtrimstr", 1, fn_rtrimstr},
    {"trim", 0, fn_trim},
    {"ltrim", 0, fn_ltrim},
    {"rtrim", 0, fn_rtrim},
    {"split", 1, fn_split},
    {"join", 1, fn_join},
    {"explode", 0, fn_explode},
    {"implode", 0, fn_implode},
    {"_strindices", 1, fn_strindices},
    {"ascii", 0, fn_ascii},
    {"format", 1, fn_format},
    {NULL, 0, NULL},
};
