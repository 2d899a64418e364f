/*
 * ambient - the places of an event whose values came from the clock, the
 * environment or where it was read, through all stages.
 *
 * Another run of the same programs gives them other values.
 */
#ifndef HISTORY_AMBIENT_H
#define HISTORY_AMBIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "history/rule.h"
#include "history/view.h"
#include "lang/explain/flow.h"

/* Where values come from; bits of a set. */
enum ambient_kind {
	AMBIENT_CLOCK = 1, /* now, and the times in $lineage */
	AMBIENT_OTHER = 2, /* the environment, $source, $line */
};

/* A place, and the stage that first wrote it so. */
struct ambient_place {
	struct ambient_place *next;
	struct site site; /* open: anything in it */
	const struct view *by;
	unsigned kinds;
};

struct ambient {
	struct arena *a;
	struct rules *rules;
	struct ambient_place *places;
};

/* Add what the stages of n records wrote, in their order. */
void ambient_add(struct ambient *o, const struct view *v, size_t n);

#endif
