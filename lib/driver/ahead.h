/*
 * ahead - windows that are read while an earlier event waits for an answer
 * from outside, and their events, for which the answers are asked meanwhile.
 *
 * A command whose settings say ahead has its ask() called with events that
 * come later, in their order; its event() gets them as always.  What is asked
 * has a scan, an arena and a state of the command of its own, for the event
 * that waits is still in hand.
 */
#ifndef DRIVER_AHEAD_H
#define DRIVER_AHEAD_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "driver/event.h"
#include "driver/pool.h"
#include "driver/stage.h"

enum { AHEAD_WATCHED = 2 }; /* descriptors */

struct ahead;

/* What the driver does for it. */
struct ahead_driver {
	void *arg;

	/* The next window, read into b: as in struct flow. */
	enum supply (*next)(void *arg, struct block *b, struct window *w);

	/* Let everybody see what is done. */
	void (*flush)(void *arg);

	/* The input, to be read once something is there; -1 where none is. */
	int (*input)(void *arg);

	/* Signals that ask to end; a descriptor of others, and what they do. */
	const struct signals *signals;
	int (*reports)(void *arg);
	void (*report)(void *arg);
};

/* At most so many windows are read ahead.  NULL where memory is missing. */
struct ahead *ahead_new(const struct stage *stage,
    const struct ahead_driver *driver, size_t windows);
void ahead_free(struct ahead *a); /* a may be NULL */

/* The next window; it stays valid until the next call. */
enum supply ahead_next(struct ahead *a, struct window *w);

/*
 * For a command that is about to wait, within its event().
 *
 * Have ask() called with the events behind the one in hand, as far as they
 * are there, until it wants no more.  False where the input holds no more
 * and all were asked for.
 */
bool ahead_ask(struct ahead *a, const struct event *now);

/* Let everybody see what was done before the event in hand. */
void ahead_flush(struct ahead *a);

/*
 * poll() n descriptors of the command's, in an array that has room for
 * AHEAD_WATCHED more, and the input.  False where nothing came.  *ending: a
 * signal asked to end.
 */
bool ahead_poll(struct ahead *a, struct pollfd *p, nfds_t n, int milliseconds,
    bool *ending);

#endif
