/*
 * bisect - which records of a batch does a pipeline die of?
 */
#ifndef ENGINE_BISECT_H
#define ENGINE_BISECT_H

#include <stdbool.h>
#include <stddef.h>

enum bisect_status {
	BISECT_THROUGH, /* all are, or were told to be dead */
	BISECT_FAILED,  /* they don't go through */
	BISECT_STOP,    /* nothing more is to be tried */
};

struct bisect {
	/* Send [from, end) through: BISECT_FAILED where the pipeline died. */
	enum bisect_status (*try)(void *arg, size_t from, size_t end);

	/* It dies of this one alone: go on without it, or BISECT_STOP. */
	enum bisect_status (*dead)(void *arg, size_t i);
	void *arg;
};

/*
 * Send [from, end) through: as a whole, once more where that failed, then by
 * halves.  A single one that fails twice is dead.  What goes through does so
 * in its order.
 */
enum bisect_status bisect_run(const struct bisect *b, size_t from, size_t end);

#endif
