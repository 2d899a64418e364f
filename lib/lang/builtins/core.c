/*
 * Builtins over values of any kind: types, sizes, members, order.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "lang/builtins/builtins.h"
#include "lang/run/lookup.h"
#include "lang/run/run.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/set.h"
#include "value/string.h"

static bool
fn_not(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)m;
	(void)args;
	*out = value_bool(!value_is_true(in));
	return true;
}

static bool
fn_type(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)m;
	(void)args;
	*out = value_cstring(value_type(in));
	return true;
}

static bool
fn_length(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	if (value_is_string(in)) {
		in = string_decoded(m->arena, in);
		*out = value_int((int64_t)utf8_count(in.text, in.n));
	} else if (value_is_array(in)) {
		*out = value_int((int64_t)array_length(lookup_in(m, in)));
	} else if (value_is_object(in)) {
		in = lookup_in(m, in);
		*out = value_int((int64_t)object_length(m->arena, in));
	} else if (in.kind == VALUE_NULL) {
		*out = value_int(0);
	} else if (value_is_number(in)) {
		*out = in;
		if (value_to_double(in) < 0)
			return arith_negate(m, in, out);
	} else {
		return machine_fail(m, "%s (%s) has no length", value_type(in),
		    machine_show(m, in));
	}
	return true;
}

static bool
fn_utf8bytelength(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	if (!value_is_string(in))
		return machine_fail(m,
		    "%s (%s) only strings have UTF-8 byte length",
		    value_type(in), machine_show(m, in));
	*out = value_int(string_decoded(m->arena, in).n);
	return true;
}

static struct value
array_of(struct arena *a, const struct value *v, size_t n)
{
	struct value array = array_new(a, n);

	for (size_t i = 0; i < n; i++)
		array = array_push(a, array, v[i]);
	return array;
}

static bool
array_keys(struct machine *m, struct value in, struct value *out)
{
	size_t n = array_length(in);

	*out = array_new(m->arena, n);
	for (size_t i = 0; i < n; i++)
		*out = array_push(m->arena, *out, value_int((int64_t)i));
	return true;
}

static bool
fn_keys(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct value *keys;
	size_t n;

	(void)args;
	if (value_is_array(in))
		return array_keys(m, in, out);
	if (!value_is_object(in))
		return machine_fail(m, "%s (%s) has no keys", value_type(in),
		    machine_show(m, in));
	keys = object_keys(m->arena, in, &n);
	*out = array_of(m->arena, keys, n);
	return true;
}

static bool
fn_keys_unsorted(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct member *member;
	uint32_t i = 0;

	if (!value_is_object(in))
		return fn_keys(m, in, args, out);
	in = object_open(m->arena, in);
	*out = array_new(m->arena, in.object->n);
	while ((member = object_next(m->arena, in, &i)) != NULL) {
		struct value key = member->key;

		key.mark = 0;
		*out = array_push(m->arena, *out, key);
	}
	return true;
}

static bool
fn_has(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct value v;

	in = lookup_in(m, in);
	if (value_is_object(in) && value_is_string(args[0])) {
		*out = value_bool(object_get(m->arena, in, args[0], &v));
	} else if (value_is_array(in) && value_is_number(args[0])) {
		double at = value_to_double(args[0]);

		*out = value_bool(at > -1 && at < (double)array_length(in));
	} else if (in.kind == VALUE_NULL) {
		*out = value_bool(false);
	} else {
		return machine_fail(m, "Cannot check whether %s has a %s key",
		    value_type(in), value_type(args[0]));
	}
	return true;
}

static bool contains(
    struct machine *m, struct value x, struct value y, bool *yes);

static bool
contains_members(struct machine *m, struct value x, struct value y, bool *yes)
{
	struct member *member;
	struct value v;
	uint32_t i = 0;

	x = object_open(m->arena, x);
	y = object_open(m->arena, y);
	*yes = true;
	while (*yes && (member = object_next(m->arena, y, &i)) != NULL) {
		if (!object_get(m->arena, x, member->key, &v))
			*yes = false;
		else if (!contains(m, v, value_take(&member->value), yes))
			return false;
	}
	return true;
}

/* Does an element of x, which is opened, contain v? */
static bool
element_contains(struct machine *m, struct value x, struct value v, bool *yes)
{
	*yes = false;
	for (uint32_t j = 0; !*yes && j < x.n; j++)
		if (!contains(m, array_at(x, j), v, yes))
			return false;
	return true;
}

/*
 * What equals a scalar contains it, and but for strings nothing else does:
 * so long arrays of them need no walk for each.
 */
static bool
contains_long(struct machine *m, struct value x, struct value y, bool *yes)
{
	struct set s = set_new(m->arena, x);

	*yes = true;
	for (uint32_t i = 0; *yes && i < y.n; i++) {
		struct value v = array_at(y, i);

		if (v.kind < VALUE_RAW_ARRAY && set_find(&s, v) >= 0)
			continue;
		if (v.kind < VALUE_STRING)
			*yes = false;
		else if (!element_contains(m, x, v, yes))
			return false;
	}
	return true;
}

static bool
contains_elements(struct machine *m, struct value x, struct value y, bool *yes)
{
	x = array_open(m->arena, x);
	y = array_open(m->arena, y);
	if (set_pays(y.n, x.n))
		return contains_long(m, x, y, yes);
	*yes = true;
	for (uint32_t i = 0; *yes && i < y.n; i++)
		if (!element_contains(m, x, array_at(y, i), yes))
			return false;
	return true;
}

