/*
 * instance - one ms-kafka at work: records in, through the pipeline, and out
 * in transactions.
 *
 * Its parts, each in a file: gathering and the loop (instance.c), batches on
 * their way through a pipeline (through.c), what is dead before it is known
 * that the pipeline works (proving.c), what goes out (output.c), commits and
 * partitions that come and go (commits.c), state that comes and goes with them
 * (moving.c).
 */
#ifndef KAFKA_INSTANCE_H
#define KAFKA_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/folder.h"
#include "changelog.h"
#include "client.h"
#include "consumer.h"
#include "dead.h"
#include "driver/signals.h"
#include "engine/feed.h"
#include "engine/match.h"
#include "lane.h"
#include "metrics.h"
#include "plan.h"
#include "producer.h"

enum { INSTANCE_RUNS = -1 };

/*
 * A record that stops the instance, since nobody takes dead letters: what
 * comes before it goes through without it first.
 */
struct halt {
	bool set;
	char topic[256];
	int32_t partition;
	int64_t offset;
};

struct instance {
	const struct plan *plan;
	struct client client;
	struct consumer consumer;
	struct producer producer;
	struct feed feed;
	struct matching matching;
	struct lane **lanes;
	size_t lanes_n;
	size_t held;         /* records in all lanes */
	int32_t *partitions; /* of each topic in plan->to */
	struct signals signals;

	/* Of state that moves. */
	struct changelog changelog;
	struct folder folder; /* that it is laid into */
	uint64_t kept;        /* directories that were made there */

	/* Of what went through, for the next commit. */
	rd_kafka_topic_partition_list_t *offsets;
	int64_t committed;  /* when the last commit was, as client_now() */
	struct buf rejects; /* of the batch in hand */
	unsigned killed;    /* records in a row that the pipeline died of */
	bool proven;        /* an event has gone through since the start */
	size_t early;       /* events that were dead before, and wait for it */
	bool told_kept;
	unsigned aborted; /* commits in a row that were undone */
	bool rewind;      /* what was read since is to be read again */
	struct halt halt;
	int status; /* to exit with, or INSTANCE_RUNS */
	struct metrics metrics;
};

/* Run until a signal, --until-end or a fault: what to exit with. */
int instance_run(const struct plan *p);

/* End with this status, unless another fault came first. */
void instance_end(struct instance *in, int status);

/* Is it to stop, by a signal or because it can't go on? */
bool instance_stops(void *in);

/* The lane that a partition's records go through, or NULL. */
struct lane *instance_lane(struct instance *in, int32_t partition);

/* Forget what was read and isn't through. */
void instance_drop(struct instance *in);

/* --- through.c --- */

/*
 * Send all that is held through, or wait for what is under way; false where
 * the instance is to end.
 */
bool through_all(struct instance *in);

/*
 * Take what stages wrote where no record came for a while; false where the
 * instance is to end, or to go back first.
 */
bool through_idle(struct instance *in);

/*
 * Write what stages gave before an empty barrier, which is back; where nothing
 * came there is nothing to commit.  The same.
 */
bool through_put(struct instance *in, struct lane *l);

/* Is a batch in a pipeline?  Wait for it; or forget it. */
bool through_is_under_way(const struct instance *in);
bool through_finish(struct instance *in);
void through_drop(struct lane *l);

/* What may happen while a pipeline works. */
struct lane_meanwhile through_meanwhile(struct instance *in);

/* End all pipelines' input, and write what they still give. */
bool through_drain(struct instance *in);

/* --- output.c --- */

/* Write the lines that came back; false where the instance is to end. */
bool output_lines(struct instance *in, struct lane *l);

/* Write a tombstone, or a dead letter; the same. */
bool output_tombstone(struct instance *in, const struct held *h);
bool output_dead(
    struct instance *in, const struct held *h, const struct dead_cause *why);

/* Is it the one that stops the instance?  And let it be that. */
bool output_halts_at(const struct instance *in, const struct held *h);
void output_halt_at(struct instance *in, const struct held *h);

/* Write what of a part goes out behind its lines; the same. */
bool output_rest(
    struct instance *in, const struct lane *l, size_t from, size_t end);

/* Read what the stages have rejected, as lines; and write such; the same. */
bool output_take_rejects(struct instance *in, struct lane *l);
bool output_rejects(
    struct instance *in, struct lane *l, const struct buf *rejects);

/* Was each of so many events, which are back, among what was taken? */
bool output_is_rejected(
    const struct instance *in, const struct lane *l, size_t events);

/* --- proving.c --- */

/*
 * Records of which all events are dead wait, unwritten, until one event has
 * gone through: where none does, the pipeline is broken, and nothing of them
 * is committed.  Do they?
 */
bool proof_waits(const struct instance *in);

/*
 * Have [from, end) of the batch wait, with the rejects that were taken; or one
 * that the pipeline died of.  False where the instance is to end: so many were
 * dead that it is broken.
 */
bool proof_keep(struct instance *in, struct lane *l, size_t from, size_t end);
bool proof_suspect(struct instance *in, struct lane *l, size_t i);

/* Write what waits in a lane; false where the instance is to end. */
bool proof_release(struct instance *in, struct lane *l);

/* All of the batch is through, or waits: what waits needn't, maybe. */
bool proof_rest(struct instance *in, struct lane *l);

/* Write what waits in all lanes; or forget it: it is read again. */
bool proof_settle(struct instance *in);
void proof_drop(struct instance *in);

/* --- commits.c --- */

/* Records [from, end) of a lane are through: their offsets wait. */
void commits_note(struct instance *in, struct lane *l, size_t from, size_t end);

/* All of a lane stands where it stood: that waits for a commit as well. */
void commits_note_place(struct instance *in, const struct lane *l);

/* Milliseconds until a commit is due; -1: there is nothing to commit. */
int commits_due(const struct instance *in);

/* Commit what is through.  Sets rewind where all of it was undone. */
void commits_now(struct instance *in);

/* Undo what was put since the last commit: it is read again. */
void commits_undo(struct instance *in);

/* Partitions that come and go, for the consumer. */
struct consumer_watch commits_watch(struct instance *in);

#endif
