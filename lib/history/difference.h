/*
 * difference - what changed in an event between two of its stages.
 */
#ifndef HISTORY_DIFFERENCE_H
#define HISTORY_DIFFERENCE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "history/stage_ref.h"
#include "history/rewind.h"
#include "history/view.h"
#include "value/value.h"

/*
 * Two states of an event, each as a record's stage left it; 0 and first are
 * the event as its first stage received it.
 */
struct difference {
	struct stage_ref from, to;
};

/*
 * How many records the event has at one of both; false where it can't be
 * found, and error says why.
 */
bool difference_record(struct arena *a, const struct stage_ref *stage,
    const struct view *v, size_t n, size_t *number, struct rewind_error *error);

/*
 * Append the patch (RFC 6902, an array) that turns the event as it was at
 * from into what it was at to; "[]" where it is the same.  *start gets the
 * event as it was at from.  False where one of both can't be had: error.
 */
bool difference_patch(struct buf *out, struct arena *a,
    const struct difference *d, struct value event, const struct view *v,
    size_t n, struct value *start, struct rewind_error *error);

/* The same value as a text of its own, as undo_write() wants it. */
struct value difference_solid(struct arena *a, struct value v);

#endif
