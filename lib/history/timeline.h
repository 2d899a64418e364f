/*
 * timeline - an event as it was after each of its records.
 *
 * The states share what no record changed.  They reach back to where the
 * history can be followed: a record without its undo ends them, and so does
 * one that made the event of something else.
 */
#ifndef HISTORY_TIMELINE_H
#define HISTORY_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "history/pointer.h"
#include "history/rewind.h"
#include "history/view.h"
#include "lang/explain/flow.h"
#include "value/value.h"

enum { TIMELINE_OPENED = 64 };

/* A large array of a line, opened so that its elements are found at once. */
struct timeline_opened {
	const struct doc *doc; /* NULL: none yet */
	uint32_t entry;
	struct value array;
};

struct timeline {
	struct arena *a;
	const struct view *v;
	size_t n;            /* of views */
	size_t low;          /* the oldest state that is known */
	bool made;           /* record low made the event */
	struct value *state; /* after so many records, from low on */
	uint64_t steps;      /* that may still be taken; 0: all were */
	struct timeline_opened *opened; /* by doc and entry, hashed */
};

/*
 * Take an event back through its history.  False where an undo is malformed;
 * error names the record.
 */
bool timeline_init(struct timeline *t, struct arena *a, struct value event,
    const struct view *v, size_t n, struct rewind_error *error);

/* Searches from now on may take so many steps. */
void timeline_allow(struct timeline *t);

/* What is at a place in a state; false where nothing is. */
bool timeline_get(
    struct timeline *t, const struct site *p, size_t state, struct value *out);

/* Does a place hold the same in two states? */
bool timeline_same(
    struct timeline *t, const struct site *p, size_t x, size_t y);

/*
 * The record, from 1, that set a place last, as it is in a state; low where
 * none of those that are known did, or the steps are spent.
 */
size_t timeline_setter(struct timeline *t, const struct site *p, size_t state);

/*
 * The place that a pointer names, whose steps may be keys or indexes: as
 * they are in the last state that has it.
 */
struct site timeline_place(struct timeline *t, const struct pointer *path);

#endif
