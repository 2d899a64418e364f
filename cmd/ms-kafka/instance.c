#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "driver/complain.h"
#include "driver/status.h"
#include "instance.h"
#include "moving.h"

enum {
	BATCH_BYTES =
	    8 * 1024 * 1024, /* of values, from which on it is whole */
	LOOK_AROUND = 100,   /* milliseconds that a quiet topic is waited for */
	END = 8,             /* seconds that the handles may take to close */
};

void
instance_end(struct instance *in, int status)
{
	if (in->status == INSTANCE_RUNS || in->status == STATUS_OK)
		in->status = status;
}

/* Handles that are of no more use end the instance. */
static void
look_at_handles(struct instance *in)
{
	struct client *c = &in->client;
	struct consumer *s = &in->consumer;

	consumer_serve(s);
	if (in->status != INSTANCE_RUNS || !(c->fatal || s->failed))
		return;
	complain(plan_name, "%s", s->failed ? s->error : c->why);
	instance_end(in, s->refused ? STATUS_USAGE : STATUS_AGAIN);
}

bool
instance_stops(void *arg)
{
	struct instance *in = arg;

	look_at_handles(in);
	if (in->status == INSTANCE_RUNS && signals_came(&in->signals) != 0)
		instance_end(in, STATUS_OK);
	return in->status != INSTANCE_RUNS;
}

struct lane *
instance_lane(struct instance *in, int32_t partition)
{
	for (size_t i = 0; i < in->lanes_n; i++)
		if (in->lanes[i]->partition == LANE_ALL ||
		    in->lanes[i]->partition == partition)
			return in->lanes[i];
	return NULL;
}

void
instance_drop(struct instance *in)
{
	proof_drop(in);
	for (size_t i = 0; i < in->lanes_n; i++) {
		through_drop(in->lanes[i]);
		batch_clear(&in->lanes[i]->batch, consumer_let_go);
	}
	in->held = 0;
}

/* --- reading --- */

static bool
hold(struct instance *in, rd_kafka_message_t *m)
{
	struct lane *l = instance_lane(in, m->partition);
	struct held *h = l == NULL ? NULL : batch_add(&l->batch);

	if (l == NULL) {
		/* Of a partition that went meanwhile. */
		rd_kafka_message_destroy(m);
		return true;
	}
	if (h == NULL) {
		rd_kafka_message_destroy(m);
	} else {
		in->held++;
		if (consumer_hold(h, m) && feed_line(&in->feed, &l->batch))
			return true;
	}
	complain(plan_name, "%s", strerror(ENOMEM));
	instance_end(in, STATUS_AGAIN);
	return false;
}

/* Read what is there, a batch at most; wait where nothing is. */
static void
gather(struct instance *in)
{
	int wait = commits_due(in);
	size_t bytes = 0;
	rd_kafka_message_t *m;

	if (wait < 0 || wait > LOOK_AROUND)
		wait = LOOK_AROUND;
	if (through_is_under_way(in))
		wait = 0;
	while (in->held < in->plan->batch && bytes < BATCH_BYTES &&
	    (m = consumer_poll(&in->consumer, wait)) != NULL) {
		bytes += m->len;
		if (!hold(in, m))
			break;
		wait = 0;
	}
}

/* --- the loop --- */

static void
go_back(struct instance *in)
{
	instance_drop(in);
	in->rewind = false;
	moving_go_back(in);
	if (!consumer_rewind(&in->consumer))
		look_at_handles(in);
}

