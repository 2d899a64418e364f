/*
 * Keys are strings, numbers, and objects with start and end (slices.c).  A
 * path is an array of keys; null has every path, and null is there.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "lang/run/lookup.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/runs.h"
#include "value/string.h"

enum { MAX_INDEX = 536870911, MAX_PATH = 10000 };

bool
path_no_index(struct machine *m, struct value v, struct value key)
{
	return machine_fail(m, "Cannot index %s with %s (%s)", value_type(v),
	    value_type(key), machine_show(m, key));
}

static struct value
get_element(struct value v, struct value key)
{
	double d;

	key = value_number(key);
	if (key.kind == VALUE_INT && key.i >= 0)
		return key.i < UINT32_MAX ? array_get(v, (size_t)key.i)
					  : VALUE_OF(VALUE_NULL);
	d = trunc(value_to_double(key));
	if (d < 0)
		d += (double)array_length(v);
	if (!(d >= 0 && d < UINT32_MAX))
		return VALUE_OF(VALUE_NULL);
	return array_get(v, (size_t)d);
}

/* What path_index() does with all that isn't the most common. */
static bool
index_any(
    struct machine *m, struct value v, struct value key, struct value *out)
{
	v = lookup_in(m, v);
	if (value_is_object(v) && value_is_string(key)) {
		if (!object_get(m->arena, v, key, out))
			*out = VALUE_OF(VALUE_NULL);
	} else if (value_is_array(v) && value_is_number(key)) {
		*out = get_element(v, key);
	} else if (value_is_object(key)) {
		return path_slice(m, value_share(v), key, out);
	} else if (value_is_array(v) && value_is_array(key)) {
		*out = runs_find(m->arena, v, key);
	} else if (v.kind == VALUE_NULL &&
	    (value_is_string(key) || value_is_number(key))) {
		*out = v;
	} else {
		return path_no_index(m, v, key);
	}
	return true;
}

bool
path_index(
    struct machine *m, struct value v, struct value key, struct value *out)
{
	if (v.kind != VALUE_RAW_OBJECT || !value_is_string(key) ||
	    lookup_is_large(v))
		return index_any(m, v, key, out);
	if (!object_get(m->arena, v, key, out))
		*out = VALUE_OF(VALUE_NULL);
	return true;
}

/* A slice keeps the array that it is a part of. */
static bool
has_slice(struct value path)
{
	for (uint32_t i = 0; i < path.n; i++)
		if (value_is_object(array_at(path, i)))
			return true;
	return false;
}

bool
path_get(
    struct machine *m, struct value v, struct value path, struct value *out)
{
	bool (*look)(struct machine *, struct value, struct value,
	    struct value *) = path_index;

	if (!value_is_array(path))
		return machine_fail(m, "Path must be specified as an array");
	path = array_open(m->arena, path);
	if (path.n > MAX_PATH)
		return machine_fail(m, "Path too deep");
	if (!has_slice(path))
		look = path_peek;
	for (uint32_t i = 0; i < path.n; i++) {
		bool last = i + 1 == path.n;

		if (!(last ? path_index : look)(m, v, array_at(path, i), &v))
			return false;
	}
	*out = v;
	return true;
}

/* The place of an opened container at a key, NULL where it isn't plain. */
static struct value *
place_of(struct machine *m, struct value v, struct value key)
{
	if (v.kind == VALUE_OBJECT && value_is_string(key))
		return object_at(m->arena, v, key);
	if (v.kind != VALUE_ARRAY || !value_is_number(key))
		return NULL;
	key = value_number(key);
	if (key.kind == VALUE_INT && key.i < 0)
		key.i += v.n;
	if (key.kind != VALUE_INT || key.i < 0 || key.i >= v.n)
		return NULL;
	return &v.array->v[key.i];
}

bool
path_peek(
    struct machine *m, struct value v, struct value key, struct value *out)
{
	struct value *place = place_of(m, v, key);

	if (place == NULL)
		return path_index(m, v, key, out);
	*out = value_share(*place);
	return true;
}

