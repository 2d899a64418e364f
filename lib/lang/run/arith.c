/*
 * Whole numbers are exact to 64 bits: what would overflow is computed with
 * doubles instead.
 */
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "lang/run/run.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/set.h"
#include "value/string.h"

enum {
	MAX_REPEATED = INT32_MAX,
	LONG = 64, /* elements, before which to put some pays off */
};

static bool
refuse(struct machine *m, struct value x, struct value y, const char *verb)
{
	const char *shown = machine_show(m, x);

	return machine_fail(m, "%s (%s) and %s (%s) cannot be %s",
	    value_type(x), shown, value_type(y), machine_show(m, y), verb);
}

static struct value
add_numbers(struct value x, struct value y)
{
	int64_t i;

	x = value_number(x);
	y = value_number(y);
	if (x.kind == VALUE_INT && y.kind == VALUE_INT &&
	    !__builtin_add_overflow(x.i, y.i, &i))
		return value_int(i);
	return value_double(value_to_double(x) + value_to_double(y));
}

static struct value
subtract_numbers(struct value x, struct value y)
{
	int64_t i;

	x = value_number(x);
	y = value_number(y);
	if (x.kind == VALUE_INT && y.kind == VALUE_INT &&
	    !__builtin_sub_overflow(x.i, y.i, &i))
		return value_int(i);
	return value_double(value_to_double(x) - value_to_double(y));
}

static struct value
multiply_numbers(struct value x, struct value y)
{
	int64_t i;

	x = value_number(x);
	y = value_number(y);
	if (x.kind == VALUE_INT && y.kind == VALUE_INT && x.i != 0 &&
	    y.i != 0 && !__builtin_mul_overflow(x.i, y.i, &i))
		return value_int(i);
	return value_double(value_to_double(x) * value_to_double(y));
}

static struct value
append_all(struct arena *a, struct value x, struct value y)
{
	y = array_open(a, y);
	if (y.n == 0)
		return x;
	if (y.n >= LONG && x.kind == VALUE_ARRAY && x.n < y.n / 2 &&
	    x.array->doc == NULL)
		return array_prepend(a, y, x);
	for (uint32_t i = 0; i < y.n; i++)
		x = array_push(a, x, array_at(y, i));
	return x;
}

static struct value
merge(struct arena *a, struct value x, struct value y)
{
	struct member *member;
	uint32_t i = 0;

	y = object_open(a, y);
	while ((member = object_next(a, y, &i)) != NULL)
		x = object_set(a, x, member->key, value_take(&member->value));
	return x;
}

static bool
add(struct machine *m, struct value x, struct value y, struct value *out)
{
	if (x.kind == VALUE_NULL)
		*out = y;
	else if (y.kind == VALUE_NULL)
		*out = x;
	else if (value_is_number(x) && value_is_number(y))
		*out = add_numbers(x, y);
	else if (value_is_string(x) && value_is_string(y))
		*out = string_append(m->arena, x, y);
	else if (value_is_array(x) && value_is_array(y))
		*out = append_all(m->arena, x, y);
	else if (value_is_object(x) && value_is_object(y))
		*out = merge(m->arena, x, y);
	else
		return refuse(m, x, y, "added");
	return true;
}

/* The same where both, which are opened, are long. */
static struct value
without_set(struct arena *a, struct value x, struct value y)
{
	struct value out = array_new(a, 0);
	struct set gone = set_new(a, y);

	for (uint32_t i = 0; i < x.n; i++)
		if (set_find(&gone, x.array->v[i]) < 0)
			out = array_push(a, out, array_at(x, i));
	return out;
}

/* x without the elements that are in y. */
static struct value
without(struct arena *a, struct value x, struct value y)
{
	struct value out = array_new(a, 0);

	x = array_open(a, x);
	y = array_open(a, y);
	if (set_pays(x.n, y.n))
		return without_set(a, x, y);
	for (uint32_t i = 0; i < x.n; i++) {
		uint32_t j = 0;

		while (j < y.n && !value_equal(a, x.array->v[i], y.array->v[j]))
			j++;
		if (j == y.n)
			out = array_push(a, out, array_at(x, i));
	}
	return out;
}

static bool
subtract(struct machine *m, struct value x, struct value y, struct value *out)
{
	if (value_is_number(x) && value_is_number(y))
		*out = subtract_numbers(x, y);
	else if (value_is_array(x) && value_is_array(y))
		*out = without(m->arena, x, y);
	else
		return refuse(m, x, y, "subtracted");
	return true;
}

