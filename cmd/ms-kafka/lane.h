/*
 * lane - a pipeline, and the records that wait for it.
 *
 * An instance has one lane for all that it reads; with state that moves, one
 * for each partition that it holds.
 */
#ifndef KAFKA_LANE_H
#define KAFKA_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "engine/batch.h"
#include "engine/pipeline.h"
#include "engine/stages.h"
#include "plan.h"

enum {
	LANE_ALL = -1,      /* the partition of a lane for all */
	LANE_SUSPECTS = 10, /* that it may have */
};

/* A record that the pipeline died of. */
struct lane_suspect {
	size_t i; /* in the batch */
	char why[PIPELINE_ERROR + 32];
};

struct lane {
	int32_t partition;
	struct pipeline pipeline;
	struct pipeline_plan plan;
	struct batch batch;  /* that is gathered, or in hand */
	struct batch under;  /* that is in the pipeline meanwhile */
	char *shell;         /* the words of the plan's shell */
	char nonce[17];      /* of its barriers' names */
	uint64_t barriers;   /* that were sent */
	int64_t sent;        /* when the last one was, as client_now() */
	unsigned failures;   /* in a row, of a pipeline that was idle */
	int rejects;         /* the file of MS_REJECTS, which has no name */
	off_t rejects_at;    /* what of it was read */
	off_t rejects_freed; /* and takes no room any more */
	bool unread;         /* it may hold those of records */
	struct buf later;    /* rejects of what is still under way */
	char set[64];        /* MS_REJECTS=… */

	/*
	 * Records of the batch that are done with and wait to be written: all
	 * of their events are dead.
	 */
	size_t kept_from, kept_end;
	struct buf kept_rejects;
	struct lane_suspect suspects[LANE_SUSPECTS];
	size_t suspects_n;

	/* Of state that moves. */
	struct stages stages; /* without a path: there is none */
	struct buf set_state; /* MS_STATE=… */
	bool ready;           /* the pipeline has its state */
	bool ahead;           /* of what is committed */
	bool stale;           /* it is ahead of what is read again */
	unsigned failed;      /* starts in a row that went wrong */
	int64_t next;         /* offset behind what is through; or -1 */
};

/* What may happen while a pipeline works. */
struct lane_meanwhile {
	bool (*hurry)(void *arg); /* see pipeline_pass */
	void *arg;
};

/* A lane whose pipeline isn't started.  False: errno. */
bool lane_init(struct lane *l, const struct plan *p, int32_t partition);
void lane_release(struct lane *l);

/* Tell why the making of one failed, at once: what to exit with. */
int lane_tell_unmade(const struct lane *l, const struct plan *p);

/* Do records wait to be written?  And forget them. */
static inline bool
lane_keeps(const struct lane *l)
{
	return l->kept_end > l->kept_from;
}

/* Forget what is kept for another try. */
void lane_drop_kept(struct lane *l);

/* Give the next pipeline a new directory for its state.  False: error. */
bool lane_keep(struct lane *l, const char *path);

/* Kill the pipeline, and forget its state. */
void lane_forget(struct lane *l);

/*
 * Start the pipeline where none runs, and send an empty barrier through; with
 * --per-batch its end.  It must be back in 10 s, or later where a state that
 * was laid is loaded first.  As lane_pass().
 */
enum pipeline_status lane_ask(
    struct lane *l, const struct plan *p, const struct lane_meanwhile *m);

/*
 * Send an empty barrier through, behind what the stages have written since the
 * last one.  As lane_pass().
 */
enum pipeline_status lane_look(
    struct lane *l, const struct plan *p, const struct lane_meanwhile *m);

/*
 * See that the pipeline works, as it may not: an empty barrier must come back
 * soon, or with --per-batch its end.  STATUS_OK, or what to exit with after a
 * complaint.
 */
int lane_try(
    struct lane *l, const struct plan *p, const struct lane_meanwhile *m);

/*
 * Send [from, end) of the batch through.  The lines are in the pipeline's
 * returns; but for PIPELINE_BACK the pipeline was killed, and its error says
 * why.
 */
enum pipeline_status lane_pass(struct lane *l, const struct plan *p,
    size_t from, size_t end, const struct lane_meanwhile *m);

/*
 * Send all of the batch, which are events, behind what is under way; and wait
 * for the oldest that was sent, as lane_pass().
 */
enum pipeline_status lane_send(
    struct lane *l, const struct plan *p, const struct lane_meanwhile *m);
enum pipeline_status lane_take(struct lane *l);

/* What the stages rejected since it was asked, as lines.  False: errno. */
bool lane_rejects(struct lane *l, struct buf *out);

/*
 * Forget what is under way, and what was rejected of it: the records will be
 * sent again.
 */
void lane_drop(struct lane *l);

/*
 * End the pipeline's input: what it still writes is in its returns.  True
 * where it ended well.
 */
bool lane_drain(
    struct lane *l, const struct plan *p, const struct lane_meanwhile *m);

#endif
