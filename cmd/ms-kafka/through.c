#include <stdio.h>

#include "dead.h"
#include "driver/complain.h"
#include "driver/status.h"
#include "engine/bisect.h"
#include "instance.h"
#include "moving.h"

/* A lane's batch on its way. */
struct course {
	struct instance *in;
	struct lane *lane;
};

/*
 * Commits go on while a pipeline works: what is through would wait for it,
 * and a transaction that is open too long is fenced off.  So do the figures,
 * which are looked at when something takes long.
 */
static bool
meanwhile(void *arg)
{
	struct instance *in = arg;

	if (commits_due(in) == 0)
		commits_now(in);
	metrics_tick(&in->metrics, in->plan, &in->consumer);
	return in->rewind || instance_stops(in);
}

struct lane_meanwhile
through_meanwhile(struct instance *in)
{
	return (struct lane_meanwhile){meanwhile, in};
}

/* Write what came of a part that is through, of which so many are events. */
static bool
put_part(struct course *c, size_t from, size_t end, size_t events)
{
	struct instance *in = c->in;
	struct lane *l = c->lane;

	return proof_release(in, l) &&
	    (events == 0 || output_rejects(in, l, &in->rejects)) &&
	    output_lines(in, l) && output_rest(in, l, from, end) &&
	    moving_put(in, l);
}

/* A half of a part mustn't be committed. */
static void
undo_half(struct instance *in, struct lane *l, uint64_t before)
{
	l->stale = true;
	if (in->rewind || metrics_waiting(&in->metrics) != before)
		commits_undo(in);
}

/* What is rejected has changed the state: that is committed before. */
static bool
release_before(struct instance *in, struct lane *l)
{
	uint64_t before = metrics_waiting(&in->metrics);

	if (l->kept_rejects.len == 0 || proof_release(in, l))
		return true;
	undo_half(in, l, before);
	return false;
}

static enum bisect_status
failed(struct course *c, enum pipeline_status status)
{
	struct instance *in = c->in;

	in->metrics.restarts++;
	complain(plan_name, "the pipeline failed: %s%s",
	    c->lane->pipeline.error,
	    status == PIPELINE_WRONG && c->in->plan->changelog == NULL
		? "; a stage that adds or drops lines and doesn't count them "
		  "in barriers needs --per-batch"
		: "");
	if (in->plan->changelog != NULL && release_before(in, c->lane))
		moving_failed(in, c->lane);
	return in->rewind || in->status != INSTANCE_RUNS ? BISECT_STOP
							 : BISECT_FAILED;
}

/* What is back counts, also where the instance is to end well. */
static bool
counts(const struct instance *in, enum pipeline_status status)
{
	return status != PIPELINE_HURRIED && !in->rewind &&
	    (in->status == INSTANCE_RUNS ||
		(in->status == STATUS_OK && status == PIPELINE_BACK));
}

/* [from, end) is back: write it, or have it wait where all is dead. */
static enum bisect_status
back(struct course *c, size_t from, size_t end)
{
	struct instance *in = c->in;
	struct lane *l = c->lane;
	size_t events = batch_events(&l->batch, from, end);
	uint64_t before = metrics_waiting(&in->metrics);
	bool good = events == 0 || output_take_rejects(in, l);

	if (good && proof_waits(in) &&
	    (events == 0 ? lane_keeps(l) : output_is_rejected(in, l, events))) {
		if (proof_keep(in, l, from, end))
			return BISECT_THROUGH;
		good = false;
	}
	in->proven |= good && events > 0;
	if (!good || !put_part(c, from, end, events)) {
		undo_half(in, l, before);
		return BISECT_STOP;
	}
	if (events > 0)
		in->killed = l->failures = 0;
	commits_note(in, l, from, end);
	return BISECT_THROUGH;
}

/* What to do once [from, end) is back, or isn't. */
static enum bisect_status
answered(struct course *c, size_t from, size_t end, enum pipeline_status status)
{
	c->lane->ahead = true;
	if (!counts(c->in, status)) {
		c->lane->stale = true;
		return BISECT_STOP;
	}
	return status == PIPELINE_BACK ? back(c, from, end) : failed(c, status);
}

