/* Pointers are sorted, by merging; what they point at moves once, then. */
#include <string.h>

#include "base/sort.h"

struct sort {
	int (*compare)(const void *x, const void *y, void *arg);
	void *arg;
	const void **spare; /* for half of what is sorted */
};

/* Merge the sorted parts [0, left) and [left, n). */
static void
merge(const struct sort *s, const void **to, size_t left, size_t n)
{
	const void **x = s->spare, **x_end = x + left;
	const void **y = to + left, **y_end = to + n;

	memcpy(x, to, left * sizeof(*x));
	while (x < x_end && y < y_end)
		*to++ = s->compare(*x, *y, s->arg) <= 0 ? *x++ : *y++;
	memcpy(to, x, (size_t)(x_end - x) * sizeof(*x));
}

static void
sort_part(const struct sort *s, const void **v, size_t n)
{
	size_t left = n / 2;

	if (n < 2)
		return;
	sort_part(s, v, left);
	sort_part(s, v + left, n - left);
	merge(s, v, left, n);
}

/*
 * Move each object to where its pointer stands: the first one goes to the
 * spare place, another to where it was, and so on, until its own place comes.
 */
static void
place(char *v, size_t n, size_t size, const void **order, char *spare)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = i, next;

		if (order[i] == v + i * size)
			continue;
		memcpy(spare, v + i * size, size);
		while ((next = (size_t)((const char *)order[at] - v) / size) !=
		    i) {
			memcpy(v + at * size, v + next * size, size);
			order[at] = v + at * size;
			at = next;
		}
		memcpy(v + at * size, spare, size);
		order[at] = v + at * size;
	}
}

void
sort_stable(struct arena *a, void *v, size_t n, size_t size,
    int (*compare)(const void *x, const void *y, void *arg), void *arg)
{
	struct sort s = {compare, arg, NULL};
	const void **order;

	if (n < 2)
		return;
	order = arena_array(a, n, sizeof(*order));
	for (size_t i = 0; i < n; i++)
		order[i] = (char *)v + i * size;
	s.spare = arena_array(a, n / 2, sizeof(*order));
	sort_part(&s, order, n);
	place(v, n, size, order, arena_alloc(a, size));
}
