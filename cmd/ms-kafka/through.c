#include <stdio.h>

#include "dead.h"
#include "driver/complain.h"
#include "driver/status.h"
#include "engine/bisect.h"
#include "instance.h"
#include "moving.h"

enum { MOST_KILLED = 10 };

/* A lane's batch on its way. */
struct course {
	struct instance *in;
	struct lane *lane;
};

/*
 * Commits go on while a pipeline works: what is through would wait for it,
 * and a transaction that is open too long is fenced off.
 */
static bool
meanwhile(void *arg)
{
	struct instance *in = arg;

	if (commits_due(in) == 0)
		commits_now(in);
	return in->rewind || instance_stops(in);
}

struct lane_meanwhile
through_meanwhile(struct instance *in)
{
	return (struct lane_meanwhile){meanwhile, in};
}

/* What has no line goes out behind the lines of its part. */
static bool
put_rest(struct course *c, size_t from, size_t end)
{
	for (size_t i = from; i < end; i++) {
		const struct held *h = &c->lane->batch.v[i];

		if (h->kind == HELD_TOMBSTONE && !output_tombstone(c->in, h))
			return false;
		if (h->kind == HELD_UNFIT &&
		    !output_dead(
			c->in, h, &(struct dead_cause){.error = h->why}))
			return false;
	}
	return true;
}

/* Records that were put and aren't committed. */
static uint64_t
waiting(const struct instance *in)
{
	return in->metrics.waiting_out + in->metrics.waiting_dead +
	    in->metrics.waiting_state;
}

/* Write what came of a part that is through. */
static bool
put_part(struct course *c, size_t from, size_t end)
{
	bool events = batch_events(&c->lane->batch, from, end) > 0;

	return (!events || output_rejects(c->in, c->lane)) &&
	    output_lines(c->in, c->lane) && put_rest(c, from, end) &&
	    moving_put(c->in, c->lane);
}

static enum bisect_status
failed(struct course *c)
{
	struct instance *in = c->in;

	in->metrics.restarts++;
	complain(plan_name, "the pipeline failed: %s", c->lane->pipeline.error);
	if (in->plan->changelog != NULL)
		moving_failed(in, c->lane);
	return in->rewind || in->status != INSTANCE_RUNS ? BISECT_STOP
							 : BISECT_FAILED;
}

static enum bisect_status
pass(void *arg, size_t from, size_t end)
{
	struct course *c = arg;
	struct instance *in = c->in;
	struct lane *l = c->lane;
	struct lane_meanwhile m = through_meanwhile(in);
	enum pipeline_status status;
	uint64_t before;

	if (!moving_revive(in))
		return BISECT_STOP;
	status = lane_pass(l, in->plan, from, end, &m);
	l->ahead = true;
	if (status == PIPELINE_HURRIED || in->rewind ||
	    in->status != INSTANCE_RUNS) {
		l->stale = true;
		return BISECT_STOP;
	}
	if (status != PIPELINE_BACK)
		return failed(c);
	before = waiting(in);
	if (!put_part(c, from, end)) {
		/* A half of it mustn't be committed. */
		if (waiting(in) != before)
			commits_undo(in);
		return BISECT_STOP;
	}
	in->killed = 0;
	commits_note(in, l, from, end);
	return BISECT_THROUGH;
}

static enum bisect_status
dead(void *arg, size_t i)
{
	struct course *c = arg;
	char why[PIPELINE_ERROR + 32];

	snprintf(why, sizeof(why), "the pipeline dies of it: %s",
	    c->lane->pipeline.error);
	if (++c->in->killed >= MOST_KILLED) {
		complain(plan_name,
		    "the pipeline dies of each of %d records in a row: it is "
		    "broken",
		    MOST_KILLED);
		instance_end(c->in, STATUS_AGAIN);
		return BISECT_STOP;
	}
	if (!output_dead(c->in, &c->lane->batch.v[i],
		&(struct dead_cause){.error = why}))
		return BISECT_STOP;
	commits_note(c->in, c->lane, i, i + 1);
	return BISECT_THROUGH;
}

/*
 * The end of the part that starts at from: where nobody takes what is unfit,
 * all before it goes through first.
 */
static size_t
part(const struct course *c, size_t from)
{
	const struct batch *b = &c->lane->batch;
	size_t end = batch_part(b, from);

	if (c->in->plan->dead != NULL)
		return end;
	for (size_t i = from; i < end; i++)
		if (b->v[i].kind == HELD_UNFIT)
			return i == from ? from + 1 : i;
	return end;
}

static bool
through_lane(struct instance *in, struct lane *l)
{
	struct course c = {in, l};
	struct bisect b = {pass, dead, &c};
	enum bisect_status status = BISECT_THROUGH;

	for (size_t from = 0, end;
	     from < l->batch.n && status == BISECT_THROUGH; from = end) {
		end = part(&c, from);
		status = bisect_run(&b, from, end);
	}
	return status == BISECT_THROUGH;
}

bool
through_all(struct instance *in)
{
	for (size_t i = 0; i < in->lanes_n; i++) {
		struct lane *l = in->lanes[i];

		if (l->batch.n == 0)
			continue;
		if (!through_lane(in, l))
			return false;
		in->held -= l->batch.n;
		batch_clear(&l->batch, consumer_let_go);
	}
	return true;
}

bool
through_drain(struct instance *in)
{
	struct lane_meanwhile m = {NULL, NULL};

	for (size_t i = 0; i < in->lanes_n; i++) {
		struct lane *l = in->lanes[i];

		if (!lane_drain(l, in->plan, &m)) {
			complain(plan_name, "the pipeline's end: %s",
			    l->pipeline.error);
			return false;
		}
		if (!output_lines(in, l) || !moving_put(in, l))
			return false;
		if (in->producer.open)
			commits_note_place(in, l);
	}
	return true;
}
