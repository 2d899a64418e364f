#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/status.h"
#include "moving.h"

enum { STARTS = 3, ANSWER = 1000 };

static const char GROUP[] = "ms.group"; /* a header of what says whose it is */

/* --- lanes --- */

void
moving_add(struct instance *in, int32_t partition)
{
	struct lane **all, *l;

	if (instance_lane(in, partition) != NULL)
		return;
	all = reallocarray(in->lanes, in->lanes_n + 1, sizeof(struct lane *));
	l = calloc(1, sizeof(*l));
	if (all != NULL)
		in->lanes = all;
	if (all != NULL && l != NULL && lane_init(l, in->plan, partition)) {
		in->lanes[in->lanes_n++] = l;
		return;
	}
	complain(plan_name, "%s", strerror(errno));
	free(l);
	instance_end(in, STATUS_AGAIN);
}

void
moving_remove(struct instance *in, int32_t partition)
{
	for (size_t i = 0; i < in->lanes_n; i++) {
		struct lane *l = in->lanes[i];

		if (l->partition != partition)
			continue;
		lane_release(l);
		free(l);
		in->lanes[i] = in->lanes[--in->lanes_n];
		return;
	}
}

/* A new directory, and no pipeline yet. */
static bool
keep(struct instance *in, struct lane *l)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/%" PRId32 "-%" PRIu64, in->folder.path,
	    l->partition, ++in->kept);
	if (lane_keep(l, path))
		return true;
	complain(plan_name, "%s", l->stages.error);
	instance_end(in, STATUS_AGAIN);
	return false;
}

/* --- before the first event --- */

int
moving_try(struct instance *in)
{
	struct lane_meanwhile m = through_meanwhile(in);
	struct lane l;
	int status = STATUS_USAGE;

	if (!folder_open(&in->folder, plan_name)) {
		complain(plan_name,
		    "a directory for state in TMPDIR, or else /tmp: %s",
		    strerror(errno));
		return STATUS_IO;
	}
	if (!lane_init(&l, in->plan, 0))
		status = lane_tell_unmade(&l, in->plan);
	else
		status = keep(in, &l) ? lane_try(&l, in->plan, &m) : STATUS_IO;
	if (status == STATUS_OK && l.stages.n == 0) {
		complain(plan_name,
		    "--changelog: no stage of the pipeline keeps state; "
		    "ms-fold and ms-filter --unique do");
		status = STATUS_USAGE;
	}
	lane_release(&l);
	return status;
}

int
moving_check(struct instance *in)
{
	const struct plan *p = in->plan;
	int32_t ours = 0, from = 0;
	int status = consumer_find_topic(
	    &in->consumer, p->changelog, &ours, instance_stops, in);

	if (status == STATUS_OK)
		status = consumer_find_topic(
		    &in->consumer, p->from.v[0], &from, instance_stops, in);
	if (status == STATUS_OK)
		status = changelog_open(&in->changelog, &in->client);
	if (status == STATUS_OK)
		status =
		    changelog_check(&in->changelog, ours, p->from.v[0], from);
	return status;
}

/* --- state that comes --- */

/* Is the group that says whose it is ours?  A record without it is. */
static bool
is_ours(struct instance *in, const rd_kafka_message_t *m)
{
	const char *ours = in->plan->group;
	rd_kafka_headers_t *headers;
	const void *group;
	size_t len;

	if (rd_kafka_message_headers(m, &headers) != 0 ||
	    rd_kafka_header_get_last(headers, GROUP, &group, &len) != 0 ||
	    (len == strlen(ours) && memcmp(group, ours, len) == 0))
		return true;
	complain(plan_name,
	    "topic %s holds the state of the group %.*s: each group needs a "
	    "changelog of its own",
	    in->plan->changelog, (int)len, (const char *)group);
	instance_end(in, STATUS_USAGE);
	return false;
}

static bool
take(void *arg, const rd_kafka_message_t *m)
{
	struct instance *in = arg;
	struct lane *l = instance_lane(in, m->partition);

	if (l == NULL || l->ready)
		return true;
	if (!is_ours(in, m))
		return false;
	if (stages_lay(&l->stages, m->key, m->key_len, m->payload, m->len))
		return true;
	complain(plan_name, "%s[%" PRId32 "]@%" PRId64 ": %s",
	    in->plan->changelog, m->partition, m->offset, l->stages.error);
	instance_end(in, l->stages.unfit ? STATUS_USAGE : STATUS_AGAIN);
	return false;
}

/* The lanes without a state, as the topic's partitions. */
static rd_kafka_topic_partition_list_t *
list_waiting(const struct instance *in)
{
	rd_kafka_topic_partition_list_t *parts =
	    rd_kafka_topic_partition_list_new((int)in->lanes_n + 1);

	for (size_t i = 0; i < in->lanes_n; i++)
		if (!in->lanes[i]->ready)
			rd_kafka_topic_partition_list_add(parts,
			    in->plan->from.v[0], in->lanes[i]->partition);
	return parts;
}

