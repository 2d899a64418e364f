/*
 * Mostly the first element or two tell that y doesn't stand at a place, so
 * each is tried.  Where that becomes dear, since x repeats what y begins
 * with, the search goes on by Knuth, Morris and Pratt's algorithm, with a
 * number for each element: equal ones have the same.
 */
#include "value/array.h"
#include "value/runs.h"
#include "value/set.h"

/* Comparisons for each element before the other algorithm takes over. */
enum { PATIENCE = 8 };

struct pattern {
	struct set elements;
	uint32_t n;
	int64_t *id;      /* place of the first element that equals each */
	uint32_t *border; /* longest start of y that each element ends */
};

/* Elements of y that have been found, after one more with that id. */
static uint32_t
advance(const struct pattern *p, uint32_t found, int64_t id)
{
	while (found > 0 && (found == p->n || p->id[found] != id))
		found = p->border[found - 1];
	return found + (p->id[found] == id);
}

/* False where an element equals nothing, itself included: it has a nan. */
static bool
pattern_read(struct arena *a, struct value y, struct pattern *p)
{
	*p = (struct pattern){.elements = set_new(a, y), .n = y.n};
	p->id = arena_array(a, y.n, sizeof(*p->id));
	p->border = arena_array(a, y.n, sizeof(*p->border));
	for (uint32_t i = 0; i < y.n; i++) {
		p->id[i] = set_find(&p->elements, y.array->v[i]);
		if (p->id[i] < 0)
			return false;
		p->border[i] =
		    i == 0 ? 0 : advance(p, p->border[i - 1], p->id[i]);
	}
	return true;
}

/* Add the places from place i of x on; both arrays are opened. */
static struct value
search(struct arena *a, struct value x, uint32_t i, struct value y,
    struct value out)
{
	struct pattern p;
	uint32_t found = 0;

	if (!pattern_read(a, y, &p))
		return out;
	for (; i < x.n; i++) {
		int64_t id = set_find(&p.elements, x.array->v[i]);

		found = advance(&p, found, id);
		if (found == y.n)
			out = array_push(a, out, value_int(i + 1 - y.n));
	}
	return out;
}

/* How many elements of y stand at place i of x. */
static uint32_t
alike(struct arena *a, struct value x, uint32_t i, struct value y)
{
	uint32_t n = 0;

	while (n < y.n && value_equal(a, x.array->v[i + n], y.array->v[n]))
		n++;
	return n;
}

struct value
runs_find(struct arena *a, struct value x, struct value y)
{
	struct value out = array_new(a, 0);
	uint64_t left;

	x = array_open(a, x);
	y = array_open(a, y);
	if (y.n == 0 || y.n > x.n)
		return out;
	left = PATIENCE * ((uint64_t)x.n + y.n);
	for (uint32_t i = 0; i <= x.n - y.n; i++) {
		uint32_t n = alike(a, x, i, y);

		if (n == y.n)
			out = array_push(a, out, value_int(i));
		if (n > left)
			return search(a, x, i + 1, y, out);
		left -= n;
	}
	return out;
}
