#include "trust/pathset.h"

#include <stdlib.h>
#include <string.h>

/* --- order --------------------------------------------------------------- */

/* [] comes first, then indexes, then keys: the shorter ones before. */
static int
key_compare(const struct value *x, const struct value *y)
{
	if (x->kind != y->kind)
		return x->kind == VALUE_NULL || y->kind == VALUE_STRING ? -1
									: 1;
	if (x->kind == VALUE_NULL)
		return 0;
	if (x->kind == VALUE_INT)
		return (x->i > y->i) - (x->i < y->i);
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return x->n == 0 ? 0 : memcmp(x->text, y->text, x->n);
}

struct numbered {
	struct touch_path path;
	uint32_t which;
};

static int
path_compare(const void *p, const void *q)
{
	const struct numbered *x = p, *y = q;
	uint32_t n = x->path.n < y->path.n ? x->path.n : y->path.n;

	for (uint32_t i = 0; i < n; i++) {
		int order = key_compare(&x->path.keys[i], &y->path.keys[i]);

		if (order != 0)
			return order;
	}
	if (x->path.n != y->path.n)
		return x->path.n < y->path.n ? -1 : 1;
	return (x->which > y->which) - (x->which < y->which);
}

void
pathset_make(
    struct arena *a, const struct pathspecs *paths, struct pathset *out)
{
	uint32_t n = (uint32_t)paths->n;
	struct numbered *all = arena_array(a, n, sizeof(*all));
	struct touch_path *v = arena_array(a, n, sizeof(*v));
	uint32_t *which = arena_array(a, n, sizeof(*which));

	for (uint32_t i = 0; i < n; i++)
		all[i] = (struct numbered){paths->v[i].path, i};
	if (n > 1)
		qsort(all, n, sizeof(*all), path_compare);
	for (uint32_t i = 0; i < n; i++) {
		v[i] = all[i].path;
		which[i] = all[i].which;
	}
	*out = (struct pathset){v, which, n};
}

/* --- going down ---------------------------------------------------------- */

struct pathset_at
pathset_root(const struct pathset *s)
{
	return (struct pathset_at){0, s->n, 0};
}

/* How does a path of the range go on, seen from a key?  It ends before all. */
static int
order_at(const struct pathset *s, uint32_t i, uint32_t depth,
    const struct value *key)
{
	if (s->v[i].n == depth)
		return -1;
	return key_compare(&s->v[i].keys[depth], key);
}

/* The first of a range that goes on with a key, or behind it. */
static uint32_t
first_with(const struct pathset *s, struct pathset_at at,
    const struct value *key, bool behind)
{
	uint32_t low = at.from, high = at.to;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (order_at(s, middle, at.depth, key) < behind)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t
pathset_ends(const struct pathset *s, struct pathset_at at)
{
	uint32_t i = at.from;

	while (i < at.to && s->v[i].n == at.depth)
		i++;
	return i - at.from;
}

bool
pathset_child(const struct pathset *s, struct pathset_at at,
    const struct value *key, struct pathset_at *below)
{
	uint32_t from = first_with(s, at, key, false);

	if (from == at.to || order_at(s, from, at.depth, key) != 0)
		return false;
	*below = (struct pathset_at){
	    from, first_with(s, at, key, true), at.depth + 1};
	return true;
}

bool
pathset_every(
    const struct pathset *s, struct pathset_at at, struct pathset_at *below)
{
	const struct value every = VALUE_OF(VALUE_NULL);

	at.from += pathset_ends(s, at);
	if (at.from == at.to || s->v[at.from].keys[at.depth].kind != VALUE_NULL)
		return false;
	*below = (struct pathset_at){
	    at.from, first_with(s, at, &every, true), at.depth + 1};
	return true;
}

bool
pathset_next(const struct pathset *s, struct pathset_at *at,
    struct pathset_at *below, const struct value **key)
{
	while (at->from < at->to &&
	    (s->v[at->from].n == at->depth ||
		s->v[at->from].keys[at->depth].kind == VALUE_NULL))
		at->from++;
	if (at->from == at->to)
		return false;
	*key = &s->v[at->from].keys[at->depth];
	*below = (struct pathset_at){at->from, at->from + 1, at->depth + 1};
	while (below->to < at->to &&
	    key_compare(&s->v[below->to].keys[at->depth], *key) == 0)
		below->to++;
	at->from = below->to;
	return true;
}

static uint32_t
first_of(const struct pathset *s, struct pathset_at at,
    const struct touch_path *path)
{
	uint32_t first = UINT32_MAX, other;
	struct pathset_at below;

	if (pathset_ends(s, at) > 0)
		first = s->which[at.from];
	if (at.depth == path->n)
		return first;
	if (pathset_every(s, at, &below)) {
		other = first_of(s, below, path);
		first = other < first ? other : first;
	}
	if (path->keys[at.depth].kind != VALUE_NULL &&
	    pathset_child(s, at, &path->keys[at.depth], &below)) {
		other = first_of(s, below, path);
		first = other < first ? other : first;
	}
	return first;
}

uint32_t
pathset_first(const struct pathset *s, const struct touch_path *path)
{
	return first_of(s, pathset_root(s), path);
}

bool
pathset_covers(const struct pathset *s, const struct touch_path *path)
{
	return pathset_first(s, path) != UINT32_MAX;
}
