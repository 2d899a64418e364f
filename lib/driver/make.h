/*
 * make - events that a command makes of others, beside the one in hand.
 */
#ifndef DRIVER_MAKE_H
#define DRIVER_MAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "driver/event.h"

/* Of what an event is made, for a policy. */
struct make_of {
	uint32_t masks; /* policed_masks() at all its events; 0: not the same */
	bool earlier;   /* some of them came to an earlier run */
};

/*
 * Write an event of its own into the output, for VERDICT_WRITTEN: v, an
 * object, with a history of one record.  former is what was written under
 * the same id before, an object with a text of its own, which the record's
 * undo gives back; or VALUE_NULL.  Scratch memory is the arena's.  What a
 * check or a policy refuses is a reject, beside the event in hand.
 */
void event_make(struct event *ev, struct arena *a, struct value former,
    struct value v, const struct record *record, const struct make_of *of);

/*
 * The same for one that can't be made, as event_fail() said; v is what there
 * is of it, or VALUE_NULL.  Takes back what of it stands in the output from
 * byte from on.
 */
void event_make_reject(struct event *ev, struct value v, size_t from);

#endif
