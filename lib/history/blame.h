/*
 * blame - which record last set each value of an event.
 *
 * The leaves of an event (scalars, and containers that hold nothing) are
 * numbered.  An event of the same shape with these numbers as its leaves is
 * then taken back through the history: a number that an undo takes away
 * belongs to a value that this record had set.  A value that a replace
 * brings back as it was keeps its number, so that no record takes the
 * blame for what it left alone.  Where others changed the event between two
 * records, nothing before them is known: no record is blamed for that.
 */
#ifndef HISTORY_BLAME_H
#define HISTORY_BLAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "history/rewind.h"
#include "history/view.h"
#include "value/value.h"

struct blame {
	struct arena *a;
	const struct view *v;
	size_t n; /* of views */
	struct value event;
	struct value shape; /* the event with leaves that are numbers */
	struct value *leaf; /* number -> value */
	uint32_t *record;   /* number -> record that set it, 0: none did */
	uint32_t leaves;
	uint32_t lost;  /* this record and those before it are unknown, or 0 */
	size_t outside; /* record after which others changed the event last: */
	/* what no later one set is their work, or older; or 0 */
};

/*
 * Find out about all leaves.  False where an undo is malformed; error names
 * the record.
 */
bool blame_init(struct blame *b, struct arena *a, struct value event,
    const struct view *v, size_t n, struct rewind_error *error);

/* Is this the shape of a leaf?  *leaf gets its number. */
bool blame_leaf(struct value shape, uint32_t *leaf);

/* Is the leaf the work of others after record b->outside, or older? */
bool blame_outside(const struct blame *b, uint32_t leaf);

/*
 * The record, from 1, that set a leaf: 0 where it came with the event, or
 * blame_outside() says who did.
 * sure is false where the record is the oldest that can still be known, so
 * that one before it may have set the value.
 */
size_t blame_record(const struct blame *b, uint32_t leaf, bool *sure);

#endif