/* Where the group stands; the error of all, or the first one of a partition. */
static rd_kafka_resp_err_t
ask_committed(struct instance *in, rd_kafka_topic_partition_list_t *parts)
{
	rd_kafka_resp_err_t err =
	    rd_kafka_committed(in->consumer.rk, parts, ANSWER);

	for (int i = 0; i < parts->cnt && err == 0; i++)
		err = parts->elems[i].err;
	return err;
}

/*
 * See that nobody's transaction is about to commit offsets of them: what it
 * has put into the changelog must be there before its end is asked for.
 */
static bool
settle(struct instance *in, rd_kafka_topic_partition_list_t *parts)
{
	struct lane_meanwhile m = through_meanwhile(in);
	rd_kafka_resp_err_t err;

	for (;;) {
		if (m.hurry(m.arg))
			return false;
		err = ask_committed(in, parts);
		if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
			break;
		if (!client_is_absence(err) &&
		    err != RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT) {
			complain(plan_name, "committed offsets: %s",
			    rd_kafka_err2str(err));
			instance_end(in, STATUS_AGAIN);
			return false;
		}
		client_tell_waiting(&in->client, rd_kafka_err2str(err));
	}
	for (int i = 0; i < parts->cnt; i++) {
		struct lane *l = instance_lane(in, parts->elems[i].partition);

		if (l != NULL)
			l->next = parts->elems[i].offset;
	}
	return true;
}

/* Read the state of these into their directories. */
static bool
read_state(struct instance *in, rd_kafka_topic_partition_list_t *parts)
{
	struct lane_meanwhile m = through_meanwhile(in);
	const struct changelog_taker taker = {take, m.hurry, in};
	int32_t *all = calloc((size_t)parts->cnt + 1, sizeof(*all));
	enum changelog_status status = CHANGELOG_FAILED;

	for (int i = 0; all != NULL && i < parts->cnt; i++)
		all[i] = parts->elems[i].partition;
	if (all != NULL)
		status = changelog_read(
		    &in->changelog, all, (size_t)parts->cnt, &taker);
	free(all);
	if (status == CHANGELOG_FAILED)
		instance_end(
		    in, in->client.refused ? STATUS_USAGE : STATUS_AGAIN);
	return status == CHANGELOG_READ;
}

/* Who has no group starts at the beginning, with nothing. */
static bool
fetch_state(struct instance *in)
{
	rd_kafka_topic_partition_list_t *parts;
	bool good = true;

	/* A transaction of ours that is open may be fenced off meanwhile. */
	if (in->plan->group != NULL)
		commits_now(in);
	if (in->rewind)
		return false;
	parts = list_waiting(in);
	for (size_t i = 0; i < in->lanes_n && good; i++)
		if (!in->lanes[i]->ready)
			good = keep(in, in->lanes[i]);
	if (good && in->plan->group != NULL)
		good = settle(in, parts) && read_state(in, parts);
	rd_kafka_topic_partition_list_destroy(parts);
	return good;
}

/* --- and pipelines that get it --- */

/* It didn't start: where that may have come from outside, once more. */
static bool
not_started(struct instance *in, struct lane *l)
{
	enum { USAGE = 2 };

	complain(plan_name, "%s[%" PRId32 "]: the pipeline doesn't start: %s",
	    in->plan->from.v[0], l->partition, l->pipeline.error);
	in->metrics.restarts++;
	if (l->pipeline.exit == USAGE) {
		complain(plan_name,
		    "where it is another program now, it needs another --group "
		    "and --changelog");
		instance_end(in, STATUS_USAGE);
	} else if (++l->failed >= STARTS) {
		instance_end(in, STATUS_AGAIN);
	}
	lane_forget(l);
	return in->status == INSTANCE_RUNS;
}

static bool
tell_unclaimed(struct instance *in, const struct lane *l)
{
	const char *unclaimed = stages_unclaimed(&l->stages);

	if (unclaimed == NULL)
		return true;
	complain(plan_name,
	    "%s[%" PRId32 "] holds state of a stage %s, and no stage of the "
	    "pipeline has that name: -n gives it to one; a pipeline without "
	    "it needs another --group and --changelog",
	    in->plan->changelog, l->partition, unclaimed);
	instance_end(in, STATUS_USAGE);
	return false;
}

/* Who only looks, or wants it so, may go on. */
static bool
mismatch(struct instance *in, bool may)
{
	if (!may)
		instance_end(in, STATUS_USAGE);
	return may;
}

/*
 * The first transaction of a partition writes its offset and whose its state
 * is.  Where one of both has gone, the counts would be wrong ever after.
 */
static bool
fits_offset(struct instance *in, const struct lane *l, bool is_empty)
{
	const struct plan *p = in->plan;

	if (p->group != NULL && l->next < 0 && l->stages.entries > 0) {
		complain(plan_name,
		    "%s[%" PRId32 "] holds state, and the group %s has no "
		    "offset there: what the state has counted would be "
		    "counted again; kafka-consumer-groups.sh --reset-offsets "
		    "says where it goes on, or another --group and "
		    "--changelog begin anew",
		    p->changelog, l->partition, p->group);
		return mismatch(in, p->dry_run);
	}
	if (l->next > 0 && is_empty) {
		complain(plan_name,
		    "%s[%" PRId32 "] holds no state, and the group %s goes on "
		    "at offset %" PRId64 " of %s: what is before would not "
		    "be counted; another --group and --changelog begin anew, "
		    "and --from-end leaves out what is before",
		    p->changelog, l->partition, p->group, l->next,
		    p->from.v[0]);
		return mismatch(in, p->dry_run);
	}
	return true;
}

