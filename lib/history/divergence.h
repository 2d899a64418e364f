/*
 * divergence - one event as two pipelines left it: what differs, and since
 * which stage.
 *
 * The stages of the two are matched by op and name, in their order; the
 * first one behind which a value differs is where the difference came from.
 * One that only one of them has comes into question where it set the value.
 */
#ifndef HISTORY_DIVERGENCE_H
#define HISTORY_DIVERGENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "history/change.h"
#include "history/pointer.h"
#include "history/view.h"
#include "lang/explain/flow.h"
#include "value/value.h"

/* The event in one of the two, with the n records of its history. */
struct divergence_side {
	struct value event;
	const struct view *v;
	size_t n;
};

enum divergence_since {
	DIVERGENCE_STAGE,   /* record says which */
	DIVERGENCE_READ,    /* they were read so */
	DIVERGENCE_UNKNOWN, /* an undo is missing */
};

/* What differs at one place. */
struct divergence {
	struct divergence *next;
	struct change change;
	struct site site; /* the place, where its path is known */
	bool order;       /* nothing but the order of members */
	enum divergence_since since;
	bool outside;  /* others changed an event behind that */
	bool in_old;   /* the record is the old one's, else the new's */
	size_t record; /* from 1 */
	const struct view *was; /* the record that it was matched with; NULL */
};

/* What isn't compared. */
struct divergence_ignored {
	const struct pointer *paths;
	size_t n;
};

/*
 * All that differs, without the histories; NULL where nothing does.  Memory
 * is the arena's.
 */
struct divergence *divergence_find(struct arena *a,
    const struct divergence_ignored *ignored, const struct divergence_side *old,
    const struct divergence_side *new);

/*
 * The row of a table that a record joined differs from that which the other
 * did: its name, else NULL.  *line gets its number in the new one, or
 * VALUE_NULL.
 */
const char *divergence_row(struct arena *a, const struct view *old,
    const struct view *new, struct value *line);

#endif
