#include <stdio.h>

#include "driver/complain.h"
#include "driver/status.h"
#include "instance.h"
#include "lag.h"
#include "moving.h"

/* Undone so often without one that went well: only a new process helps. */
enum { ABORTS = 5 };

static void
note_offset(
    struct instance *in, const char *topic, int32_t partition, int64_t next)
{
	rd_kafka_topic_partition_t *t =
	    rd_kafka_topic_partition_list_find(in->offsets, topic, partition);

	if (t == NULL)
		t = rd_kafka_topic_partition_list_add(
		    in->offsets, topic, partition);
	t->offset = next;
}

void
commits_note(struct instance *in, struct lane *l, size_t from, size_t end)
{
	const struct batch *b = &l->batch;

	if (end > from)
		l->next = b->v[end - 1].offset + 1;
	for (size_t i = from; i < end; i++) {
		const struct held *h = &b->v[i];

		/* Only the last one of a run counts. */
		if (i + 1 < end && h[1].partition == h->partition &&
		    h[1].topic == h->topic)
			continue;
		note_offset(in, h->topic, h->partition, h->offset + 1);
	}
	metrics_note(&in->metrics, b, from, end);
}

void
commits_note_place(struct instance *in, const struct lane *l)
{
	if (l->partition != LANE_ALL && l->next >= 0)
		note_offset(in, in->plan->from.v[0], l->partition, l->next);
}

int
commits_due(const struct instance *in)
{
	int64_t due = in->committed + in->plan->commit - client_now();

	if (in->offsets->cnt == 0 && !in->producer.open)
		return -1;
	return due < 0 ? 0 : (int)due;
}

static void
forget_offsets(struct instance *in)
{
	while (in->offsets->cnt > 0)
		rd_kafka_topic_partition_list_del_by_idx(
		    in->offsets, in->offsets->cnt - 1);
}

/* A record that no broker takes would be undone for ever. */
static void
tell_undone(struct instance *in)
{
	struct producer *p = &in->producer;

	in->aborted++;
	if (moving_is_too_large(in))
		return;
	if (p->failed != RD_KAFKA_RESP_ERR_NO_ERROR)
		complain(plan_name, "topic %s: %s; the transaction is undone%s",
		    p->failed_topic, rd_kafka_err2str(p->failed),
		    client_missing(&in->client, p->failed, p->failed_topic));
	else
		complain(plan_name, "the transaction is undone: %s%s", p->error,
		    client_missing(
			&in->client, p->refusal, producer_topics(p)));
	if (rights_refused(p->failed) || rights_refused(p->refusal))
		instance_end(in, STATUS_USAGE);
	else if (in->aborted >= ABORTS)
		instance_end(in, STATUS_AGAIN);
}

static void
undo(struct instance *in, enum producer_status status)
{
	metrics_undo(&in->metrics);
	forget_offsets(in);
	moving_undone(in);
	in->rewind = true;
	if (status == PRODUCER_ABORTED)
		return;
	complain(plan_name, "%s; to be started again", in->producer.error);
	instance_end(in, STATUS_AGAIN);
}

void
commits_undo(struct instance *in)
{
	undo(in, producer_abort(&in->producer));
}

void
commits_now(struct instance *in)
{
	enum producer_status status;

	if (in->offsets->cnt == 0 && !in->producer.open)
		return;
	if (in->plan->dry_run) {
		lag_commit(&in->consumer, in->offsets);
		forget_offsets(in);
		moving_committed(in);
		metrics_commit(&in->metrics);
		return;
	}
	status = producer_commit(&in->producer, in->consumer.rk, in->offsets);
	in->committed = client_now();
	if (status == PRODUCER_OK) {
		lag_commit(&in->consumer, in->offsets);
		forget_offsets(in);
		metrics_commit(&in->metrics);
		moving_committed(in);
		in->aborted = 0;
		return;
	}
	if (status == PRODUCER_ABORTED)
		tell_undone(in);
	undo(in, status);
}

/* --- partitions --- */

static void
assigned(void *arg, const rd_kafka_topic_partition_list_t *parts)
{
	struct instance *in = arg;

	for (int i = 0; i < parts->cnt; i++) {
		const rd_kafka_topic_partition_t *t = &parts->elems[i];

		if (t->offset >= 0 && in->plan->from_end && !in->plan->dry_run)
			note_offset(in, t->topic, t->partition, t->offset);
		if (in->plan->changelog != NULL)
			moving_add(in, t->partition);
	}
}

static void
remove_lanes(struct instance *in, const rd_kafka_topic_partition_list_t *parts)
{
	for (int i = 0; in->plan->changelog != NULL && i < parts->cnt; i++)
		moving_remove(in, parts->elems[i].partition);
}

/* It has ended with a transaction that couldn't be undone. */
static bool
is_unclear(const struct instance *in)
{
	return in->status != INSTANCE_RUNS && in->rewind && in->producer.open;
}

/*
 * What is held was only read: whoever gets the partition reads it again.  What
 * is through is ours to commit, unless the group has given up on us.
 */
static void
revoked(void *arg, const rd_kafka_topic_partition_list_t *parts, bool lost,
    bool all)
{
	struct instance *in = arg;

	if (is_unclear(in)) {
		instance_drop(in);
		remove_lanes(in, parts);
		return;
	}
	if (!lost)
		(void)through_finish(in);
	instance_drop(in);
	if (!all)
		in->rewind = true;
	if (lost && (in->producer.open || in->offsets->cnt > 0)) {
		complain(plan_name,
		    "the partitions were taken away: what isn't committed is "
		    "undone");
		commits_undo(in);
		in->rewind = !all;
	} else {
		commits_now(in);
	}
	remove_lanes(in, parts);
}

/*
 * Asked while it waits for what another one has open: ours mustn't time out
 * meanwhile.
 */
static bool
stops(void *arg)
{
	struct instance *in = arg;

	if (in->status == INSTANCE_RUNS && !in->rewind && commits_due(in) == 0)
		commits_now(in);
	return instance_stops(in);
}

struct consumer_watch
commits_watch(struct instance *in)
{
	return (struct consumer_watch){assigned, revoked, stops, in};
}
