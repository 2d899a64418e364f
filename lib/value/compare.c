#include <math.h>
#include <string.h>

#include "value/array.h"
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

static int
compare_int_double(int64_t i, double d)
{
	int64_t whole;

	if (d >= 0x1p63)
		return -1;
	if (d < -0x1p63)
		return 1;
	whole = (int64_t)d;
	if (i != whole)
		return i < whole ? -1 : 1;
	d -= (double)whole;
	return d > 0 ? -1 : d < 0;
}

/* nan is below every number, itself included, as in jq. */
static int
compare_numbers(struct value x, struct value y)
{
	if (x.kind == VALUE_NUMBER)
		x = value_number(x);
	if (y.kind == VALUE_NUMBER)
		y = value_number(y);
	if (x.kind == VALUE_INT && y.kind == VALUE_INT)
		return x.i < y.i ? -1 : x.i > y.i;
	if (x.kind == VALUE_DOUBLE && isnan(x.d))
		return -1;
	if (y.kind == VALUE_DOUBLE && isnan(y.d))
		return 1;
	if (x.kind == VALUE_INT)
		return compare_int_double(x.i, y.d);
	if (y.kind == VALUE_INT)
		return -compare_int_double(y.i, x.d);
	return x.d < y.d ? -1 : x.d > y.d;
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

static int
compare_arrays(struct arena *a, struct value x, struct value y)
{
	x = array_open(a, x);
	y = array_open(a, y);
	for (uint32_t i = 0; i < x.n && i < y.n; i++) {
		int c = value_compare(a, x.array->v[i], y.array->v[i]);

		if (c != 0)
			return c;
	}
	return x.n < y.n ? -1 : x.n > y.n;
}

/* First the sorted lists of keys, then the values in the keys' order. */
static int
compare_objects(struct arena *a, struct value x, struct value y)
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
		int c = value_compare(a, object_member(a, x, xk[i])->value,
		    object_member(a, y, yk[i])->value);

		if (c != 0)
			return c;
	}
	return 0;
}

int
value_compare(struct arena *a, struct value x, struct value y)
{
	int xr = rank(x), yr = rank(y);

	if (xr != yr)
		return xr < yr ? -1 : 1;
	switch (xr) {
	case 3:
		return compare_numbers(x, y);
	case 4:
		return compare_strings(a, x, y);
	case 5:
		return value_same(x, y) ? 0 : compare_arrays(a, x, y);
	case 6:
		return value_same(x, y) ? 0 : compare_objects(a, x, y);
	default:
		return 0;
	}
}

bool
value_equal(struct arena *a, struct value x, struct value y)
{
	if (value_is_string(x) && value_is_string(y))
		return string_equal(a, x, y);
	return value_compare(a, x, y) == 0;
}
