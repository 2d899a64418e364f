#include <math.h>
#include <string.h>

#include "base/instant.h"
#include "driver/moment.h"
#include "driver/single_value.h"
#include "value/number.h"
#include "value/string.h"

bool
moment_unit(const char *name, int64_t *unit)
{
	static const char *const names[] = {"s", "ms", "us", "ns"};
	int64_t u = 1;

	for (size_t i = 0; i < 4; i++, u *= 1000) {
		if (strcmp(name, names[i]) != 0)
			continue;
		*unit = u;
		return true;
	}
	return false;
}

/* A number of units since 1970 as microseconds; whole ones are exact. */
static bool
scale(struct value v, int64_t unit, int64_t *micros)
{
	double d;

	v = v.kind == VALUE_NUMBER ? value_number(v) : v;
	if (v.kind == VALUE_INT) {
		if (unit >= 1000000) {
			*micros = v.i / (unit / 1000000);
			*micros -= v.i % (unit / 1000000) < 0;
			return true;
		}
		return !__builtin_mul_overflow(v.i, 1000000 / unit, micros);
	}
	d = round(v.d * (1e6 / (double)unit));
	if (!(d > -9e18 && d < 9e18))
		return false;
	*micros = (int64_t)d;
	return true;
}

bool
moment_read(struct arena *a, struct value v, int64_t unit, int64_t *micros)
{
	if (value_is_string(v)) {
		v = string_decoded(a, v);
		return instant_parse(v.text, v.n, micros);
	}
	return value_is_number(v) && scale(v, unit, micros) &&
	    instant_in_range(*micros);
}

bool
moment_of(struct event *ev, struct machine *m, int64_t unit, int64_t *micros)
{
	struct value v;

	if (!single_value_of(ev, m, "--time", &v))
		return false;
	if (moment_read(ev->arena, v, unit, micros))
		return true;
	if (value_is_string(v))
		v = string_decoded(ev->arena, v);
	event_fail(ev, "--time gave %s, which is no time",
	    v.kind == VALUE_STRING
		? v.n < 60 ? arena_copy(ev->arena, v.text, v.n) : "a long text"
		: value_type(v));
	return false;
}
