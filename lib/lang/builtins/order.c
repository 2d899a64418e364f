/*
 * Builtins that put things in order: sorting, grouping, least and greatest.
 */
#include "base/sort.h"
#include "lang/builtins/builtins.h"
#include "lang/run/lookup.h"
#include "value/array.h"

struct keyed {
	struct value key;
	struct value value;
	uint32_t at; /* so that equals keep their order */
};

static int
by_key(const void *x, const void *y, void *arena)
{
	const struct keyed *a = x, *b = y;
	int c = value_compare(arena, a->key, b->key);

	return c != 0 ? c : a->at < b->at ? -1 : a->at > b->at;
}

static struct keyed *
sorted(struct machine *m, struct value *in, struct value keys)
{
	struct keyed *k;

	*in = array_open(m->arena, *in);
	keys = array_open(m->arena, keys);
	k = arena_array(m->arena, in->n, sizeof(*k));
	for (uint32_t i = 0; i < in->n; i++)
		k[i] = (struct keyed){array_at(keys, i), array_at(*in, i), i};
	sort_stable(m->arena, k, in->n, sizeof(*k), by_key, m->arena);
	return k;
}

static bool
sortable(struct machine *m, struct value in)
{
	if (value_too_deep(in))
		return machine_fail(m, "Comparison too deep");
	return value_is_array(in) ||
	    machine_fail(m, "%s (%s) cannot be sorted, as it is not an array",
		value_type(in), machine_show(m, in));
}

static bool
both_arrays(struct machine *m, struct value in, struct value keys)
{
	const char *shown;

	if (value_too_deep(keys))
		return machine_fail(m, "Comparison too deep");
	if (value_is_array(in) && value_is_array(keys) &&
	    array_length(in) == array_length(keys))
		return true;
	shown = machine_show(m, in);
	return machine_fail(m,
	    "%s (%s) and %s (%s) cannot be sorted, as they are "
	    "not both arrays",
	    value_type(in), shown, value_type(keys), machine_show(m, keys));
}

static bool
sort_by(
    struct machine *m, struct value in, struct value keys, struct value *out)
{
	struct keyed *k = sorted(m, &in, keys);

	*out = array_new(m->arena, in.n);
	for (uint32_t i = 0; i < in.n; i++)
		*out = array_push(m->arena, *out, k[i].value);
	return true;
}

static bool
fn_sort(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	return sortable(m, in) && sort_by(m, in, in, out);
}

static bool
fn_sort_by(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	return both_arrays(m, in, args[0]) && sort_by(m, in, args[0], out);
}

static bool
fn_group_by(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct arena *a = m->arena;
	struct value group;
	struct keyed *k;

	if (!both_arrays(m, in, args[0]))
		return false;
	k = sorted(m, &in, args[0]);
	*out = array_new(a, 0);
	for (uint32_t i = 0; i < in.n;) {
		uint32_t from = i;

		group = array_new(a, 1);
		while (i < in.n && value_equal(a, k[from].key, k[i].key))
			group = array_push(a, group, k[i++].value);
		if (i == from) /* nan equals nothing, itself included */
			group = array_push(a, group, k[i++].value);
		*out = array_push(a, *out, group);
	}
	return true;
}

static bool
unique_by(
    struct machine *m, struct value in, struct value keys, struct value *out)
{
	struct keyed *k = sorted(m, &in, keys);

	*out = array_new(m->arena, in.n);
	for (uint32_t i = 0; i < in.n; i++)
		if (i == 0 || !value_equal(m->arena, k[i - 1].key, k[i].key))
			*out = array_push(m->arena, *out, k[i].value);
	return true;
}

static bool
fn_unique(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	return sortable(m, in) && unique_by(m, in, in, out);
}

static bool
fn_unique_by(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	return both_arrays(m, in, args[0]) && unique_by(m, in, args[0], out);
}

/* The first of the least (sign 1), or the last of the greatest (-1). */
static bool
extreme(struct machine *m, struct value in, struct value keys, int sign,
    struct value *out)
{
	uint32_t best = 0;

	in = array_open(m->arena, in);
	keys = array_open(m->arena, keys);
	for (uint32_t i = 1; i < in.n; i++) {
		int c = value_compare(
		    m->arena, keys.array->v[i], keys.array->v[best]);

		if (sign > 0 ? c < 0 : c >= 0)
			best = i;
	}
	*out = in.n > 0 ? array_at(in, best) : VALUE_OF(VALUE_NULL);
	return true;
}

static bool
iterable(struct machine *m, struct value in)
{
	return value_is_array(in) ||
	    machine_fail(m, "%s (%s) is not an array", value_type(in),
		machine_show(m, in));
}

static bool
fn_min(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	return iterable(m, in) && extreme(m, in, in, 1, out);
}

static bool
fn_max(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)args;
	return iterable(m, in) && extreme(m, in, in, -1, out);
}

static bool
fn_min_by(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	return both_arrays(m, in, args[0]) && extreme(m, in, args[0], 1, out);
}

static bool
fn_max_by(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	return both_arrays(m, in, args[0]) && extreme(m, in, args[0], -1, out);
}

static bool
fn_bsearch(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	int64_t low = 0, high;

	if (!value_is_array(in))
		return machine_fail(m, "%s (%s) cannot be searched from",
		    value_type(in), machine_show(m, in));
	in = array_open(m->arena, lookup_in(m, in));
	for (high = (int64_t)in.n - 1; low <= high;) {
		int64_t middle = low + (high - low) / 2;
		int c = value_compare(m->arena, args[0], in.array->v[middle]);

		if (c == 0) {
			*out = value_int(middle);
			return true;
		}
		if (c < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	*out = value_int(-1 - low);
	return true;
}

const struct builtin BUILTINS_ORDER[] = {
    {"sort", 0, fn_sort},
    {"_sort_by", 1, fn_sort_by},
    {"_group_by", 1, fn_group_by},
    {"unique", 0, fn_unique},
    {"_unique_by", 1, fn_unique_by},
    {"min", 0, fn_min},
    {"max", 0, fn_max},
    {"_min_by", 1, fn_min_by},
    {"_max_by", 1, fn_max_by},
    {"bsearch", 1, fn_bsearch},
    {NULL, 0, NULL},
};
