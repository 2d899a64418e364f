/*
 * change - what differs between two values, part by part.
 */
#ifndef HISTORY_CHANGE_H
#define HISTORY_CHANGE_H

#include <stdbool.h>

#include "base/arena.h"
#include "value/value.h"

struct change {
	struct change *next;
	struct value path; /* a JSON Pointer, decoded */
	struct value before, after;
	bool had, has; /* is there something before, after? */
};

/* In the order in which they are found; end is where the next one goes. */
struct change_list {
	struct change *first, **end;
};

/* An empty list; it must not move while it is empty. */
static inline void
change_list_init(struct change_list *l)
{
	l->first = NULL;
	l->end = &l->first;
}

/*
 * Add what differs between two values at a path, NULL for nothing there:
 * where both are containers of a kind, part by part.  Nothing is found where
 * only the order of members differs, or the spaces.  All memory is the
 * arena's.
 */
void change_between(struct arena *a, struct change_list *l, struct value path,
    const struct value *before, const struct value *after);

/* Add one more. */
void change_add(struct arena *a, struct change_list *l, struct value path,
    const struct value *before, const struct value *after);

#endif