static enum bisect_status
pass(void *arg, size_t from, size_t end)
{
	struct course *c = arg;
	struct lane_meanwhile m = through_meanwhile(c->in);

	if (!moving_revive(c->in))
		return BISECT_STOP;
	return answered(
	    c, from, end, lane_pass(c->lane, c->in->plan, from, end, &m));
}

/*
 * Does the pipeline work without the event?  Else what it died of is something
 * that it needs, such as a file or room on a disk, and no event's fault.
 */
static bool
still_works(struct course *c)
{
	struct instance *in = c->in;
	struct lane_meanwhile m = through_meanwhile(in);
	enum pipeline_status status;

	if (in->plan->changelog != NULL)
		return moving_revive(in);
	status = lane_ask(c->lane, in->plan, &m);
	if (status != PIPELINE_BACK && status != PIPELINE_HURRIED) {
		complain(plan_name,
		    "the pipeline doesn't work any more: without any event %s",
		    c->lane->pipeline.error);
		instance_end(in, STATUS_AGAIN);
	}
	return status == PIPELINE_BACK;
}

static enum bisect_status
dead(void *arg, size_t i)
{
	struct course *c = arg;
	bool good = proof_suspect(c->in, c->lane, i) && still_works(c);

	if (good && c->in->plan->dead == NULL) {
		output_halt_at(c->in, &c->lane->batch.v[i]);
		good = proof_release(c->in, c->lane);
	}
	return good ? BISECT_THROUGH : BISECT_STOP;
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
		if (b->v[i].kind == HELD_UNFIT ||
		    output_halts_at(c->in, &b->v[i]))
			return i == from ? from + 1 : i;
	return end;
}

/* Send what of the batch doesn't wait yet through. */
static bool
through_lane(struct instance *in, struct lane *l)
{
	struct course c = {.in = in, .lane = l};
	struct bisect b = {pass, dead, &c};
	enum bisect_status status = BISECT_THROUGH;

	for (size_t from = l->kept_end, end;
	     from < l->batch.n && status == BISECT_THROUGH; from = end) {
		end = part(&c, from);
		status = bisect_run(&b, from, end);
	}
	return status == BISECT_THROUGH && proof_rest(in, l);
}

/* --- a batch in the pipeline while the next one is read --- */

static void
swap(struct lane *l)
{
	struct batch b = l->batch;

	l->batch = l->under;
	l->under = b;
}

/* Take what is under way; where its pipeline died it goes through again. */
static bool
take_under(struct instance *in, struct lane *l)
{
	struct course c = {.in = in, .lane = l};
	enum pipeline_status answer = lane_take(l);
	enum bisect_status status;

	swap(l);
	status = answered(&c, 0, l->batch.n, answer);
	if (status == BISECT_FAILED)
		status = through_lane(in, l) ? BISECT_THROUGH : BISECT_STOP;
	if (status != BISECT_THROUGH)
		lane_drop_kept(l);
	batch_clear(&l->batch, consumer_let_go);
	swap(l);
	return status == BISECT_THROUGH;
}

bool
through_finish(struct instance *in)
{
	for (size_t i = 0; i < in->lanes_n; i++)
		if (in->lanes[i]->under.n > 0 && !take_under(in, in->lanes[i]))
			return false;
	return true;
}

void
through_drop(struct lane *l)
{
	lane_drop(l);
	batch_clear(&l->under, consumer_let_go);
}

bool
through_is_under_way(const struct instance *in)
{
	for (size_t i = 0; i < in->lanes_n; i++)
		if (in->lanes[i]->under.n > 0)
			return true;
	return false;
}

/*
 * May the batch be sent before the one that is under way is back?  Not where
 * state is kept: what is appended before a barrier must stand alone.
 */
static bool
may_overlap(const struct instance *in, const struct lane *l)
{
	return !in->plan->per_batch && in->plan->changelog == NULL &&
	    !in->halt.set && !proof_waits(in) && l->batch.n > 0 &&
	    batch_events(&l->batch, 0, l->batch.n) == l->batch.n;
}

