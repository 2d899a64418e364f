/*
 * retract - one record taken back from an event that later stages changed.
 *
 * A rewind gives the event as it was, without all that came later.  Here the
 * event stays as it is now, and only what one record's stage changed is taken
 * back: what later stages wrote elsewhere stays.  That can be done where all
 * that the record's undo overwrites is as its stage left it; a value that the
 * undo moves goes along as it is now, and one that it copies is the old one.
 *
 * Elements of an array are known by their numbers.  Where later stages put,
 * took or replaced elements, the array must be as long as it was, and none of
 * its elements more like another one that was there than like its own.
 */
#ifndef HISTORY_RETRACT_H
#define HISTORY_RETRACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "history/draft.h"
#include "history/rewind.h"
#include "history/view.h"
#include "value/value.h"

struct retract_write;

struct retract {
	struct arena *a;
	const struct view *v;
	size_t n;          /* of views */
	struct draft base; /* the event as record at (0: none) left it */
	size_t at;
	struct rewind_error lost;    /* why it isn't known, or empty */
	struct retract_write *write; /* what the records change, once listed */
	size_t writes;
};

/* Begin with an event and its records; the views last as long as r. */
void retract_init(struct retract *r, struct arena *a, struct value event,
    const struct view *v, size_t n);

/*
 * Take record i, from 0 and before those that were taken back by r, back from
 * *event: that which r began with, or what came of it.  False, and why in
 * words, where it can't be; *event is as it was then.
 */
bool retract_record(struct retract *r, size_t i, struct value *event,
    struct rewind_error *error);

#endif