static void
turn(struct instance *in)
{
	gather(in);
	if (in->producer.rk != NULL)
		(void)rd_kafka_poll(in->producer.rk, 0);
	metrics_tick(&in->metrics, in->plan, &in->consumer);
	if (in->status != INSTANCE_RUNS)
		return;
	if (!in->rewind && moving_revive(in) &&
	    ((in->held == 0 && !through_is_under_way(in)) || through_all(in)))
		(void)through_idle(in);
	if (!in->rewind && commits_due(in) == 0)
		commits_now(in);
	if (in->rewind && in->status == INSTANCE_RUNS)
		go_back(in);
	/* A pipeline that died with the last batch is to be drained as well. */
	if (in->plan->until_end && in->held == 0 && !through_is_under_way(in) &&
	    consumer_at_end(&in->consumer) &&
	    (in->plan->changelog == NULL || moving_revive(in)))
		instance_end(in, STATUS_OK);
}

static bool
ended_by_itself(const struct instance *in)
{
	return in->plan->until_end && signals_came(&in->signals) == 0;
}

/*
 * What is through is committed, however the instance ends; but not what is
 * unclear.
 */
static void
finish(struct instance *in)
{
	/* State that moves goes on elsewhere: it ends with its topic alone. */
	bool ends = in->plan->changelog == NULL || ended_by_itself(in);

	if (in->status == STATUS_OK && !in->rewind) {
		(void)(through_finish(in) &&
		    (!ended_by_itself(in) || proof_settle(in)));
		instance_drop(in);
		if (ends && !in->rewind && !through_drain(in)) {
			/* A half of it would come once more. */
			commits_undo(in);
			if (in->status == STATUS_OK)
				in->status = STATUS_AGAIN;
			return;
		}
	}
	if (in->rewind ||
	    (in->status != STATUS_OK && in->status != STATUS_REJECTED))
		return;
	commits_now(in);
	/* What was undone is to be done again. */
	if (in->rewind && in->status == STATUS_OK)
		in->status = STATUS_AGAIN;
}

static int
find_topics(struct instance *in)
{
	const struct plan *p = in->plan;
	int status = STATUS_OK;

	for (size_t i = 0; i < p->from.n && status == STATUS_OK; i++)
		status = consumer_find_topic(
		    &in->consumer, p->from.v[i], NULL, instance_stops, in);
	for (size_t i = 0; i < p->to.n && status == STATUS_OK; i++)
		status = consumer_find_topic(&in->consumer, p->to.v[i],
		    &in->partitions[i], instance_stops, in);
	if (p->dead != NULL && status == STATUS_OK)
		status = consumer_find_topic(
		    &in->consumer, p->dead, NULL, instance_stops, in);
	if (p->changelog != NULL && status == STATUS_OK)
		status = moving_check(in);
	return status;
}

/* Everything up to the first record. */
static int
begin(struct instance *in)
{
	struct consumer_watch watch = commits_watch(in);
	struct lane_meanwhile m = through_meanwhile(in);
	int status = in->plan->changelog != NULL
	    ? moving_try(in)
	    : lane_try(in->lanes[0], in->plan, &m);

	if (status == STATUS_OK)
		status = consumer_open(&in->consumer, &in->client, &watch);
	if (status == STATUS_OK)
		status = find_topics(in);
	if (status == STATUS_OK && !in->plan->dry_run) {
		if (limits_init(
			&in->client.limits, in->plan, in->consumer.rk) == -1) {
			complain(plan_name, "%s", strerror(ENOMEM));
			return STATUS_IO;
		}
		status = producer_open(&in->producer, &in->client);
		if (status == STATUS_OK)
			status =
			    producer_ready(&in->producer, instance_stops, in);
	}
	/* What a pipeline gives at its start. */
	if (status == STATUS_OK && in->plan->changelog == NULL &&
	    !in->plan->per_batch && !through_put(in, in->lanes[0]))
		status = in->status;
	if (status == STATUS_OK)
		status = consumer_start(&in->consumer);
	return status;
}

