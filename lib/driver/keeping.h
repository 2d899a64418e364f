/*
 * keeping - a stage's state beside the stream, as MS_STATE asks for: what a
 * command does with it, and what it tells its user.
 */
#ifndef DRIVER_KEEPING_H
#define DRIVER_KEEPING_H

#include <stdbool.h>
#include <stddef.h>

#include "driver/settings.h"
#include "state/beside.h"
#include "state/state.h"

struct keeping {
	struct beside *file; /* NULL: nothing is kept so */
	const struct settings *set;
	struct state *state;

	/* Add an entry with beside_put(); false without memory. */
	bool (*put)(void *arg, struct beside *b, const struct state_entry *e);
	void *arg;
};

/*
 * Read the state from the file of the owner, entry by entry, and have the
 * driver call barrier().  STATUS_OK, or the status to exit with after a
 * complaint.  set, state, put and arg are set before.
 */
int keeping_start(struct keeping *k, struct settings *set,
    const struct beside_owner *owner, beside_take *take,
    struct dump_facts *facts);

/* Keep what has changed: see barrier() of command.h. */
bool keeping_barrier(struct keeping *k, const char *name, size_t len,
    const struct dump_facts *facts);

/* Tell what no barrier has kept, and close the file. */
void keeping_end(struct keeping *k);

#endif
