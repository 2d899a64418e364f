#include <math.h>
#include <string.h>

#include "base/instant.h"
#include "driver/moment.h"
#include "driver/single_value.h"
#include "value/number.h"
#include "value/string.h"

static const char *const names[] = {"s", "ms", "us", "ns"};

enum { UNITS = 4 };

bool
moment_unit(const char *name, int64_t *unit)
{
	int64_t u = 1;

	for (size_t i = 0; i < UNITS; i++, u *= 1000) {
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

/* A number that is no time mostly counts another unit. */
static void
tell_number(struct event *ev, struct value v, int64_t unit)
{
	struct buf text = {0};
	const char *written = "a number", *meant = NULL;
	int64_t micros, u = 1;

	value_write(&text, v);
	if (!buf_failed(&text) && text.len < 60)
		written = arena_copy(ev->arena, text.p, text.len);
	buf_release(&text);
	for (size_t i = 0; i < UNITS && meant == NULL; i++, u *= 1000)
		if (u > unit && moment_read(ev->arena, v, u, &micros))
			meant = names[i];
	if (meant != NULL)
		event_fail(ev,
		    "--time gave %s, which is no time; is --time-unit %s "
		    "meant?",
		    written, meant);
	else
		event_fail(ev, "--time gave %s, which is no time", written);
}

/* Is it a text that other functions can make a time of? */
static void
tell_text(struct event *ev, struct value v)
{
	v = string_decoded(ev->arena, v);
	event_fail(ev,
	    "--time gave %s, which is no time as 2026-11-25T18:00:00Z; "
	    "strptime and mktime read others",
	    v.n == 0       ? "an empty text"
		: v.n < 60 ? arena_copy(ev->arena, v.text, v.n)
			   : "a long text");
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
		tell_text(ev, v);
	else if (value_is_number(v))
		tell_number(ev, v, unit);
	else
		event_fail(
		    ev, "--time gave %s, which is no time", value_type(v));
	return false;
}
