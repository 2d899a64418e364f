#include <math.h>
#include <string.h>

#include "value/array.h"
#include "value/decimal.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"
#include "value/value.h"

/* Place of a type in jq's order. */
static int
rank(struct value v)
{
	if (v.kind <= VALUE_TRUE)
		return v.kind;
	if (v.kind <= VALUE_NUMBER)
		return 3;
	if (v.kind <= VALUE_ESCAPED)
		return 4;
	return v.kind <= VALUE_ARRAY ? 5 : 6;
}

/*
 * Is n, the value_number() of v, all that its text says?  A decimal of 15
 * digits at most is the only one that short which its double stands for,
 * unless it is very small or large; and only an integer that is spelled as
 * one becomes a VALUE_INT beyond 53 bits.
 */
static bool
is_exact(struct value v, struct value n)
{
	double d = n.kind == VALUE_INT ? (double)n.i : n.d;

	if (v.kind != VALUE_NUMBER || v.n == 1)
		return true;
	if (n.kind == VALUE_INT && fabs(d) >= 0x1p53)
		return true;
	return v.n <= 15 && fabs(d) > 1e-300 && fabs(d) < 1e300;
}

/* The number as JSON text; what was computed is what it is written as. */
static struct value
spelled(struct value v, char text[NUMBER_TEXT])
{
	if (v.kind == VALUE_NUMBER)
		return v;
	return value_text(text,
	    v.kind == VALUE_INT ? number_format_int(v.i, text)
				: number_format(v.d, text));
}

static int
compare_spelled(struct value x, struct value y)
{
	char x_text[NUMBER_TEXT], y_text[NUMBER_TEXT];

	if (x.kind == VALUE_DOUBLE && isinf(x.d))
		return signbit(x.d) ? -1 : 1;
	if (y.kind == VALUE_DOUBLE && isinf(y.d))
		return signbit(y.d) ? 1 : -1;
	x = spelled(x, x_text);
	y = spelled(y, y_text);
	return decimal_compare(x.text, x.n, y.text, y.n);
}

/* a and b, of which one is a double, are x and y as value_number() has them. */
static int
compare_doubles(struct value x, struct value y, struct value a, struct value b)
{
	double c = a.kind == VALUE_INT ? (double)a.i : a.d;
	double d = b.kind == VALUE_INT ? (double)b.i : b.d;

	if (isnan(c))
		return -1;
	if (isnan(d))
		return 1;
	/* What differs as doubles does so exactly as well. */
	if (c != d)
		return c < d ? -1 : 1;
	if (a.kind == b.kind && is_exact(x, a) && is_exact(y, b))
		return 0;
	return compare_spelled(x, y);
}

/*
 * By their exact value, however long they are.  nan is below every number,
 * itself included, as in jq.
 */
static int
compare_numbers(struct value x, struct value y)
{
	struct value a = x, b = y;

	if (x.kind == VALUE_DOUBLE && y.kind == VALUE_DOUBLE &&
	    (x.d < y.d || x.d > y.d))
		return x.d < y.d ? -1 : 1;
	if (x.kind == VALUE_NUMBER)
		a = value_number(x);
	if (y.kind == VALUE_NUMBER)
		b = value_number(y);
	if (a.kind != VALUE_INT || b.kind != VALUE_INT)
		return compare_doubles(x, y, a, b);
	if (a.i != b.i)
		return a.i < b.i ? -1 : 1;
	return is_exact(x, a) && is_exact(y, b) ? 0 : compare_spelled(x, y);
}

static int
compare_strings(struct arena *a, struct value x, struct value y)
{
	int c;

	x = string_decoded(a, x);
	y = string_decoded(a, y);
	c = memcmp(x.text, y.text, x.n < y.n ? x.n : y.n);
	return c != 0 ? c : x.n < y.n ? -1 : x.n > y.n;
}

static int compare(
    struct arena *a, struct value x, struct value y, unsigned depth);

static int
compare_arrays(struct arena *a, struct value x, struct value y, unsigned depth)
{
	x = array_open(a, x);
	y = array_open(a, y);
	for (uint32_t i = 0; i < x.n && i < y.n; i++) {
		int c = compare(a, x.array->v[i], y.array->v[i], depth);

		if (c != 0)
			return c;
	}
	return x.n < y.n ? -1 : x.n > y.n;
}

/* First the sorted lists of keys, then the values in the keys' order. */
static int
compare_objects(struct arena *a, struct value x, struct value y, unsigned depth)
{
	struct value *xk, *yk;
	size_t xn, yn;

	x = object_open(a, x);
	y = object_open(a, y);
	xk = object_keys(a, x, &xn);
	yk = object_keys(a, y, &yn);
	for (size_t i = 0; i < xn && i < yn; i++) {
		int c = compare_strings(a, xk[i], yk[i]);

		if (c != 0)
			return c;
	}
	if (xn != yn)
		return xn < yn ? -1 : 1;
	for (size_t i = 0; i < xn; i++) {
		int c = compare(a, object_member(a, x, xk[i])->value,
		    object_member(a, y, yk[i])->value, depth);

		if (c != 0)
			return c;
	}
	return 0;
}

/*
 * What programs made is known to be no deeper than VALUE_DEPTH.  What is
 * still raw may be, where --max-depth lets it in: then the event is given up
 * as where memory ends, before the stack does.
 */
static int
compare(struct arena *a, struct value x, struct value y, unsigned depth)
{
	int xr = rank(x), yr = rank(y);

	if (xr != yr)
		return xr < yr ? -1 : 1;
	if (depth > VALUE_DEPTH)
		arena_array(a, SIZE_MAX, 2);
	arena_recurse(a);
	switch (xr) {
	case 3:
		return compare_numbers(x, y);
	case 4:
		return compare_strings(a, x, y);
	case 5:
		return value_same(x, y) ? 0
					: compare_arrays(a, x, y, depth + 1);
	case 6:
		return value_same(x, y) ? 0
					: compare_objects(a, x, y, depth + 1);
	default:
		return 0;
	}
}

int
value_compare(struct arena *a, struct value x, struct value y)
{
	if (value_is_number(x) && value_is_number(y))
		return compare_numbers(x, y);
	return compare(a, x, y, 0);
}

bool
value_equal(struct arena *a, struct value x, struct value y)
{
	if (value_is_string(x) && value_is_string(y))
		return string_equal(a, x, y);
	return value_compare(a, x, y) == 0;
}
