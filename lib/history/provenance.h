/*
 * provenance - which event this is, and where it came from.
 *
 * Its id, and the source and line of its origin: of the first record that
 * names one, else where the event was read.
 */
#ifndef HISTORY_PROVENANCE_H
#define HISTORY_PROVENANCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "history/view.h"
#include "value/value.h"

/* What isn't known is VALUE_NULL; it lasts as long as the event. */
struct provenance {
	struct value id, source, line;
	struct value from; /* of the record that names the origin */
	const struct view *records;
	size_t n;
};

/* source and number say where the event was read. */
void provenance_find(struct provenance *p, struct arena *a,
    struct value history, const char *source, uint64_t number);

/* Append the fork path, as 2/1: which of its siblings it is, each time. */
void provenance_put_forks(
    struct buf *out, struct arena *a, const struct provenance *p);

#endif