bool
path_take(
    struct machine *m, struct value v, struct value path, struct value *out)
{
	for (uint32_t i = 0; i < path.n && v.kind != VALUE_NULL; i++) {
		struct value key = array_at(path, i);
		struct value *place =
		    v.flags & VALUE_OWNED ? place_of(m, v, key) : NULL;

		if (place != NULL) {
			v = *place;
			continue;
		}
		if (!path_index(m, value_share(v), key, &v))
			return false;
		v = value_share(v);
		/* A view would see what is written in its place. */
		if (value_is_object(key) && v.kind == VALUE_ARRAY)
			v = array_replace(
			    m->arena, array_new(m->arena, 0), 0, 0, v);
	}
	*out = v;
	return true;
}

/* --- setting --- */

static bool
element_place(struct machine *m, struct value v, struct value key, size_t *at)
{
	size_t length = v.kind == VALUE_NULL ? 0 : array_length(v);
	double d = value_to_double(key);

	*at = 0;
	if (isnan(d))
		return machine_fail(m, "Cannot set array element at NaN index");
	d = trunc(d);
	if (d < 0)
		d += (double)length;
	if (d < 0)
		return machine_fail(m, "Out of bounds negative array index");
	if (d > MAX_INDEX)
		return machine_fail(m, "Array index too large");
	*at = (size_t)d;
	return true;
}

static bool set_from(struct machine *m, struct value v, struct value path,
    uint32_t i, struct value x, struct value *out);

/*
 * The value at a place of an owned container may be changed where it is,
 * since the place is about to be written.
 */
static bool
set_member(struct machine *m, struct value v, struct value path, uint32_t i,
    struct value x, struct value *out)
{
	struct value key = array_at(path, i), old = VALUE_OF(VALUE_NULL);
	struct value *place = NULL;

	if (v.kind == VALUE_NULL)
		v = object_new(m->arena, 4);
	if (i + 1 == path.n) {
		*out = object_set(m->arena, v, key, x);
		return true;
	}
	if (v.flags & VALUE_OWNED)
		place = object_at(m->arena, v, key);
	if (place != NULL)
		old = *place;
	else
		object_get(m->arena, v, key, &old);
	if (!set_from(m, old, path, i + 1, x, &x))
		return false;
	*out = object_set(m->arena, v, key, x);
	return true;
}

static bool
set_element(struct machine *m, struct value v, struct value path, uint32_t i,
    struct value x, struct value *out)
{
	struct value old = VALUE_OF(VALUE_NULL);
	size_t at;

	if (!element_place(m, v, array_at(path, i), &at))
		return false;
	if (v.kind == VALUE_NULL)
		v = array_new(m->arena, at + 1);
	if (i + 1 == path.n) {
		*out = array_set(m->arena, v, at, x);
		return true;
	}
	if (v.flags & VALUE_OWNED && at < v.n)
		old = v.array->v[at];
	else
		old = array_get(v, at);
	if (!set_from(m, old, path, i + 1, x, &x))
		return false;
	*out = array_set(m->arena, v, at, x);
	return true;
}

static bool
set_slice(struct machine *m, struct value v, struct value path, uint32_t i,
    struct value x, struct value *out)
{
	struct value old;
	size_t from, to;

	if (value_is_string(v))
		return machine_fail(m, "Cannot update string slices");
	if (v.kind != VALUE_NULL && !value_is_array(v))
		return machine_fail(m,
		    "Cannot update field at object index of %s", value_type(v));
	if (v.kind == VALUE_NULL && i + 1 < path.n)
		old = v;
	if (v.kind == VALUE_NULL)
		v = array_new(m->arena, 0);
	if (!path_slice_bounds(
		m, array_at(path, i), array_length(v), &from, &to))
		return false;
	if (i + 1 < path.n) {
		old = array_slice(m->arena, v, from, to);
		if (!set_from(m, old, path, i + 1, x, &x))
			return false;
	}
	if (!value_is_array(x))
		return machine_fail(m,
		    "A slice of an array can only be assigned another array");
	*out = array_replace(m->arena, v, from, to, x);
	return true;
}

