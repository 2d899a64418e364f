#include <inttypes.h>
#include <string.h>

#include "state/key_text.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

enum { DEPTH = 1000 };

/* A number's digits without zeros at its ends, times 10 to the exponent. */
struct decimal_parts {
	const char *from, *to; /* may hold a point */
	size_t digits;
	int64_t point; /* digits in front of the point; may be negative */
	bool negative;
};

static int64_t
parse_exponent(const char *p, const char *end)
{
	bool negative = p < end && *p == '-';
	int64_t n = 0;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	for (; p < end; p++)
		if (n < INT64_MAX / 100)
			n = n * 10 + (*p - '0');
	return negative ? -n : n;
}

static void
take_apart(struct decimal_parts *d, const char *p, const char *end)
{
	const char *e = p, *point = NULL;

	*d = (struct decimal_parts){.negative = *p == '-'};
	p += d->negative;
	for (e = p; e < end && *e != 'e' && *e != 'E'; e++)
		if (*e == '.')
			point = e;
	if (e < end)
		d->point = parse_exponent(e + 1, end);
	d->point += (point == NULL ? e : point) - p;
	d->from = p;
	d->to = e;
	while (d->from < e && (*d->from == '0' || *d->from == '.'))
		d->point -= *d->from++ == '0' || point == NULL ? 1 : 0;
	while (d->to > d->from && (d->to[-1] == '0' || d->to[-1] == '.'))
		d->to--;
	for (const char *q = d->from; q < d->to; q++)
		d->digits += *q != '.';
}

/* Digits from number i to number n; zeros behind the last. */
static void
put_digits(struct buf *out, const struct decimal_parts *d, size_t i, size_t n)
{
	size_t at = 0;

	for (const char *q = d->from; q < d->to && at < n; q++) {
		if (*q == '.')
			continue;
		if (at >= i)
			buf_putc(out, *q);
		at++;
	}
	for (at = at > i ? at : i; at < n; at++)
		buf_putc(out, '0');
}

void
key_text_number(struct buf *out, const char *text, size_t len)
{
	struct decimal_parts d;

	take_apart(&d, text, text + len);
	if (d.digits == 0) {
		buf_putc(out, '0');
		return;
	}
	if (d.negative)
		buf_putc(out, '-');
	if (d.point > 0 && d.point <= 21) {
		put_digits(out, &d, 0, (size_t)d.point);
		if (d.digits > (size_t)d.point)
			buf_putc(out, '.');
		put_digits(out, &d, (size_t)d.point, d.digits);
	} else if (d.point <= 0 && d.point > -6) {
		buf_puts(out, "0.");
		for (int64_t i = d.point; i < 0; i++)
			buf_putc(out, '0');
		put_digits(out, &d, 0, d.digits);
	} else {
		put_digits(out, &d, 0, 1);
		if (d.digits > 1)
			buf_putc(out, '.');
		put_digits(out, &d, 1, d.digits);
		buf_printf(out, "e%+" PRId64, d.point - 1);
	}
}

static bool put(struct buf *out, struct arena *a, struct value v, int depth);

static bool
put_array(struct buf *out, struct arena *a, struct value v, int depth)
{
	v = array_open(a, v);
	buf_putc(out, '[');
	for (uint32_t i = 0; i < v.n; i++) {
		if (i > 0)
			buf_putc(out, ',');
		if (!put(out, a, array_at(v, i), depth))
			return false;
	}
	buf_putc(out, ']');
	return true;
}

static bool
put_object(struct buf *out, struct arena *a, struct value v, int depth)
{
	size_t n;
	struct value *keys = object_keys(a, v, &n);

	buf_putc(out, '{');
	for (size_t i = 0; i < n; i++) {
		struct value member;

		if (i > 0)
			buf_putc(out, ',');
		value_write_string(out, keys[i].text, keys[i].n);
		buf_putc(out, ':');
		if (!object_get(a, v, keys[i], &member) ||
		    !put(out, a, member, depth))
			return false;
	}
	buf_putc(out, '}');
	return true;
}

static void
put_number(struct buf *out, struct value v)
{
	char text[NUMBER_TEXT];

	if (v.kind == VALUE_NUMBER)
		key_text_number(out, v.text, v.n);
	else if (v.kind == VALUE_INT)
		buf_put(out, text, integer_format(v.i, text));
	else
		key_text_number(out, text, number_format(v.d, text));
}

static bool
put(struct buf *out, struct arena *a, struct value v, int depth)
{
	if (depth == 0)
		return false;
	if (value_is_number(v)) {
		put_number(out, v);
	} else if (value_is_string(v)) {
		v = string_decoded(a, v);
		value_write_string(out, v.text, v.n);
	} else if (value_is_array(v)) {
		return put_array(out, a, v, depth - 1);
	} else if (value_is_object(v)) {
		return put_object(out, a, v, depth - 1);
	} else {
		buf_puts(out,
		    v.kind == VALUE_NULL       ? "null"
			: v.kind == VALUE_TRUE ? "true"
					       : "false");
	}
	return true;
}

bool
key_text_write(struct buf *out, struct arena *a, struct value v)
{
	return put(out, a, v, DEPTH);
}
