#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/status.h"
#include "instance.h"
#include "moving.h"

enum {
	MOST_DEAD = LANE_SUSPECTS, /* in a row: the pipeline is broken */
	MOST_KEPT = 1000,          /* records that wait in a lane */
};

bool
proof_waits(const struct instance *in)
{
	return !in->proven && in->plan->dead != NULL && !in->plan->dry_run;
}

/* Keep [from, end), behind what is kept. */
static void
keep(struct lane *l, size_t from, size_t end)
{
	if (!lane_keeps(l))
		l->kept_from = from;
	l->kept_end = end;
}

static bool
broken(struct instance *in)
{
	complain(plan_name,
	    "none of the first %d events since the start has gone through: the "
	    "pipeline is broken",
	    MOST_DEAD);
	instance_end(in, STATUS_AGAIN);
	return false;
}

bool
proof_keep(struct instance *in, struct lane *l, size_t from, size_t end)
{
	size_t events = batch_events(&l->batch, from, end);

	in->early += events;
	if (in->early >= MOST_DEAD)
		return broken(in);
	if (events > 0)
		buf_put(&l->kept_rejects, in->rejects.p, in->rejects.len);
	if (buf_failed(&l->kept_rejects)) {
		complain(plan_name, "%s", strerror(ENOMEM));
		instance_end(in, STATUS_AGAIN);
		return false;
	}
	keep(l, from, end);
	return true;
}

bool
proof_suspect(struct instance *in, struct lane *l, size_t i)
{
	struct lane_suspect *s;

	if (++in->killed >= MOST_DEAD) {
		complain(plan_name,
		    "the pipeline dies of each of %d records in a row: it is "
		    "broken",
		    MOST_DEAD);
		instance_end(in, STATUS_AGAIN);
		return false;
	}
	in->early += !in->proven;
	if (in->early >= MOST_DEAD)
		return broken(in);
	s = &l->suspects[l->suspects_n++];
	s->i = i;
	snprintf(s->why, sizeof(s->why), "the pipeline dies of it: %s",
	    l->pipeline.error);
	keep(l, i, i + 1);
	return true;
}

static bool
release_suspects(struct instance *in, struct lane *l)
{
	for (size_t k = 0; k < l->suspects_n; k++) {
		const struct lane_suspect *s = &l->suspects[k];
		const struct dead_cause cause = {.error = s->why};

		if (!output_dead(in, &l->batch.v[s->i], &cause))
			return false;
	}
	return true;
}

bool
proof_release(struct instance *in, struct lane *l)
{
	if (!lane_keeps(l))
		return true;
	if (!output_rejects(in, l, &l->kept_rejects) ||
	    !release_suspects(in, l) ||
	    !output_rest(in, l, l->kept_from, l->kept_end) ||
	    !moving_put(in, l))
		return false;
	commits_note(in, l, l->kept_from, l->kept_end);
	lane_drop_kept(l);
	return true;
}

/* The same for a batch that holds nothing else. */
static bool
settle(struct instance *in, struct lane *l)
{
	uint64_t before = metrics_waiting(&in->metrics);

	if (!proof_release(in, l)) {
		l->stale = true;
		if (in->rewind || metrics_waiting(&in->metrics) != before)
			commits_undo(in);
		return false;
	}
	batch_clear(&l->batch, consumer_let_go);
	return true;
}

bool
proof_settle(struct instance *in)
{
	for (size_t i = 0; i < in->lanes_n; i++)
		if (lane_keeps(in->lanes[i]) && !settle(in, in->lanes[i]))
			return false;
	return true;
}

static void
tell_kept(struct instance *in, const struct lane *l)
{
	char place[300];

	if (in->told_kept || in->plan->until_end)
		return;
	in->told_kept = true;
	dead_name(&l->batch.v[l->kept_from], place, sizeof(place));
	complain(plan_name,
	    "%s is dead, and no event has gone through since the start: it "
	    "waits until one does",
	    place);
}

bool
proof_rest(struct instance *in, struct lane *l)
{
	if (!lane_keeps(l)) {
		batch_clear(&l->batch, consumer_let_go);
		return true;
	}
	if (!proof_waits(in) || l->kept_end - l->kept_from > MOST_KEPT)
		return settle(in, l);
	tell_kept(in, l);
	return true;
}

void
proof_drop(struct instance *in)
{
	for (size_t i = 0; i < in->lanes_n; i++) {
		struct lane *l = in->lanes[i];

		/* What they did to its state would be done again. */
		l->stale |= lane_keeps(l);
		lane_drop_kept(l);
	}
	in->early = in->killed = 0;
}