static bool
set_from(struct machine *m, struct value v, struct value path, uint32_t i,
    struct value x, struct value *out)
{
	struct value key;

	if (i == path.n) {
		*out = x;
		return true;
	}
	key = array_at(path, i);
	if (value_is_string(key) &&
	    (value_is_object(v) || v.kind == VALUE_NULL))
		return set_member(m, v, path, i, x, out);
	if (value_is_number(key) && (value_is_array(v) || v.kind == VALUE_NULL))
		return set_element(m, v, path, i, x, out);
	if (value_is_object(key) &&
	    (value_is_array(v) || value_is_string(v) || v.kind == VALUE_NULL))
		return set_slice(m, v, path, i, x, out);
	if (value_is_array(key) && value_is_array(v))
		return machine_fail(
		    m, "Cannot update field at array index of array");
	return path_no_index(m, v, key);
}

bool
path_set(struct machine *m, struct value v, struct value path, struct value x,
    struct value *out)
{
	if (!value_is_array(path))
		return machine_fail(m, "Path must be specified as an array");
	path = array_open(m->arena, path);
	if (path.n > MAX_PATH)
		return machine_fail(m, "Path too deep");
	return set_from(m, v, path, 0, x, out);
}

/* --- deleting --- */

/* Sorted paths [from, to) that agree in all keys before depth. */
struct doomed {
	struct value *paths;
	size_t from, to;
	uint32_t depth;
};

static bool delete_from(
    struct machine *m, struct value v, struct doomed d, struct value *out);

static bool
no_deletion(struct machine *m, struct value v, struct value key)
{
	if (value_is_object(v))
		return machine_fail(m, "Cannot delete %s field of object",
		    value_is_object(key) ? "slice" : value_type(key));
	if (value_is_array(v))
		return machine_fail(
		    m, "Cannot delete %s element of array", value_type(key));
	return machine_fail(m, "Cannot delete fields from %s", value_type(v));
}

/*
 * What v holds at a key, to be put back there: owned if v is.  False where
 * it holds nothing there.
 */
static bool
take_at(struct machine *m, struct value v, struct value key, struct value *at)
{
	struct value *held = v.flags & VALUE_OWNED ? place_of(m, v, key) : NULL;

	if (held != NULL) {
		*at = *held;
		return true;
	}
	if (value_is_array(v))
		*at = value_share(
		    array_get(v, (size_t)trunc(value_to_double(key))));
	else if (!object_get(m->arena, v, key, at))
		return false;
	*at = value_share(*at);
	return true;
}

static bool
delete_member(struct machine *m, struct value *v, struct value key,
    struct doomed d, bool ends)
{
	struct value at;

	if (!value_is_string(key))
		return no_deletion(m, *v, key);
	if (ends) {
		*v = object_delete(m->arena, *v, key);
		return true;
	}
	if (!take_at(m, *v, key, &at))
		return true;
	d.depth++;
	if (!delete_from(m, at, d, &at))
		return false;
	*v = object_set(m->arena, *v, key, at);
	return true;
}

/* What is to go of an array: at most a span for each of its paths. */
struct gone {
	size_t most, n;
	struct span *spans; /* NULL before the first */
};

static void
mark_gone(struct arena *a, struct gone *g, size_t from, size_t to)
{
	if (from == to)
		return;
	if (g->spans == NULL)
		g->spans = arena_array(a, g->most, sizeof(*g->spans));
	g->spans[g->n++] = (struct span){from, to};
}

static bool
delete_slice(struct machine *m, struct value *v, struct value key,
    struct doomed d, bool ends, struct gone *gone)
{
	struct value left;
	size_t from, to;

	if (!path_slice_bounds(m, key, array_length(*v), &from, &to))
		return false;
	if (ends) {
		mark_gone(m->arena, gone, from, to);
		return true;
	}
	left = array_slice(m->arena, *v, from, to);
	if (!delete_from(m, left, d, &left))
		return false;
	for (uint32_t i = 0; i < left.n; i++)
		*v = array_set(m->arena, *v, from + i, array_at(left, i));
	mark_gone(m->arena, gone, from + left.n, to);
	return true;
}

