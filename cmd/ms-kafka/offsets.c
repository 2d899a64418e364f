#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "driver/complain.h"
#include "offsets.h"

enum {
	PATIENCE =
	    1000,       /* milliseconds between two questions whether to stop */
	AGAIN = 50,     /* milliseconds until offsets are asked for again */
	UNUSUAL = 1500, /* milliseconds after which a wait is told */
	TELL_EVERY = 30 * 1000,
	ANSWER = 10 * 1000,
	HANGS = 60 * 1000, /* from which on it doesn't look like a wait */
};

/* The first error of a partition. */
static rd_kafka_resp_err_t
first_error(const rd_kafka_topic_partition_list_t *parts)
{
	for (int i = 0; i < parts->cnt; i++)
		if (parts->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
			return parts->elems[i].err;
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/*
 * librdkafka asks again by itself until the time is over, so what says that
 * offsets are held is that brokers answer other questions.
 */
static bool
are_held(struct consumer *s, rd_kafka_resp_err_t err)
{
	const struct rd_kafka_metadata *m;

	if (err == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT)
		return true;
	if (err != RD_KAFKA_RESP_ERR__TIMED_OUT ||
	    rd_kafka_metadata(s->rk, 0, NULL, &m, PATIENCE) != 0)
		return false;
	rd_kafka_metadata_destroy(m);
	return true;
}

/* What the wait is for, at *next and then now and again. */
static void
tell_held(const struct consumer *s, int64_t since, int64_t *next)
{
	int64_t now = client_now();

	if (now < *next)
		return;
	*next = now + TELL_EVERY;
	complain(plan_name,
	    "group %s: a transaction that hasn't ended holds its offsets; "
	    "waiting%s",
	    s->client->plan->group,
	    now - since < HANGS ? ""
				: " (see HANGING TRANSACTIONS in ms-kafka(1))");
}

/*
 * librdkafka 2.0 begins anew where partitions are assigned twice while their
 * offsets are held, so the wait isn't left to it.
 */
rd_kafka_resp_err_t
offsets_committed(struct consumer *s, rd_kafka_topic_partition_list_t *parts)
{
	rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR__TIMED_OUT;
	int64_t since = client_now(), next = since + UNUSUAL;

	while (!s->watch.stop(s->watch.arg)) {
		for (int i = 0; i < parts->cnt; i++)
			parts->elems[i].err = RD_KAFKA_RESP_ERR_NO_ERROR;
		err = rd_kafka_committed(s->rk, parts, PATIENCE);
		if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
			err = first_error(parts);
		if (are_held(s, err)) {
			tell_held(s, since, &next);
			(void)poll(NULL, 0, AGAIN);
		} else if (client_is_absence(err)) {
			client_tell_waiting(s->client, rd_kafka_err2str(err));
		} else {
			break;
		}
	}
	return err;
}

int64_t
offsets_end(struct consumer *s, const char *topic, int32_t partition)
{
	int64_t low, high;
	rd_kafka_resp_err_t err = rd_kafka_query_watermark_offsets(
	    s->rk, topic, partition, &low, &high, ANSWER);

	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		return high;
	consumer_fail(s, topic, rd_kafka_err2str(err));
	return -1;
}

/*
 * A partition that the topic has got since is none where a new group starts
 * at the end: all that is in it came later.
 */
static bool
is_young(const struct consumer *s, const rd_kafka_topic_partition_t *t)
{
	const struct names *from = &s->client->plan->from;

	for (size_t i = 0; i < from->n; i++)
		if (strcmp(from->v[i], t->topic) == 0)
			return s->counts != NULL &&
			    t->partition >= s->counts[i];
	return false;
}

/*
 * Where to begin.  A new group that starts at the end starts where that is
 * now, not where it will be when an instance that died comes back.
 */
void
offsets_fix_starts(struct consumer *s, rd_kafka_topic_partition_list_t *parts)
{
	const struct plan *p = s->client->plan;
	rd_kafka_resp_err_t err;

	if (parts->cnt == 0 || (p->dry_run && !p->from_end))
		return;
	err = offsets_committed(s, parts);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		consumer_fail(s, "committed offsets", rd_kafka_err2str(err));
	for (int i = 0; i < parts->cnt; i++) {
		rd_kafka_topic_partition_t *t = &parts->elems[i];

		if (t->offset < 0 && p->from_end && !is_young(s, t))
			t->offset = offsets_end(s, t->topic, t->partition);
		else if (t->offset < 0)
			t->offset = RD_KAFKA_OFFSET_BEGINNING;
	}
}

/* --- going elsewhere --- */

bool
offsets_seek(struct consumer *s, rd_kafka_topic_partition_list_t *parts)
{
	rd_kafka_error_t *e = rd_kafka_seek_partitions(s->rk, parts, ANSWER);

	if (e != NULL) {
		consumer_fail(s, "seek", rd_kafka_error_string(e));
		rd_kafka_error_destroy(e);
		return false;
	}
	for (int i = 0; i < parts->cnt; i++) {
		if (parts->elems[i].err == 0)
			continue;
		consumer_fail(s, "seek", rd_kafka_err2str(parts->elems[i].err));
		return false;
	}
	return true;
}

/*
 * A partition that has failed takes no seek: it is assigned again, and with it
 * all others, as they stand.
 */
static void
begin_at(
    struct consumer *s, const char *topic, int32_t partition, int64_t offset)
{
	rd_kafka_topic_partition_list_t *parts;
	rd_kafka_resp_err_t err = rd_kafka_assignment(s->rk, &parts);

	if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		consumer_fail(s, "assignment", rd_kafka_err2str(err));
		return;
	}
	for (int i = 0; i < parts->cnt; i++) {
		rd_kafka_topic_partition_t *t = &parts->elems[i];
		struct consumer_part *part =
		    consumer_part(s, t->topic, t->partition);

		if (part == NULL)
			continue;
		if (part->partition == partition &&
		    strcmp(part->topic, topic) == 0)
			part->next = offset;
		t->offset = part->next >= 0 ? part->next : part->start;
	}
	consumer_assign(s, parts);
	rd_kafka_topic_partition_list_destroy(parts);
}

/* Its records have gone: all that is left is to say which. */
static void
go_on_at(struct consumer *s, const rd_kafka_message_t *m, int64_t low)
{
	const char *topic = rd_kafka_topic_name(m->rkt);

	complain(plan_name,
	    "%s[%" PRId32 "]: the records from %" PRId64 " to %" PRId64
	    " were removed before they were read (by the topic's retention, "
	    "or an operator); it goes on at %" PRId64,
	    topic, m->partition, m->offset, low - 1, low);
	begin_at(s, topic, m->partition, low);
}

/* Does the group stand behind the end, or only we, since it was made anew? */
static bool
stands_behind(
    struct consumer *s, const char *topic, int32_t partition, int64_t end)
{
	rd_kafka_topic_partition_list_t *parts =
	    rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_t *t =
	    rd_kafka_topic_partition_list_add(parts, topic, partition);
	bool behind = s->client->plan->group != NULL &&
	    offsets_committed(s, parts) == 0 && t->offset > end;

	rd_kafka_topic_partition_list_destroy(parts);
	return behind;
}

void
offsets_out_of_range(struct consumer *s, const rd_kafka_message_t *m)
{
	const char *topic = rd_kafka_topic_name(m->rkt);
	char place[300], why[300];
	int64_t low, high;
	rd_kafka_resp_err_t err = rd_kafka_query_watermark_offsets(
	    s->rk, topic, m->partition, &low, &high, ANSWER);

	snprintf(place, sizeof(place), "%s[%" PRId32 "]", topic, m->partition);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		consumer_fail(s, place, rd_kafka_err2str(err));
		return;
	}
	if (m->offset < low) {
		go_on_at(s, m, low);
		return;
	}
	s->refused = stands_behind(s, topic, m->partition, high);
	snprintf(why, sizeof(why),
	    "it ends at %" PRId64 ", before %" PRId64
	    ", which is next: the topic was made anew, or has lost records%s",
	    high, m->offset,
	    s->refused ? "; kafka-consumer-groups.sh --reset-offsets says "
			 "where the group goes on"
		       : "");
	consumer_fail(s, place, why);
}
