/*
 * journey - an event's history, written for people.
 *
 * One line for the event, one for each record, and one for what it changed.
 * What comes from the data is made harmless: control characters, and those
 * that turn the direction of text, are shown as \u escapes.
 */
#ifndef LINEAGE_JOURNEY_H
#define LINEAGE_JOURNEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "value/value.h"

enum journey_colour { JOURNEY_AUTO, JOURNEY_ALWAYS, JOURNEY_NEVER };

struct journey {
	bool colour;
	size_t width; /* columns of a line */
};

/*
 * Look at standard output: JOURNEY_AUTO is colour on a terminal unless
 * NO_COLOR is set; lines are cut to the width of a terminal, else not.
 */
void journey_init(struct journey *j, enum journey_colour when);

/* Write the history of the event that was read at that place. */
void journey_write(struct buf *out, struct arena *a, const struct journey *j,
    struct value history, const char *source, uint64_t line);

#endif
