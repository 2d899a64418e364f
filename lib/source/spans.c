#include "source/spans.h"

#include <stdlib.h>

enum { BLOCK = 16 }; /* spans below a leaf of the tree */

int
point_compare(struct point x, struct point y)
{
	if (x.high != y.high)
		return x.high < y.high ? -1 : 1;
	return x.low == y.low ? 0 : x.low < y.low ? -1 : 1;
}

bool
spans_add(struct spans *s, struct span span)
{
	size_t cap = s->cap < 64 ? 64 : 2 * s->cap;
	struct span *v;

	if (s->n == s->cap) {
		v = reallocarray(s->v, cap, sizeof(*v));
		if (v == NULL)
			return false;
		s->v = v;
		s->cap = cap;
	}
	s->v[s->n++] = span;
	return true;
}

/* By group, start, and the end downwards; the row decides at last. */
static int
compare(const void *p, const void *q)
{
	const struct span *x = p, *y = q;
	int c;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	c = point_compare(x->from, y->from);
	if (c == 0)
		c = point_compare(y->to, x->to);
	if (c == 0)
		c = x->row < y->row ? -1 : 1;
	return c;
}

void
spans_chain(struct spans *s)
{
	if (s->n > 0)
		qsort(s->v, s->n, sizeof(*s->v), compare);
	/* Those that start alike end alike: the last one of them counts. */
	for (size_t i = s->n; i-- > 1;) {
		struct span *x = &s->v[i - 1], *next = &s->v[i];

		if (x->group != next->group)
			continue;
		if (point_compare(x->from, next->from) == 0) {
			x->to = next->to;
			continue;
		}
		x->to = next->from;
		x->to.high -= x->to.low == 0;
		x->to.low--;
	}
}

bool
spans_finish(struct spans *s)
{
	if (s->n > 0)
		qsort(s->v, s->n, sizeof(*s->v), compare);
	for (s->leaves = 1; s->leaves <= s->n / BLOCK + 1;)
		s->leaves *= 2;
	s->most = calloc(2 * s->leaves, sizeof(*s->most));
	if (s->most == NULL)
		return false;
	for (size_t i = 0; i < s->n; i++) {
		struct point *most = &s->most[s->leaves + i / BLOCK];

		if (point_compare(*most, s->v[i].to) < 0)
			*most = s->v[i].to;
	}
	for (size_t i = s->leaves; i-- > 1;) {
		struct point x = s->most[2 * i], y = s->most[2 * i + 1];

		s->most[i] = point_compare(x, y) < 0 ? y : x;
	}
	return true;
}

/* One past the last span of a group that starts at a point or before it. */
static size_t
started(const struct spans *s, uint64_t group, struct point at)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct span *x = &s->v[middle];

		if (x->group < group ||
		    (x->group == group && point_compare(x->from, at) <= 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The last block before one in which an end reaches the point. */
static size_t
block_before(const struct spans *s, size_t block, struct point at)
{
	size_t i = block + s->leaves;

	if (block == 0)
		return SPANS_NONE;
	/* The nearest part to the left that has one. */
	while ((i & 1) == 0 || point_compare(s->most[i - 1], at) < 0) {
		i /= 2;
		if (i <= 1)
			return SPANS_NONE;
	}
	for (i--; i < s->leaves;)
		i = 2 * i + (point_compare(s->most[2 * i + 1], at) >= 0);
	return i - s->leaves;
}

size_t
spans_before(
    const struct spans *s, size_t place, uint64_t group, struct point at)
{
	size_t block;

	while (place % BLOCK > 0)
		if (point_compare(s->v[--place].to, at) >= 0)
			return s->v[place].group == group ? place : SPANS_NONE;
	block = block_before(s, place / BLOCK, at);
	if (block == SPANS_NONE)
		return SPANS_NONE;
	place = block * BLOCK + BLOCK - 1;
	while (point_compare(s->v[place].to, at) < 0)
		place--;
	return s->v[place].group == group ? place : SPANS_NONE;
}

size_t
spans_find(const struct spans *s, uint64_t group, struct point at)
{
	return spans_before(s, started(s, group, at), group, at);
}

size_t
spans_repeated(const struct spans *s)
{
	for (size_t i = 1; i < s->n; i++) {
		const struct span *x = &s->v[i - 1], *y = &s->v[i];

		if (x->group == y->group &&
		    point_compare(x->from, y->from) == 0 &&
		    point_compare(x->to, y->to) == 0)
			return i;
	}
	return SPANS_NONE;
}

void
spans_release(struct spans *s)
{
	free(s->v);
	free(s->most);
	*s = (struct spans){0};
}
