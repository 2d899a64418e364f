/*
 * feed - an engine's records made into lines for a pipeline.
 *
 * A value that is an event gets a record of its place, as the last one of its
 * history: {"op":"kafka","from":{"topic":…,"offset":…,…},…}.
 */
#ifndef ENGINE_FEED_H
#define ENGINE_FEED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/clock.h"
#include "engine/batch.h"
#include "json/scan.h"
#include "record/lineage.h"

struct feed {
	struct lineage lineage; /* of the records that it writes */
	struct scan scan;
	struct arena arena;
	struct clock clock;
	struct buf text; /* a value, with room behind it */
	struct buf place;
};

/* -1 and errno: memory is missing, or as clock_init() and scan_init(). */
int feed_init(
    struct feed *f, enum lineage_mode mode, const char *key, const char *op);
void feed_release(struct feed *f);

/*
 * Append the line of the batch's last record to its text, and set the
 * record's kind.  What is no event has no line.  False: no memory.
 */
bool feed_line(struct feed *f, struct batch *b);

#endif
