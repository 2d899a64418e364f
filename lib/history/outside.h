/*
 * outside - the places of an event whose values came from the clock, the
 * environment or where it was read, through all stages.
 *
 * Another run of the same programs gives them other values.
 */
#ifndef HISTORY_OUTSIDE_H
#define HISTORY_OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "history/rule.h"
#include "history/view.h"
#include "lang/explain/flow.h"

/* Where values come from; bits of a set. */
enum outside_kind {
	OUTSIDE_CLOCK = 1, /* now, and the times in $lineage */
	OUTSIDE_OTHER = 2, /* the environment, $source, $line */
};

/* A place, and the stage that first wrote it so. */
struct outside_place {
	struct outside_place *next;
	struct site site; /* open: anything in it */
	const struct view *by;
	unsigned kinds;
};

struct outside {
	struct arena *a;
	struct rules *rules;
	struct outside_place *places;
};

/* Add what the stages of n records wrote, in their order. */
void outside_add(struct outside *o, const struct view *v, size_t n);

#endif
