/*
 * route_step - what a join, a fold, or a filter with a memory did, as a
 * program.
 */
#ifndef RENDER_ROUTE_STEP_H
#define RENDER_ROUTE_STEP_H

#include "render/route.h"

/* What a step is written to. */
struct route_step {
	struct arena *a;
	struct route *route; /* that gets its marks */
	struct buf *out;
	bool starved;
	bool wrong; /* a piece of the rule is no program */
};

/*
 * Append the program of such a record.  False where its rule doesn't tell it;
 * what was appended is of no use then.
 */
bool route_step_join(struct route_step *s, const struct view *v);
bool route_step_fold(struct route_step *s, const struct view *v);
bool route_step_memory(struct route_step *s, const struct view *v);

#endif
