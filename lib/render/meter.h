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
#include "history/ending.h"
#include "history/view.h"
#include "value/value.h"

enum {
	METER_STAGES = 256,
	METER_SLOTS = 1024,
	METER_TEXT = 160,
	METER_RULE = 4096, /* bytes of a rule, with its NUL */
};

struct meter_stage {
	uint64_t hash;
	uint16_t number; /* in meter.stage */
	char op[METER_TEXT], name[METER_TEXT];
	char *rule; /* never NULL */
	uint64_t events, changed, forks;
	uint64_t left[ENDINGS]; /* by how they left the main path here, */
	uint64_t lost[ENDINGS]; /* and of these, how many went no further */
	uint64_t disorder;      /* times before that of the stage before */
	uint64_t made, revised; /* events that results were made of */
	uint64_t bytes;         /* of its records */
	uint64_t positions;     /* sum of its positions in the histories */
	uint64_t met;           /* the last event that it was met in */
	struct histogram times; /* microseconds since the stage before */
	struct frequent fields; /* paths that it changed */
};

/* A record of an event that is being counted. */
struct meter_step {
	const struct view *v;
	size_t i;                  /* of it in the history */
	struct meter_stage *stage; /* NULL where it had no room */
	enum ending ending;
	int64_t micros; /* since the record before; below 0: not known */
};

/* Starts as zero. */
struct meter {
	uint64_t events;
	uint64_t out;       /* of them, those that were lost nowhere */
	uint64_t without;   /* events without a history */
	uint64_t malformed; /* records that aren't as ms-lineage(5) has them */
	uint64_t others;    /* records of stages that had no room */
	struct meter_stage *stage[METER_STAGES];
	size_t n;
	uint16_t slot[METER_SLOTS]; /* of a hash: stage + 1, or 0 */
	struct view_clock clock;
	uint64_t before; /* records that the event in hand doesn't have */

	/* Called with each record, where it isn't NULL. */
	void (*step)(void *arg, struct arena *a, const struct meter_step *s);
	void *arg;
};

/* How many left the main path at a stage, however they did. */
uint64_t meter_left(const struct meter_stage *s);

/* The stages in the order of the pipeline; order has room for all. */
void meter_sort(const struct meter *m, const struct meter_stage **order);

/*
 * Count an event.  The event itself, its history hidden,
 * may be NULL; else it tells what a stage changed whose undo replaces all.
 */
void meter_event(struct meter *m, struct arena *a, const struct value *event,
    struct value history);
void meter_release(struct meter *m);

/* A table for people; gives its lines. */
size_t meter_write(
    const struct meter *m, struct buf *out, const struct terminal *terminal);

/* All of it as a JSON object on one line. */
void meter_json(const struct meter *m, struct buf *out);

#endif