static bool merge_deep(
    struct machine *m, struct value x, struct value y, struct value *out);

/*
 * What x is to hold at key, where y holds *v: both, merged, if both are
 * objects.  x is about to be written there, so that what it holds is owned
 * if x is.
 */
static bool
merge_member(
    struct machine *m, struct value x, struct value key, struct value *v)
{
	struct value *place, old;

	if (!value_is_object(*v))
		return true;
	place = x.kind == VALUE_OBJECT && x.flags & VALUE_OWNED
	    ? object_at(m->arena, x, key)
	    : NULL;
	if (place != NULL)
		old = *place;
	else if (!object_get(m->arena, x, key, &old))
		return true;
	return !value_is_object(old) || merge_deep(m, old, *v, v);
}

/* Objects multiplied: merged, and where both have objects, those too. */
static bool
merge_deep(struct machine *m, struct value x, struct value y, struct value *out)
{
	struct arena *a = m->arena;
	struct member *member;
	struct value v;
	uint32_t i = 0;

	if (value_too_deep(x) || value_too_deep(y))
		return machine_fail(m, "Object merge too deep");
	if (!machine_stack_left(m))
		return false;
	y = object_open(a, y);
	while ((member = object_next(a, y, &i)) != NULL) {
		v = value_take(&member->value);
		if (!merge_member(m, x, member->key, &v))
			return false;
		x = object_set(a, x, member->key, v);
	}
	*out = x;
	return true;
}

static bool
repeat(struct machine *m, struct value s, double times, struct value *out)
{
	struct value whole;
	size_t n, len;
	char *text;

	if (!(times >= 0)) {
		*out = VALUE_OF(VALUE_NULL);
		return true;
	}
	s = string_decoded(m->arena, s);
	if (s.n == 0) {
		*out = value_text("", 0);
		return true;
	}
	if (times * s.n >= MAX_REPEATED)
		return machine_fail(m, "Repeat string result too long");
	n = (size_t)times;
	len = n * s.n;
	text = arena_alloc(m->arena, len);
	for (size_t i = 0; i < n; i++)
		memcpy(text + i * s.n, s.text, s.n);
	whole = value_text(text, len);
	*out = whole;
	return true;
}

static bool
multiply(struct machine *m, struct value x, struct value y, struct value *out)
{
	if (value_is_number(x) && value_is_number(y))
		*out = multiply_numbers(x, y);
	else if (value_is_string(x) && value_is_number(y))
		return repeat(m, x, value_to_double(y), out);
	else if (value_is_number(x) && value_is_string(y))
		return repeat(m, y, value_to_double(x), out);
	else if (value_is_object(x) && value_is_object(y))
		return merge_deep(m, x, y, out);
	else
		return refuse(m, x, y, "multiplied");
	return true;
}

static struct value
characters(struct arena *a, struct value s)
{
	struct value out = array_new(a, s.n);

	for (size_t i = 0, len; i < s.n; i += len) {
		utf8_decode(s.text + i, &len);
		out = array_push(a, out, value_text(s.text + i, len));
	}
	return out;
}

struct value
arith_split(struct arena *a, struct value s, struct value by)
{
	struct value out = array_new(a, 0);
	const char *p = s.text, *end = p + s.n, *found;

	if (by.n == 0)
		return characters(a, s);
	if (s.n == 0)
		return out;
	while ((found = memmem(p, (size_t)(end - p), by.text, by.n)) != NULL) {
		out = array_push(a, out, value_text(p, (size_t)(found - p)));
		p = found + by.n;
	}
	return array_push(a, out, value_text(p, (size_t)(end - p)));
}

static bool
divide(struct machine *m, struct value x, struct value y, struct value *out)
{
	if (value_is_string(x) && value_is_string(y)) {
		*out = arith_split(m->arena, string_decoded(m->arena, x),
		    string_decoded(m->arena, y));
		return true;
	}
	if (!value_is_number(x) || !value_is_number(y))
		return refuse(m, x, y, "divided");
	x = value_number(x);
	y = value_number(y);
	if (value_to_double(y) == 0)
		return refuse(m, x, y, "divided because the divisor is zero");
	if (x.kind == VALUE_INT && y.kind == VALUE_INT && y.i != -1 &&
	    x.i != 0 && x.i % y.i == 0)
		*out = value_int(x.i / y.i);
	else
		*out = value_double(value_to_double(x) / value_to_double(y));
	return true;
}