/* All of a lane, and nothing is under way then. */
static bool
in_turn(struct instance *in, struct lane *l)
{
	size_t waiting;

	if (l->under.n > 0 && !take_under(in, l))
		return false;
	waiting = l->batch.n - l->kept_end;
	if (waiting == 0)
		return true;
	if (!through_lane(in, l))
		return false;
	in->held -= waiting;
	return true;
}

/*
 * The pipeline works on this batch while the former is written and the next
 * one is read.
 */
static bool
overlap(struct instance *in, struct lane *l)
{
	struct lane_meanwhile m = through_meanwhile(in);

	if (lane_send(l, in->plan, &m) != PIPELINE_BACK)
		return in_turn(in, l);
	if (l->under.n > 0 && !take_under(in, l))
		return false;
	/* Where the pipeline died, this batch died with it. */
	if (l->pipeline.sent_n == 0)
		return in_turn(in, l);
	in->held -= l->batch.n;
	swap(l);
	return true;
}

bool
through_all(struct instance *in)
{
	for (size_t i = 0; i < in->lanes_n; i++) {
		struct lane *l = in->lanes[i];

		if (may_overlap(in, l) ? !overlap(in, l) : !in_turn(in, l))
			return false;
	}
	return !in->proven || proof_settle(in);
}

/* --- where no record comes --- */

/* No record is to blame, so it isn't asked for ever. */
static bool
failed_idle(struct course *c, enum pipeline_status status)
{
	enum { MOST = 3 };

	if (failed(c, status) == BISECT_STOP)
		return false;
	if (++c->lane->failures < MOST)
		return true;
	complain(plan_name,
	    "the pipeline fails without any record, %d times in a row: it is "
	    "broken",
	    MOST);
	instance_end(c->in, STATUS_AGAIN);
	return false;
}

/* Write what came where no record went through. */
static bool
put_rest(struct instance *in, struct lane *l)
{
	uint64_t before = metrics_waiting(&in->metrics);

	if (!output_take_rejects(in, l) ||
	    !output_rejects(in, l, &in->rejects) || !output_lines(in, l))
		return false;
	if (metrics_waiting(&in->metrics) == before &&
	    stages_put_off(&l->stages))
		return true;
	l->ahead = true;
	if (!moving_put(in, l))
		return false;
	commits_note_place(in, l);
	return true;
}

bool
through_put(struct instance *in, struct lane *l)
{
	uint64_t before = metrics_waiting(&in->metrics);

	if (put_rest(in, l))
		return true;
	undo_half(in, l, before);
	return false;
}

static bool
look(struct instance *in, struct lane *l)
{
	struct course c = {.in = in, .lane = l};
	struct lane_meanwhile m = through_meanwhile(in);
	enum pipeline_status status = lane_look(l, in->plan, &m);

	if (!counts(in, status)) {
		l->stale = true;
		return false;
	}
	if (status != PIPELINE_BACK)
		return failed_idle(&c, status);
	l->failures = 0;
	return through_put(in, l);
}

/*
 * Was nothing sent through it for a while?  Where state moves, what comes is
 * committed with the partition's offset: without one, nobody has read there.
 */
static bool
is_idle(const struct instance *in, const struct lane *l)
{
	enum { WHILE = 1000 };

	return l->batch.n == 0 && l->under.n == 0 &&
	    client_now() - l->sent >= WHILE &&
	    (in->plan->changelog == NULL || (l->ready && l->next >= 0));
}

bool
through_idle(struct instance *in)
{
	if (in->plan->per_batch || in->halt.set)
		return true;
	for (size_t i = 0; i < in->lanes_n; i++)
		if (is_idle(in, in->lanes[i]) && !look(in, in->lanes[i]))
			return false;
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
		if (!put_rest(in, l))
			return false;
		/* One after the other: a transaction may last so long only. */
		commits_now(in);
		if (in->rewind)
			return false;
	}
	return true;
}