static int
prepare_paths(struct instance *in)
{
	const struct plan *p = in->plan;
	struct matching *m = &in->matching;
	const struct {
		const char *option, *path;
		struct pointer *part;
	} paths[] = {
	    {"--to-key", p->to_key, &m->to_key},
	    {"--to-topic", p->to_topic, &m->to_topic},
	    {"--to-partition", p->to_partition, &m->to_partition},
	};

	m->strip = p->strip;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (paths[i].path == NULL ||
		    match_path(m, paths[i].part, paths[i].path))
			continue;
		complain(plan_name, "%s: '%s' is no path such as .a.b or /a/b",
		    paths[i].option, paths[i].path);
		return STATUS_USAGE;
	}
	return STATUS_OK;
}

/* The one for all: STATUS_OK, or what to exit with. */
static int
add_lane(struct instance *in)
{
	in->lanes = calloc(1, sizeof(struct lane *));
	if (in->lanes != NULL)
		in->lanes[0] = calloc(1, sizeof(struct lane));
	if (in->lanes == NULL || in->lanes[0] == NULL) {
		complain(plan_name, "%s", strerror(ENOMEM));
		return STATUS_IO;
	}
	in->lanes_n = 1;
	if (lane_init(in->lanes[0], in->plan, LANE_ALL))
		return STATUS_OK;
	return lane_tell_unmade(in->lanes[0], in->plan);
}

static int
prepare(struct instance *in)
{
	const struct plan *p = in->plan;
	int status = STATUS_OK;

	in->partitions = calloc(p->to.n + 1, sizeof(*in->partitions));
	in->offsets = rd_kafka_topic_partition_list_new(8);
	if (in->partitions == NULL ||
	    feed_init(&in->feed, p->set.lineage, p->set.lineage_key, "kafka") ==
		-1 ||
	    match_init(&in->matching, p->set.lineage_key) == -1) {
		complain(plan_name, "%s", strerror(errno));
		return STATUS_IO;
	}
	if (p->changelog == NULL)
		status = add_lane(in);
	return status == STATUS_OK ? prepare_paths(in) : status;
}

static void
release(struct instance *in)
{
	consumer_close(&in->consumer);
	for (size_t i = 0; i < in->lanes_n; i++) {
		lane_release(in->lanes[i]);
		free(in->lanes[i]);
	}
	producer_close(&in->producer);
	changelog_close(&in->changelog);
	folder_close(&in->folder);
	rd_kafka_topic_partition_list_destroy(in->offsets);
	metrics_release(&in->metrics);
	limits_release(&in->client.limits);
	buf_release(&in->rejects);
	feed_release(&in->feed);
	match_release(&in->matching);
	free(in->lanes);
	free(in->partitions);
}

/* In a thread of its own. */
static void
leave(union sigval status)
{
	_exit(status.sival_int);
}

/*
 * Everything is committed by now.  librdkafka 2.0 may wait for ever where a
 * topic has gone while it was read.
 */
static void
limit_end(int status)
{
	const struct itimerspec time = {.it_value.tv_sec = END};
	struct sigevent e = {.sigev_notify = SIGEV_THREAD,
	    .sigev_value.sival_int = status == STATUS_DONE ? STATUS_OK : status,
	    .sigev_notify_function = leave};
	timer_t timer;

	if (timer_create(CLOCK_MONOTONIC, &e, &timer) == 0)
		(void)timer_settime(timer, 0, &time, NULL);
}

int
instance_run(const struct plan *p)
{
	struct instance in = {.plan = p,
	    .client = {.plan = p},
	    .status = INSTANCE_RUNS,
	    .folder = {.lock = -1}};
	int status;

	metrics_init(&in.metrics);
	signals_catch(&in.signals);
	status = prepare(&in);
	if (status == STATUS_OK)
		status = begin(&in);
	if (status == STATUS_OK) {
		while (!instance_stops(&in))
			turn(&in);
		finish(&in);
		metrics_end(&in.metrics, p, &in.consumer);
		status = in.status;
	}
	limit_end(status);
	release(&in);
	return status == STATUS_DONE ? STATUS_OK : status;
}
