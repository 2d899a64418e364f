/*
 * pool - threads that take the input's windows in turn.
 *
 * A thread reads the next window into memory of its own, hands the input on
 * to the next thread, and works: so the bytes stay near the core that wants
 * them, and only results change hands.  Results wait in a ring, and are
 * committed in the input's order by whoever finished the oldest one.  The
 * ring's size bounds what is under way.
 *
 * Where the settings say in_order, the threads judge events in the same order:
 * a window has its turn when all before it are judged, or committed where what
 * the command keeps must be that of the events which are.
 */
#ifndef DRIVER_POOL_H
#define DRIVER_POOL_H

#include <stdbool.h>

#include "driver/worker.h"
#include "io/reader.h"

enum supply {
	SUPPLY_WINDOW,
	SUPPLY_PAUSE, /* call pause(), then ask again */
	SUPPLY_END,
};

/* Where windows come from and results go; calls of a kind never overlap. */
struct flow {
	void *arg;

	/* The next window, read into b. */
	enum supply (*next)(void *arg, struct block *b, struct window *w);

	/* All windows so far are committed; false where that's enough. */
	bool (*pause)(void *arg);

	/* Take a result, and clear it; false where that's enough. */
	bool (*commit)(void *arg, struct result *r);
};

struct pool;

/* A pool for n threads; NULL and errno on failure. */
struct pool *pool_new(
    const struct stage *stage, const struct flow *flow, unsigned n);

/* Work to the end, in the calling thread and in n - 1 others. */
void pool_run(struct pool *p);

/* Behind it: worker_end() in one of the workers. */
void pool_end(struct pool *p, struct result *result, bool cut);

/* Free all, once pool_run() has returned; nothing for NULL. */
void pool_free(struct pool *p);

#endif
