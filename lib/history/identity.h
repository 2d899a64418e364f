/*
 * identity - what an event is known again by, in another file.
 *
 * By its id, else by where it came from; and by which part it is of what it
 * was forked from, and which revision of a result.
 */
#ifndef HISTORY_IDENTITY_H
#define HISTORY_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "history/view.h"
#include "value/value.h"

/* Texts; those of which nothing is known are empty. */
struct identity {
	struct value id;
	struct value origin; /* "access.ndjson:17", "topic[3]@42" */
	struct value forks;  /* "2/3 1/2 " */
};

/* What the records of an event say; the texts are the arena's. */
void identity_read(
    struct arena *a, const struct view *v, size_t n, struct identity *who);

/*
 * Is an event with these forks, or one that it was forked from, the one with
 * those?
 */
bool identity_leads_to(struct value forks, struct value those);

#endif
