/*
 * ending - how an event's way ended, where it wasn't passed on.
 *
 * A record says "kept":false in what a filter wrote to --else or the trail.
 * A line of --rejects is no event: it holds one, and the stage and the reason.
 */
#ifndef HISTORY_ENDING_H
#define HISTORY_ENDING_H

#include <stdbool.h>

#include "base/arena.h"
#include "history/view.h"
#include "value/value.h"

enum ending {
	ENDING_NONE, /* it was passed on */
	ENDING_AWAY,
	ENDING_REJECTED,
	ENDING_DROPPED, /* a program gave no output for it */
	ENDINGS,
};

/* What the record says of it. */
enum ending ending_of(struct arena *a, const struct view *v);

/* "turned away", "rejected", "dropped"; nothing for ENDING_NONE. */
const char *ending_words(enum ending e);

/* An event that was rejected, as its line of --rejects tells. */
struct reject_line {
	struct value event;   /* VALUE_NULL where the line held none */
	struct value history; /* of it, with a record of the reject behind */
	struct value source, line, error;
};

/*
 * Read such a line, which is an object without a history; key is the name of
 * the member that is the event's.  False where it is none.
 */
bool ending_read_reject(
    struct arena *a, struct value line, const char *key, struct reject_line *r);

#endif
