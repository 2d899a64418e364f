/*
 * task - the line that one thread has in hand, and where what comes of it
 * goes.
 *
 * A task outlives its lines: it holds what a thread needs for each of them.
 * What a line gives is added to the result; it can be taken back up to where
 * the result stood when the line was begun.
 */
#ifndef DRIVER_TASK_H
#define DRIVER_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "driver/event.h"
#include "driver/input_kind.h"
#include "driver/result.h"
#include "driver/stage.h"

struct task {
	const struct stage *stage;
	struct arena arena; /* of the event in hand */
	struct clock clock;
	bool timed; /* a program asked for the time, which clock holds */
	int64_t now;
	struct event ev;
	struct result *result; /* borrowed, for a window */
	uint64_t passed;       /* events, for -m */
	enum input_kind kind;  /* that the next reject tells its input to be */
	bool found;     /* the event's history was looked for: ev is complete */
	bool committed; /* see task_commit() */

	/* Take what the result holds: it has grown large. */
	void (*spill)(void *spill_arg, struct result *r);
	void *spill_arg;

	/* Where the result stood before the event, or at a spill since. */
	struct {
		size_t out, turned_away, trail;
		uint64_t written, counted, truncated, forks;
	} before;
};

/* Begin an event: forget the one before, and note where the result stands. */
void task_begin(struct task *t);

/* Only that: forget the event before. */
void task_forget(struct task *t);

/* When the event's records are written: the time that a program was told. */
static inline const char *
task_stamp(struct task *t)
{
	return t->timed ? clock_stamp_at(&t->clock, t->now)
			: clock_stamp(&t->clock);
}

/* Count the line in hand as read. */
static inline void
task_count(struct task *t)
{
	t->result->counts.read++;
	t->result->read++;
}

/* Count a line of output. */
static inline void
task_count_output(struct task *t)
{
	t->result->counts.written++;
	t->result->written++;
}

/* The outputs are charged to no event any more: they may change hands. */
void task_settle(struct task *t);

/* Take back what the event wrote, as far as it is still here. */
void task_take_back(struct task *t);

enum { TASK_SPILL = 1024 * 1024 }; /* of output that a result holds at ease */

/* Hand on what the result holds. */
void task_hand_on(struct task *t);

/* The same, where that is much, or a batch. */
static inline void
task_spill(struct task *t)
{
	const struct result *r = t->result;

	if (r->out.len + r->turned_away.len + r->rejects.len + r->trail.len >
		TASK_SPILL ||
	    (t->stage->set->batches && r->counts.read >= RESULT_BATCH))
		task_hand_on(t);
}

/*
 * Write the event in hand, now being what it became, with its record.  False
 * after event_fail() where it can't be written so: take it back then.
 */
bool task_write(struct task *t, struct buf *out, struct value now);

/* Write the line in hand as it was read. */
void task_write_line(struct task *t);

/*
 * Take back the line that task_write() wrote last, from that byte on; records
 * without undo were so many before.
 */
void task_unwrite(struct task *t, size_t from, uint64_t truncated);

/*
 * All outputs of the event are known to be good: from now on nothing is taken
 * back, no limit of the event is left, and task_write_again() writes what
 * task_write() wrote before.  Where memory is missing the stage ends.
 */
void task_commit(struct task *t);
void task_write_again(struct task *t, struct value now);

/*
 * Reject a line, which is NULL where it wasn't kept; column is 0 where there
 * is none.
 */
void task_reject(struct task *t, const struct line *line, bool is_object,
    size_t column, const char *error);

/*
 * Reject an event that was made beside the one in hand, for what event_fail()
 * said: its text, or NULL where there is none.  That one isn't touched.
 */
void task_reject_made(
    struct task *t, const char *text, size_t len, bool withheld);

/* What its reject begins with: a rule doesn't tell what was taken out. */
const struct buf *task_rejects_head(const struct task *t, bool is_event);

/*
 * The line in hand can be an event, but its program failed: reject it, or do
 * what --on-error says.  Takes back what it wrote.
 */
void task_fail(struct task *t, const char *error);

/* The command can't go on: take back what the event wrote, and stop with 3. */
void task_abort(struct task *t, const char *error);

#endif
