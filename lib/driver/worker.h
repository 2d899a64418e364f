/*
 * worker - what one thread does with a window of lines.
 *
 * A worker owns everything that an event needs while it is worked on; what
 * comes of a window it adds to a result, which the driver commits in the
 * order of the input.
 */
#ifndef DRIVER_WORKER_H
#define DRIVER_WORKER_H

#include <stdint.h>

#include "driver/result.h"
#include "driver/stage.h"
#include "driver/window.h"

struct worker;
struct ahead;

/* What a worker needs of who runs it. */
struct worker_hooks {
	void *arg;

	/*
	 * A result has grown large: take what is there; may say that it is
	 * enough.
	 */
	void (*spill)(void *arg, struct result *r);

	/*
	 * Where the settings say in_order and others work at the same time:
	 * wait until all windows before are judged; false where nothing more
	 * is wanted.  Then let those behind be judged, or with halt nobody.
	 */
	bool (*take_turn)(void *arg);
	void (*pass_turn)(void *arg, bool halt);
};

/* A worker.  NULL and errno where memory is missing. */
struct worker *worker_new(
    const struct stage *stage, const struct worker_hooks *hooks);
void worker_free(struct worker *w);

/* Work on a window; gives the number of lines worked on. */
uint64_t worker_run(
    struct worker *w, const struct window *window, struct result *result);

/* From now on its events may look ahead. */
void worker_look_ahead(struct worker *w, struct ahead *a);

/* Hand on what was done before the event in hand, which waits. */
void worker_hand_on(struct worker *w);

/*
 * The end of the input, which a signal may have cut: what the command still
 * has to say.
 */
void worker_end(struct worker *w, struct result *result, bool cut);

#endif
