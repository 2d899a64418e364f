/*
 * reload - a program whose file may change while the stream flows.
 *
 * With --reload the file of -f is looked at whenever new events came.  What
 * it holds is compiled beside the running program once it hasn't changed
 * for a second, and takes over between two events: their records say so by
 * their rule.  A program that doesn't compile is told once, and the old one
 * stays.
 */
#ifndef DRIVER_RELOAD_H
#define DRIVER_RELOAD_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "driver/event.h"
#include "driver/settings.h"
#include "record/lineage.h"

/* A program, and what the stage says of itself while it runs. */
struct edition {
	struct program *program;
	struct lineage lineage;
	struct buf rejects_head;
	unsigned holders;
};

struct reload {
	struct settings *set;
	const char *op;
	bool predicate;
	struct program *first; /* compiled at the start */

	/*
	 * The rule that a program makes, where it isn't its text: appended.
	 * Set by who has such, after reload_init().
	 */
	void (*put_rule)(
	    struct buf *b, const void *arg, const char *text, size_t len);
	const void *put_rule_arg;

	pthread_mutex_t lock; /* for what follows */
	struct edition *now;  /* NULL: the first one */
	struct stat seen;     /* of the file, as it was tried last */
};

/*
 * Compile the settings' program, a predicate or not, for records of op:
 * STATUS_OK, or the status to exit with after a complaint.
 */
int reload_init(
    struct reload *r, struct settings *set, const char *op, bool predicate);
void reload_release(struct reload *r);

/* A thread's own machine, and the edition that it runs. */
struct reload_local {
	struct reload *reload;
	struct machine *machine;
	struct edition *held;
	uint64_t turn;
};

/* False where memory is missing. */
bool reload_local_init(struct reload_local *l, struct reload *r);
void reload_local_release(struct reload_local *l);

/* The machine for an event; NULL after event_fail(). */
struct machine *reload_machine(struct reload_local *l, struct event *ev);

#endif
