/*
 * recall - an event that a command held back, in its hands once more.
 *
 * While another event is worked on, or a line of time, or the end, a command
 * may go on with one whose line it has kept.  In between the struct event
 * tells of that one; event_recall_end() gives back the one before.
 */
#ifndef DRIVER_RECALL_H
#define DRIVER_RECALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "driver/event.h"

/*
 * A line as it was read, which a newline follows, and where; source is text
 * with a NUL.
 */
struct held_line {
	const char *text;
	size_t len;
	const char *source;
	uint64_t number;
};

/* What stood in the event before. */
struct recall {
	struct event before;
	struct window window;
};

/*
 * Have the event tell of a held line, in memory of the arena, by whose
 * overflow it leaves.  False where the line is no event.  Either way
 * event_recall_end() must follow.
 */
bool event_recall(struct event *ev, struct arena *a, struct recall *r,
    const struct held_line *line);
void event_recall_end(struct event *ev, struct recall *r);

/*
 * Reject the event that was recalled, which counted as passed when it was
 * held; what was written since stays.
 */
void event_recall_reject(struct event *ev, const char *error);

#endif
