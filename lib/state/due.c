#include <stdlib.h>

#include "state/due.h"

void
due_release(struct due_queue *q)
{
	free(q->heap);
	*q = (struct due_queue){.heap = NULL};
}

static bool
comes_before(const struct due *x, const struct due *y)
{
	return x->time != y->time ? x->time < y->time : x->order < y->order;
}

bool
due_add(struct due_queue *q, const struct due *d)
{
	size_t i = q->n;

	if (q->n == q->cap) {
		size_t cap = q->cap == 0 ? 64 : q->cap * 2;
		struct due *heap = reallocarray(q->heap, cap, sizeof(*heap));

		if (heap == NULL)
			return false;
		q->heap = heap;
		q->cap = cap;
	}
	q->n++;
	for (; i > 0 && comes_before(d, &q->heap[(i - 1) / 2]); i = (i - 1) / 2)
		q->heap[i] = q->heap[(i - 1) / 2];
	q->heap[i] = *d;
	return true;
}

const struct due *
due_first(const struct due_queue *q)
{
	return q->n == 0 ? NULL : q->heap;
}

void
due_drop_first(struct due_queue *q)
{
	struct due last = q->heap[--q->n];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < q->n) {
		if (child + 1 < q->n &&
		    comes_before(&q->heap[child + 1], &q->heap[child]))
			child++;
		if (!comes_before(&q->heap[child], &last))
			break;
		q->heap[i] = q->heap[child];
		i = child;
	}
	q->heap[i] = last;
}