/* As an integer, cut off, and held within the range. */
static int64_t
truncated(struct value v)
{
	if (v.kind == VALUE_INT)
		return v.i;
	if (v.d >= 0x1p63)
		return INT64_MAX;
	if (v.d < -0x1p63)
		return INT64_MIN;
	return (int64_t)v.d;
}

static bool
modulo(struct machine *m, struct value x, struct value y, struct value *out)
{
	uint64_t divisor;
	int64_t i, j;

	if (!value_is_number(x) || !value_is_number(y))
		return refuse(m, x, y, "divided (remainder)");
	x = value_number(x);
	y = value_number(y);
	if ((x.kind == VALUE_DOUBLE && isnan(x.d)) ||
	    (y.kind == VALUE_DOUBLE && isnan(y.d))) {
		*out = value_double(NAN);
		return true;
	}
	i = truncated(x);
	j = truncated(y);
	if (j == 0)
		return refuse(m, x, y,
		    "divided (remainder) because the "
		    "divisor is zero");
	/* The sign is the dividend's; -1 would overflow. */
	divisor = j < 0 ? 0 - (uint64_t)j : (uint64_t)j;
	if (i < 0)
		*out = value_int(-(int64_t)((0 - (uint64_t)i) % divisor));
	else
		*out = value_int((int64_t)((uint64_t)i % divisor));
	return true;
}

static bool
equal(struct machine *m, struct value x, struct value y, struct value *out)
{
	if (value_too_deep(x) || value_too_deep(y))
		return machine_fail(m, "Equality check too deep");
	*out = value_bool(value_equal(m->arena, x, y));
	return true;
}

static bool
unequal(struct machine *m, struct value x, struct value y, struct value *out)
{
	if (!equal(m, x, y, out))
		return false;
	*out = value_bool(out->kind == VALUE_FALSE);
	return true;
}

static bool
can_compare(struct machine *m, struct value x, struct value y)
{
	if (value_too_deep(x) || value_too_deep(y))
		return machine_fail(m, "Comparison too deep");
	return true;
}

static bool
less(struct machine *m, struct value x, struct value y, struct value *out)
{
	if (!can_compare(m, x, y))
		return false;
	*out = value_bool(value_compare(m->arena, x, y) < 0);
	return true;
}

static bool
greater(struct machine *m, struct value x, struct value y, struct value *out)
{
	if (!can_compare(m, x, y))
		return false;
	*out = value_bool(value_compare(m->arena, x, y) > 0);
	return true;
}

static bool
less_or_equal(
    struct machine *m, struct value x, struct value y, struct value *out)
{
	if (!can_compare(m, x, y))
		return false;
	*out = value_bool(value_compare(m->arena, x, y) <= 0);
	return true;
}

static bool
greater_or_equal(
    struct machine *m, struct value x, struct value y, struct value *out)
{
	if (!can_compare(m, x, y))
		return false;
	*out = value_bool(value_compare(m->arena, x, y) >= 0);
	return true;
}

typedef bool operate(
    struct machine *m, struct value x, struct value y, struct value *out);

#define OPERATE_LEAF(form)     NULL
#define OPERATE_TAIL(form)     NULL
#define OPERATE_CHANGE(form)   NULL
#define OPERATE_OPERATOR(form) form
#define OPERATE(                                                               \
    op, path, resolve, single, option, place, input, several, one, ...)        \
	[OP_##op] = OPERATE_##one,

bool
arith_apply(struct machine *m, enum op op, struct value x, struct value y,
    struct value *out)
{
	static operate *const OPERATORS[] = {FORMS(OPERATE)};

	return OPERATORS[op](m, x, y, out);
}

/* The other sign needs no computing: the spelling stays. */
static struct value
opposite(struct arena *a, struct value x)
{
	char *text;

	if (x.text[0] == '-') {
		x.text++;
		x.n--;
	} else {
		text = arena_alloc(a, (size_t)x.n + 1);
		text[0] = '-';
		memcpy(text + 1, x.text, x.n);
		x.text = text;
		x.n++;
	}
	x.flags = 0;
	return x;
}

bool
arith_negate(struct machine *m, struct value x, struct value *out)
{
	if (!value_is_number(x))
		return machine_fail(m, "%s (%s) cannot be negated",
		    value_type(x), machine_show(m, x));
	if (x.kind == VALUE_NUMBER && value_to_double(x) != 0) {
		*out = opposite(m->arena, x);
		return true;
	}
	x = value_number(x);
	if (x.kind == VALUE_INT && x.i != INT64_MIN)
		*out = value_int(-x.i);
	else
		*out = value_double(-value_to_double(x));
	return true;
}
