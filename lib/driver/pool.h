/*
 * pool - threads that work on windows, for results in the input's order.
 *
 * A ring of batches: the driver fills the next free one, threads take them
 * in order, and the driver commits the oldest as soon as it is done.  The
 * ring's size bounds what is under way.
 */
#ifndef DRIVER_POOL_H
#define DRIVER_POOL_H

#include <stdbool.h>

#include "driver/worker.h"

struct batch {
	struct window window;
	char *buf; /* malloc's: what the window stands in, or a spare */
	size_t cap;
	struct result result;
	bool done; /* the pool's */
};

struct pool;

/* Start n threads; NULL and errno on failure. */
struct pool *pool_new(const struct shared *shared, unsigned n);

/* Drop what is under way, end the threads. */
void pool_free(struct pool *p);

/*
 * A free batch to fill, NULL where there is none; pool_post() then hands it
 * to the threads.
 */
struct batch *pool_batch(struct pool *p);
void pool_post(struct pool *p);

/*
 * The result of the oldest window: with wait, as soon as it is done; else
 * only if it is.  NULL where there is none.  It ends with pool_next().
 */
struct result *pool_result(struct pool *p, bool wait);
void pool_next(struct pool *p);

#endif
