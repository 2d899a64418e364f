/*
 * due - what is to happen when stream time comes to it, the earliest first;
 * of those at the same time, the one that was added with the lower order.
 */
#ifndef STATE_DUE_H
#define STATE_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct due {
	int64_t time;
	uint64_t order;
	void *what; /* the caller's */
};

struct due_queue {
	struct due *heap;
	size_t n, cap;
};

/* End the memory that the queue takes. */
void due_release(struct due_queue *q);

/* False where memory is missing; nothing has changed then. */
bool due_add(struct due_queue *q, const struct due *d);

/* The first one; NULL where there is none.  Until the queue changes. */
const struct due *due_first(const struct due_queue *q);
void due_drop_first(struct due_queue *q);

#endif
