/*
 * meter - what the histories of many events say about each stage.
 *
 * A stage is an op with its stage name and rule; where an event passes the
 * same one again, that is another stage.  Memory is bounded: stages beyond
 * METER_STAGES are counted together.
 */
#ifndef RENDER_METER_H
#define RENDER_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/frequent.h"
#include "base/histogram.h"
#include "base/terminal.h"
#include "history/view.h"
#include "value/value.h"

enum { METER_STAGES = 256, METER_SLOTS = 1024, METER_TEXT = 160 };

struct meter_stage {
	uint64_t hash;
	char op[METER_TEXT], name[METER_TEXT], rule[METER_TEXT];
	uint64_t events, changed, forks;
	uint64_t turned_away;   /* or given no output, or rejected: not kept */
	uint64_t rejected;      /* of these */
	uint64_t disorder;      /* times before that of the stage before */
	uint64_t made, revised; /* events that results were made of */
	uint64_t bytes;         /* of its records */
	uint64_t positions;     /* sum of its positions in the histories */
	uint64_t met;           /* the last event that it was met in */
	struct histogram times; /* microseconds since the stage before */
	struct frequent fields; /* paths that it changed */
};

struct meter {
	uint64_t events;
	uint64_t without;   /* events without a history */
	uint64_t malformed; /* records that aren't as ms-lineage(5) has them */
	uint64_t others;    /* records of stages that had no room */
	struct meter_stage *stage[METER_STAGES];
	size_t n;
	uint16_t slot[METER_SLOTS]; /* of a hash: stage + 1, or 0 */
	struct view_clock clock;
};

/* Starts as zero. */
void meter_event(struct meter *m, struct arena *a, struct value history);
void meter_release(struct meter *m);

/* A table for people; gives its lines. */
size_t meter_write(
    const struct meter *m, struct buf *out, const struct terminal *terminal);

/* All of it as a JSON object on one line. */
void meter_json(const struct meter *m, struct buf *out);

#endif