static bool
start(struct instance *in, struct lane *l)
{
	struct lane_meanwhile m = through_meanwhile(in);
	bool is_empty = l->stages.n == 0 && !in->plan->from_end;

	if (!stages_laid(&l->stages)) {
		complain(plan_name, "%s", l->stages.error);
		instance_end(in, STATUS_AGAIN);
		return false;
	}
	l->pipeline.exit = -1;
	switch (lane_ask(l, in->plan, &m)) {
	case PIPELINE_BACK:
		break;
	case PIPELINE_HURRIED:
		return false;
	default:
		return not_started(in, l);
	}
	if (!tell_unclaimed(in, l) || !fits_offset(in, l, is_empty))
		return false;
	in->metrics.restored += l->stages.laid;
	l->failed = 0;
	l->ready = true;
	/* Time may have passed for a stage before the barrier came to it. */
	return through_put(in, l);
}

static bool
is_waiting(const struct instance *in)
{
	for (size_t i = 0; i < in->lanes_n; i++)
		if (!in->lanes[i]->ready)
			return true;
	return false;
}

bool
moving_revive(struct instance *in)
{
	while (in->plan->changelog != NULL && is_waiting(in)) {
		if (!fetch_state(in))
			return false;
		for (size_t i = 0; i < in->lanes_n; i++)
			if (!in->lanes[i]->ready && !start(in, in->lanes[i]))
				return false;
	}
	return !in->rewind && in->status == INSTANCE_RUNS;
}

/* --- state that goes --- */

static bool
too_large(struct instance *in, int32_t partition, const char *key, size_t n)
{
	complain(plan_name,
	    "the state of %.*s is larger than topic %s allows (partition "
	    "%" PRId32 "); max.message.bytes there, and -X message.max.bytes, "
	    "say how large one may be",
	    (int)(n < 300 ? n : 300), key, in->plan->changelog, partition);
	instance_end(in, STATUS_REJECTED);
	return false;
}

bool
moving_is_too_large(struct instance *in)
{
	const struct producer *p = &in->producer;

	if (p->failed != RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ||
	    in->plan->changelog == NULL ||
	    strcmp(p->failed_topic, in->plan->changelog) != 0)
		return false;
	(void)too_large(
	    in, p->failed_partition, p->failed_key, strlen(p->failed_key));
	return true;
}

/* What says whose the state is tells the group as well. */
static rd_kafka_headers_t *
make_headers(const struct instance *in, const struct stages_change *c)
{
	rd_kafka_headers_t *headers;

	if (c->value == NULL || strncmp(c->value, "{\"stage\":", 9) != 0)
		return NULL;
	headers = rd_kafka_headers_new(1);
	(void)rd_kafka_header_add(headers, GROUP, -1, in->plan->group, -1);
	return headers;
}

static bool
put_change(struct instance *in, struct lane *l, const struct stages_change *c)
{
	enum producer_status status = producer_put(&in->producer,
	    &(struct producer_record){.topic = in->plan->changelog,
		.partition = l->partition,
		.key = c->key,
		.key_len = c->key_len,
		.value = c->value,
		.len = c->len,
		.timestamp = -1,
		.headers = make_headers(in, c)});

	in->metrics.waiting_state++;
	if (status == PRODUCER_OK)
		return true;
	if (status == PRODUCER_NOT_TAKEN)
		return too_large(in, l->partition, c->key, c->key_len);
	complain(plan_name, "%s; to be started again", in->producer.error);
	instance_end(in, STATUS_AGAIN);
	return false;
}

bool
moving_put(struct instance *in, struct lane *l)
{
	struct stages_change c;
	size_t at = 0;

	while (!in->plan->dry_run && stages_change(&l->stages, &at, &c))
		if (!put_change(in, l, &c))
			return false;
	stages_drop_changes(&l->stages);
	return true;
}

/* --- commits --- */

void
moving_failed(struct instance *in, struct lane *l)
{
	if (in->plan->dry_run) {
		complain(plan_name,
		    "what it had in mind is nowhere else with --dry-run");
		instance_end(in, STATUS_AGAIN);
		return;
	}
	commits_now(in);
	lane_forget(l);
}

void
moving_committed(struct instance *in)
{
	for (size_t i = 0; i < in->lanes_n; i++)
		in->lanes[i]->ahead &= lane_keeps(in->lanes[i]);
}

void
moving_undone(struct instance *in)
{
	for (size_t i = 0; i < in->lanes_n; i++)
		in->lanes[i]->stale |= in->lanes[i]->ahead;
}

void
moving_go_back(struct instance *in)
{
	for (size_t i = 0; i < in->lanes_n; i++)
		if (in->lanes[i]->stale)
			lane_forget(in->lanes[i]);
}