static bool
contains(struct machine *m, struct value x, struct value y, bool *yes)
{
	if (value_too_deep(x) || value_too_deep(y))
		return machine_fail(m, "Containment check too deep");
	if (!machine_stack_left(m))
		return false;
	if (value_is_object(x) && value_is_object(y))
		return contains_members(m, x, y, yes);
	if (value_is_array(x) && value_is_array(y))
		return contains_elements(m, x, y, yes);
	if (value_is_string(x) && value_is_string(y)) {
		x = string_decoded(m->arena, x);
		y = string_decoded(m->arena, y);
		*yes = memmem(x.text, x.n, y.text, y.n) != NULL;
		return true;
	}
	*yes = value_equal(m->arena, x, y);
	return true;
}

static bool
fn_contains(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	bool yes = false;

	/*
	 * Further down, what differs in type is just not contained.  As in
	 * jq, true and false differ in type here.
	 */
	if (strcmp(value_type(in), value_type(args[0])) != 0 ||
	    (in.kind <= VALUE_TRUE && in.kind != args[0].kind)) {
		const char *shown = machine_show(m, in);

		return machine_fail(m,
		    "%s (%s) and %s (%s) cannot have their "
		    "containment checked",
		    value_type(in), shown, value_type(args[0]),
		    machine_show(m, args[0]));
	}
	if (!contains(m, in, args[0], &yes))
		return false;
	*out = value_bool(yes);
	return true;
}

static bool
fn_add(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct member *member;
	uint32_t i = 0;

	(void)args;
	*out = VALUE_OF(VALUE_NULL);
	if (value_is_object(in)) {
		in = object_open(m->arena, in);
		while ((member = object_next(m->arena, in, &i)) != NULL)
			if (!arith_apply(m, OP_ADD, *out,
				value_take(&member->value), out))
				return false;
		return true;
	}
	if (!value_is_array(in))
		return machine_fail(m, "Cannot iterate over %s (%s)",
		    value_type(in), machine_show(m, in));
	in = array_open(m->arena, in);
	for (; i < in.n; i++)
		if (!arith_apply(m, OP_ADD, *out, array_at(in, i), out))
			return false;
	return true;
}

static bool
fn_reverse(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct value length;

	if (!value_is_array(in)) {
		if (!fn_length(m, in, args, &length))
			return false;
		if (value_to_double(length) > 0)
			return machine_fail(
			    m, "Cannot index %s with number", value_type(in));
		in = array_new(m->arena, 0); /* as null is, and "" */
	}
	in = array_open(m->arena, in);
	*out = array_new(m->arena, in.n);
	for (uint32_t i = in.n; i-- > 0;)
		*out = array_push(m->arena, *out, array_at(in, i));
	return true;
}

static bool
fn_tojson(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	*out = machine_json(m, in);
	return true;
}

/* jq reads these, though they are no JSON. */
static bool
is_nan_text(struct value s)
{
	if (s.n == 4 && s.text[0] == '-') {
		s.text++;
		s.n--;
	}
	return s.n == 3 && strncasecmp(s.text, "nan", 3) == 0;
}

static bool
fn_fromjson(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct scan_error error;

	(void)args;
	if (!value_is_string(in))
		return machine_fail(m, "%s (%s) cannot be parsed as JSON",
		    value_type(in), machine_show(m, in));
	in = string_decoded(m->arena, in);
	if (value_parse(m->arena, in.text, in.n, out, &error))
		return true;
	if (is_nan_text(in)) {
		*out = value_double(NAN);
		return true;
	}
	if (strncmp(error.reason, "nested", 6) == 0)
		return machine_fail(m, "Exceeds depth limit for parsing");
	return machine_fail(m, "%s at column %zu (while parsing '%.1000s')",
	    error.reason, error.column, machine_text(m, in));
}

static bool
fn_line(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)in;
	(void)args;
	*out = value_int(m->context->line(m->context->line_arg));
	return true;
}

static bool
fn_true(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)m;
	(void)in;
	(void)args;
	*out = value_bool(true);
	return true;
}

/* On standard error, as jq's debug and stderr have it. */
static bool
say(struct machine *m, struct value in, const char *before, const char *after)
{
	struct buf b = {0};
	bool done;

	buf_puts(&b, before);
	value_write(&b, in);
	buf_puts(&b, after);
	done = !buf_failed(&b) && fwrite(b.p, 1, b.len, stderr) == b.len;
	buf_release(&b);
	return done || machine_fail(m, "standard error can't be written");
}

static bool
fn_debug(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	*out = in;
	return say(m, in, "[\"DEBUG:\",", "]\n");
}

static bool
fn_stderr(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	*out = in;
	return say(m, in, "", "");
}

/* The input's name, null where it has none. */
static bool
fn_filename(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)in;
	(void)args;
	*out = value_share(m->context->source);
	if (out->n == 1 && out->text[0] == '-')
		*out = VALUE_OF(VALUE_NULL);
	return true;
}

const struct builtin BUILTINS_CORE[] = {
    {"not", 0, fn_not},
    {"type", 0, fn_type},
    {"length", 0, fn_length},
    {"utf8bytelength", 0, fn_utf8bytelength},
    {"keys", 0, fn_keys},
    {"keys_unsorted", 0, fn_keys_unsorted},
    {"has", 1, fn_has},
    {"contains", 1, fn_contains},
    {"add", 0, fn_add},
    {"reverse", 0, fn_reverse},
    {"tojson", 0, fn_tojson},
    {"fromjson", 0, fn_fromjson},
    {"input_line_number", 0, fn_line},
    {"input_filename", 0, fn_filename},
    {"have_decnum", 0, fn_true},
    {"have_literal_numbers", 0, fn_true},
    {"debug", 0, fn_debug},
    {"stderr", 0, fn_stderr},
    {NULL, 0, NULL},
};
