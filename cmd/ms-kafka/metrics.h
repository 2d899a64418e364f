/*
 * metrics - what an instance has done so far, and how far behind it is.
 */
#ifndef KAFKA_METRICS_H
#define KAFKA_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/histogram.h"
#include "engine/batch.h"
#include "plan.h"

struct consumer;

struct metrics {
	uint64_t in;   /* records whose offsets are committed */
	uint64_t out;  /* records that were written, dead ones apart */
	uint64_t dead; /* dead letters */
	uint64_t commits, aborts;
	uint64_t restarts; /* of pipelines that failed */
	uint64_t restored; /* records of state that were read */
	uint64_t state;    /* and written */

	/* From a record's timestamp to its commit, in milliseconds. */
	struct histogram latency;   /* of all */
	struct histogram lately[2]; /* of this minute, of the one before */
	double latency_sum;
	uint64_t waiting_out, waiting_dead,
	    waiting_state;  /* of the transaction that is open */
	struct buf waiting; /* timestamps of what is to be committed */

	int64_t started;     /* as client_now() */
	int64_t minute;      /* when this one began */
	int64_t look_at;     /* when it is looked at next */
	int64_t write_at;    /* when the file is due */
	int64_t last_commit; /* milliseconds since 1970; 0: none yet */
	bool told;           /* the file couldn't be written, which was told */
};

/* Figures that are all 0; the end of what they hold. */
void metrics_init(struct metrics *m);
void metrics_release(struct metrics *m);

/* Records that were put and aren't committed. */
static inline uint64_t
metrics_waiting(const struct metrics *m)
{
	return m->waiting_out + m->waiting_dead + m->waiting_state;
}

/* Records [from, end) of a batch are through, and wait for a commit. */
void metrics_note(
    struct metrics *m, const struct batch *b, size_t from, size_t end);

/* What waits was committed; or undone. */
void metrics_commit(struct metrics *m);
void metrics_undo(struct metrics *m);

/*
 * Tell on standard error where SIGUSR1 asked for it, and write the file of
 * --metrics where it is due.
 */
void metrics_tick(
    struct metrics *m, const struct plan *p, const struct consumer *s);

/* The last word: the file, and with --stats the summary. */
void metrics_end(
    struct metrics *m, const struct plan *p, const struct consumer *s);

#endif
