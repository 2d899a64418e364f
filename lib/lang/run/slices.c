/*
 * Slices of arrays and strings: .[from:to] as a form, and as the key that a
 * path has for it.
 */
#include <math.h>

#include "base/utf8.h"
#include "lang/run/run.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

struct value
path_slice_key(struct machine *m, struct value from, struct value to)
{
	struct value key = object_new(m->arena, 2);

	key = object_set(m->arena, key, value_cstring("start"), from);
	return object_set(m->arena, key, value_cstring("end"), to);
}

static bool
bound_of(struct machine *m, struct value key, const char *name, double unset,
    double *at)
{
	struct value v;
	bool there = object_get(m->arena, key, value_cstring(name), &v);

	if (there && v.kind == VALUE_NULL) {
		*at = unset;
		return true;
	}
	if (!there || !value_is_number(v))
		return machine_fail(
		    m, "Array/string slice indices must be integers");
	*at = value_to_double(v);
	return true;
}

bool
path_slice_bounds(struct machine *m, struct value key, size_t length,
    size_t *from, size_t *to)
{
	double n = (double)length, start = 0, end = 0;

	if (!bound_of(m, key, "start", 0, &start) ||
	    !bound_of(m, key, "end", n, &end))
		return false;
	if (isnan(start))
		start = 0;
	if (isnan(end))
		end = n;
	if (start < 0)
		start += n;
	if (end < 0)
		end += n;
	start = start < 0 ? 0 : start > n ? n : floor(start);
	end = end > n ? n : end < start ? start : ceil(end);
	*from = (size_t)start;
	*to = (size_t)(end > n ? n : end);
	return true;
}

static struct value
string_slice(struct arena *a, struct value s, size_t from, size_t to)
{
	size_t start, end;

	s = string_decoded(a, s);
	start = utf8_offset(s.text, s.n, from);
	end = start + utf8_offset(s.text + start, s.n - start, to - from);
	return value_text(s.text + start, end - start);
}

bool
path_slice(
    struct machine *m, struct value v, struct value key, struct value *out)
{
	size_t length, from, to;

	if (v.kind == VALUE_NULL) {
		*out = v;
		return true;
	}
	if (!value_is_array(v) && !value_is_string(v))
		return path_no_index(m, v, key);
	if (value_is_array(v)) {
		length = array_length(v);
	} else {
		v = string_decoded(m->arena, v);
		length = utf8_count(v.text, v.n);
	}
	if (!path_slice_bounds(m, key, length, &from, &to))
		return false;
	*out = value_is_array(v) ? array_cut(m->arena, v, from, to)
				 : string_slice(m->arena, v, from, to);
	return true;
}

bool
slices_key(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *key)
{
	struct value from = VALUE_OF(VALUE_NULL), to = from;

	if (n->slice.from != NULL &&
	    !eval_operand(m, n->slice.from, env, in, &from))
		return false;
	if (n->slice.to != NULL && !eval_operand(m, n->slice.to, env, in, &to))
		return false;
	*key = path_slice_key(m, from, to);
	return true;
}

/* What is owned needs no view: it is cut where it is. */
bool
slices_cut(
    struct machine *m, struct value of, struct value key, struct value *out)
{
	return of.kind == VALUE_ARRAY && of.flags & VALUE_OWNED
	    ? path_slice(m, of, key, out)
	    : path_index(m, of, key, out);
}

bool
single_slice(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	struct value of, key;

	return slices_key(m, n, env, in, &key) &&
	    eval_single(m, n->slice.of, env, in, &of) &&
	    slices_cut(m, of, key, out);
}