/* Mark what is to go of an array; changes deeper down are made. */
static bool
delete_element(struct machine *m, struct value *v, struct value key,
    struct doomed d, bool ends, struct gone *gone)
{
	size_t n = array_length(*v);
	double at;
	struct value deeper;

	d.depth++;
	if (value_is_object(key))
		return delete_slice(m, v, key, d, ends, gone);
	if (!value_is_number(key))
		return no_deletion(m, *v, key);
	at = trunc(value_to_double(key));
	if (value_to_double(key) < 0)
		at += (double)n;
	if (!(at >= 0 && at < (double)n))
		return true;
	if (ends) {
		mark_gone(m->arena, gone, (size_t)at, (size_t)at + 1);
		return true;
	}
	(void)take_at(m, *v, value_int((int64_t)at), &deeper);
	if (!delete_from(m, deeper, d, &deeper))
		return false;
	*v = array_set(m->arena, *v, (size_t)at, deeper);
	return true;
}

static int
by_start(const void *x, const void *y, void *arg)
{
	size_t i = ((const struct span *)x)->from;
	size_t j = ((const struct span *)y)->from;

	(void)arg;
	return i < j ? -1 : i > j;
}

/* Marks were made for one path after another, numbers from behind. */
static struct value
sweep(struct arena *a, struct value v, const struct gone *gone)
{
	if (gone->n > 1)
		sort_stable(a, gone->spans, gone->n, sizeof(*gone->spans),
		    by_start, NULL);
	return array_remove(a, v, gone->spans, gone->n);
}

static bool
delete_from(
    struct machine *m, struct value v, struct doomed d, struct value *out)
{
	struct gone gone = {.most = d.to - d.from};

	if (value_is_array(v))
		v = array_open(m->arena, v);
	*out = v;
	if (v.kind == VALUE_NULL)
		return true;
	for (size_t i = d.to; i > d.from;) {
		struct doomed group = {d.paths, i - 1, i, d.depth};
		struct value key = array_at(d.paths[i - 1], d.depth);
		bool ends;

		while (group.from > d.from &&
		    value_equal(m->arena, key,
			array_at(d.paths[group.from - 1], d.depth)))
			group.from--;
		/* The shortest path of the group is its first. */
		ends = d.paths[group.from].n == d.depth + 1;
		if (!value_is_array(v) && !value_is_object(v))
			return no_deletion(m, v, key);
		if (value_is_object(v)
			? !delete_member(m, out, key, group, ends)
			: !delete_element(m, out, key, group, ends, &gone))
			return false;
		i = group.from;
	}
	if (value_is_array(v))
		*out = sweep(m->arena, *out, &gone);
	return true;
}

static int
by_path(const void *x, const void *y, void *arena)
{
	return value_compare(
	    arena, *(const struct value *)x, *(const struct value *)y);
}

bool
path_delete(
    struct machine *m, struct value v, struct value paths, struct value *out)
{
	struct doomed d = {.from = 0};

	if (!value_is_array(paths))
		return machine_fail(m, "Paths must be specified as an array");
	paths = array_open(m->arena, paths);
	d.paths = arena_array(m->arena, paths.n, sizeof(*d.paths));
	d.to = paths.n;
	for (uint32_t i = 0; i < paths.n; i++) {
		d.paths[i] = array_at(paths, i);
		if (!value_is_array(d.paths[i]))
			return machine_fail(m,
			    "Path must be specified as array, not %s",
			    value_type(d.paths[i]));
		d.paths[i] = array_open(m->arena, d.paths[i]);
		if (d.paths[i].n > MAX_PATH)
			return machine_fail(m, "Path too deep");
	}
	sort_stable(
	    m->arena, d.paths, d.to, sizeof(*d.paths), by_path, m->arena);
	if (d.to > 0 && d.paths[0].n == 0) {
		*out = VALUE_OF(VALUE_NULL);
		return true;
	}
	return delete_from(m, v, d, out);
}
