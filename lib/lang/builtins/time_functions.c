/*
 * Builtins over time: the values around time.h.
 */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "lang/builtins/builtins.h"
#include "lang/run/eval.h"
#include "lang/builtins/dates.h"
#include "value/array.h"
#include "value/number.h"
#include "value/string.h"

/* The time that the event's record will have; MS_NOW freezes both. */
static bool
fn_now(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct clock clock;
	int64_t micros;

	(void)in;
	(void)args;
	if (m->context->now != NULL)
		micros = m->context->now(m->context->now_arg);
	else if (clock_init(&clock))
		micros = clock_micros(&clock);
	else
		return machine_fail(m, "MS_NOW is no time");
	*out = value_double((double)micros / 1e6);
	return true;
}

static struct value
date_value(struct machine *m, const struct date *d)
{
	double n[DATE_NUMBERS];
	struct value v = array_new(m->arena, DATE_NUMBERS);

	date_to_numbers(d, n);
	for (size_t i = 0; i < DATE_NUMBERS; i++)
		v = array_push(m->arena, v, value_double(n[i]));
	return v;
}

/* A date from an array as date_value() makes it. */
static bool
value_date(struct machine *m, struct value v, const char *name, struct date *d)
{
	double n[DATE_NUMBERS];
	size_t count = 0;

	v = array_open(m->arena, v);
	for (; count < v.n && count < DATE_NUMBERS; count++) {
		struct value x = array_at(v, count);

		if (!value_is_number(x))
			return machine_fail(
			    m, "%s requires parsed datetime inputs", name);
		n[count] = value_to_double(x);
	}
	return date_from_numbers(d, n, count) ||
	    machine_fail(m, "%s requires parsed datetime inputs", name);
}

static bool
broken_down(struct machine *m, struct value in, const char *name,
    bool (*convert)(struct date *, double), struct value *out)
{
	struct date d;

	if (!value_is_number(in))
		return machine_fail(m, "%s() requires a number", name);
	if (!convert(&d, value_to_double(in)))
		return machine_fail(m,
		    "error converting number of seconds since "
		    "epoch to datetime");
	*out = date_value(m, &d);
	return true;
}

static bool
fn_gmtime(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	return broken_down(m, in, "gmtime", date_utc, out);
}

static bool
fn_localtime(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	return broken_down(m, in, "localtime", date_local, out);
}

static bool
fn_mktime(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct date d;

	(void)args;
	if (!value_is_array(in))
		return machine_fail(m, "mktime requires array inputs");
	if (array_length(in) < 3)
		return machine_fail(m, "mktime requires array of 6 numbers");
	if (!value_date(m, in, "mktime", &d))
		return false;
	*out = value_int(date_seconds(&d));
	return true;
}

static bool
fn_strptime(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct value text, format;
	const char *t, *f, *rest;
	struct date d;

	if (!value_is_string(in) || !value_is_string(args[0]))
		return machine_fail(
		    m, "strptime/1 requires string inputs and arguments");
	text = string_decoded(m->arena, in);
	format = string_decoded(m->arena, args[0]);
	t = arena_copy(m->arena, text.text, text.n);
	f = arena_copy(m->arena, format.text, format.n);
	if (strlen(t) < text.n || strlen(f) < format.n)
		return machine_fail(m,
		    "date \"%s\" does not match format \"%s\"",
		    machine_text(m, text), machine_text(m, format));
	if (!date_read(&d, t, f, &rest))
		return machine_fail(
		    m, "date \"%s\" does not match format \"%s\"", t, f);
	*out = date_value(m, &d);
	if (*rest != '\0')
		*out = array_push(m->arena, *out, value_cstring(rest));
	return true;
}

static bool
format_date(struct machine *m, struct value in, struct value format, bool local,
    struct value *out)
{
	const char *name = local ? "strflocaltime/1" : "strftime/1";
	struct date d;
	size_t size, len;
	char *text;
	const char *f;

	if (!value_is_string(format))
		return machine_fail(m, "%s requires a string format", name);
	if (value_is_number(in)) {
		if (!(local ? date_local : date_utc)(&d, value_to_double(in)))
			return machine_fail(m,
			    "error converting number of seconds "
			    "since epoch to datetime");
	} else if (!value_is_array(in)) {
		return machine_fail(
		    m, "%s requires parsed datetime inputs", name);
	} else if (!value_date(m, in, name, &d)) {
		return false;
	}
	format = string_decoded(m->arena, format);
	f = arena_copy(m->arena, format.text, format.n);
	size = (size_t)format.n + DATE_TEXT;
	text = arena_alloc(m->arena, size);
	if (!(local ? date_write_local : date_write)(&d, f, text, size, &len))
		return machine_fail(m, "%s: unknown system failure", name);
	*out = string_repair(m->arena, text, len);
	return true;
}

static bool
fn_strftime(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	return format_date(m, in, args[0], false, out);
}

static bool
fn_strflocaltime(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	return format_date(m, in, args[0], true, out);
}

/* Any date of RFC 3339; whole seconds stay whole. */
static bool
fn_fromdate(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct value text;
	const char *t;
	double seconds;

	(void)args;
	if (!value_is_string(in))
		return machine_fail(
		    m, "strptime/1 requires string inputs and arguments");
	text = string_decoded(m->arena, in);
	t = arena_copy(m->arena, text.text, text.n);
	if (strlen(t) < text.n || !date_read_seconds(t, &seconds))
		return machine_fail(m,
		    "date \"%s\" does not match format "
		    "\"%%Y-%%m-%%dT%%H:%%M:%%SZ\"",
		    machine_text(m, text));
	*out = value_double(seconds);
	return true;
}

static bool
fn_todate(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	return format_date(
	    m, in, value_cstring("%Y-%m-%dT%H:%M:%SZ"), false, out);
}

const struct builtin BUILTINS_TIME[] = {
    {"now", 0, fn_now},
    {"gmtime", 0, fn_gmtime},
    {"localtime", 0, fn_localtime},
    {"mktime", 0, fn_mktime},
    {"strptime", 1, fn_strptime},
    {"strftime", 1, fn_strftime},
    {"strflocaltime", 1, fn_strflocaltime},
    {"fromdate", 0, fn_fromdate},
    {"fromdateiso8601", 0, fn_fromdate},
    {"todate", 0, fn_todate},
    {"todateiso8601", 0, fn_todate},
    {NULL, 0, NULL},
};
