#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consumer.h"
#include "driver/complain.h"
#include "driver/status.h"
#include "offsets.h"

enum {
	PATIENCE =
	    1000, /* milliseconds between two questions whether to stop */
	ANSWER = 10 * 1000,
};

static const struct client_setting DEFAULTS[] = {
    {.name = "session.timeout.ms", .value = "6000"},
    {.name = "heartbeat.interval.ms", .value = "500"},
    {.name = "max.poll.interval.ms", .value = "1800000"},
    {.name = "fetch.wait.max.ms", .value = "20"},
    {.name = "fetch.error.backoff.ms", .value = "20"},
    {.name = "fetch.queue.backoff.ms", .value = "1"}, /* from 2.2 on */
    {.name = "queued.min.messages", .value = "1000000"},
    {.name = "fetch.message.max.bytes", .value = "2097152"},
    {.name = NULL},
};

/* --- which partitions --- */

struct consumer_part *
consumer_part(struct consumer *s, const char *topic, int32_t partition)
{
	for (size_t i = 0; i < s->parts_n; i++)
		if (s->parts[i].partition == partition &&
		    strcmp(s->parts[i].topic, topic) == 0)
			return &s->parts[i];
	return NULL;
}

static void
drop_part(struct consumer *s, struct consumer_part *part)
{
	free(part->topic);
	*part = s->parts[--s->parts_n];
}

void
consumer_fail(struct consumer *s, const char *what, const char *why)
{
	if (!s->failed)
		snprintf(s->error, sizeof(s->error), "%s: %s", what, why);
	s->failed = true;
}

static void
add_part(struct consumer *s, const rd_kafka_topic_partition_t *t)
{
	struct consumer_part *all =
	    reallocarray(s->parts, s->parts_n + 1, sizeof(*all));

	if (all == NULL) {
		consumer_fail(s, t->topic, "out of memory");
		return;
	}
	s->parts = all;
	all[s->parts_n] = (struct consumer_part){.topic = strdup(t->topic),
	    .partition = t->partition,
	    .next = -1,
	    .first = -1,
	    .read = -1,
	    .done = t->offset >= 0 ? t->offset : -1,
	    .low = -1,
	    .stable = -1,
	    .start = t->offset,
	    .stop = s->client->plan->until_end
		? offsets_end(s, t->topic, t->partition)
		: -1};
	if (all[s->parts_n].topic == NULL)
		consumer_fail(s, t->topic, "out of memory");
	else
		s->parts_n++;
}

static void
note_parts(
    struct consumer *s, const rd_kafka_topic_partition_list_t *parts, bool gone)
{
	for (int i = 0; i < parts->cnt; i++) {
		const rd_kafka_topic_partition_t *t = &parts->elems[i];
		struct consumer_part *part =
		    consumer_part(s, t->topic, t->partition);

		if (gone && part != NULL)
			drop_part(s, part);
		else if (!gone && part == NULL)
			add_part(s, t);
	}
}

static bool
is_cooperative(rd_kafka_t *rk)
{
	const char *protocol = rd_kafka_rebalance_protocol(rk);

	return protocol != NULL && strcmp(protocol, "COOPERATIVE") == 0;
}

static void
report(struct consumer *s, rd_kafka_error_t *e, rd_kafka_resp_err_t err)
{
	if (e != NULL) {
		consumer_fail(s, "assignment", rd_kafka_error_string(e));
		rd_kafka_error_destroy(e);
	} else if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		consumer_fail(s, "assignment", rd_kafka_err2str(err));
	}
}

static void
take_parts(struct consumer *s, const rd_kafka_topic_partition_list_t *parts)
{
	if (is_cooperative(s->rk))
		report(s, rd_kafka_incremental_assign(s->rk, parts),
		    RD_KAFKA_RESP_ERR_NO_ERROR);
	else
		report(s, NULL, rd_kafka_assign(s->rk, parts));
}

void
consumer_assign(
    struct consumer *s, const rd_kafka_topic_partition_list_t *parts)
{
	if (is_cooperative(s->rk))
		report(s, rd_kafka_incremental_unassign(s->rk, parts),
		    RD_KAFKA_RESP_ERR_NO_ERROR);
	take_parts(s, parts);
}

static void
assign(struct consumer *s, rd_kafka_topic_partition_list_t *parts)
{
	offsets_fix_starts(s, parts);
	note_parts(s, parts, false);
	s->assigned = true;
	s->watch.assigned(s->watch.arg, parts);
	take_parts(s, parts);
}

static void
revoke(struct consumer *s, rd_kafka_topic_partition_list_t *parts)
{
	bool some = is_cooperative(s->rk);
	bool lost = rd_kafka_assignment_lost(s->rk) != 0;

	s->watch.revoked(s->watch.arg, parts, lost, !some);
	note_parts(s, parts, true);
	if (some)
		report(s, rd_kafka_incremental_unassign(s->rk, parts),
		    RD_KAFKA_RESP_ERR_NO_ERROR);
	else
		report(s, NULL, rd_kafka_assign(s->rk, NULL));
}

static void
on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t err,
    rd_kafka_topic_partition_list_t *parts, void *arg)
{
	struct client *c = arg;
	struct consumer *s = c->consumer;

	(void)rk;
	if (err == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
		assign(s, parts);
	else
		revoke(s, parts);
}

/* --- opening --- */

/*
 * Halving a batch down to one record with which the pipeline hangs takes two
 * deadlines for each step, in which nothing is read.  A member that is given
 * up before would begin anew for ever.
 */
static void
set_interval(const struct plan *p, char *out, size_t size)
{
	enum { LEAST = 30 * 60 * 1000, MOST = 24 * 60 * 60 * 1000 };
	int64_t steps = 2, time;

	for (size_t n = p->batch; n > 1; n /= 2)
		steps++;
	time = 2 * steps * p->deadline;
	if (time < LEAST)
		time = LEAST;
	snprintf(out, size, "%" PRId64, time < MOST ? time : MOST);
}

int
consumer_open(
    struct consumer *s, struct client *c, const struct consumer_watch *watch)
{
	const struct plan *plan = c->plan;
	const struct client_setting own[] = {
	    {.name = "group.id",
		.value = plan->group == NULL ? plan_name : plan->group},
	    {.name = "group.instance.id", .value = plan->instance},
	    {.name = "isolation.level", .value = "read_committed"},
	    {.name = "enable.auto.commit", .value = "false"},
	    {.name = "enable.auto.offset.store", .value = "false"},
	    {.name = "enable.partition.eof", .value = "true"},
	    {.name = "statistics.interval.ms",
		.value = plan->metrics != NULL || plan->stats ? "1000" : NULL},
	    {.name = "auto.offset.reset", .value = "error"},
	    {.name = NULL},
	};
	char why[CLIENT_WHY], interval[32];
	struct client_setting defaults[sizeof(DEFAULTS) / sizeof(DEFAULTS[0]) +
	    2] = {{.name = "queued.max.messages.kbytes",
		      .value = client_queue_size()},
	    {.name = "max.poll.interval.ms", .value = interval}};
	rd_kafka_conf_t *conf;

	set_interval(plan, interval, sizeof(interval));
	memcpy(&defaults[2], DEFAULTS, sizeof(DEFAULTS));
	*s = (struct consumer){.client = c, .watch = *watch};
	c->consumer = s;
	conf = client_configure(c, CLIENT_CONSUMER, defaults, own);
	if (conf == NULL)
		return STATUS_USAGE;
	rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
	s->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
	if (s->rk == NULL) {
		rd_kafka_conf_destroy(conf);
		complain(plan_name, "%s", why);
		return STATUS_USAGE;
	}
	return STATUS_OK;
}

void
consumer_serve(struct consumer *s)
{
	if (s->rk != NULL)
		(void)rd_kafka_poll(s->rk, 0);
}

/* One question; the error that the topic or the broker has. */
static rd_kafka_resp_err_t
ask_topic(struct consumer *s, rd_kafka_topic_t *topic, int32_t *partitions)
{
	const struct rd_kafka_metadata *m;
	rd_kafka_resp_err_t err =
	    rd_kafka_metadata(s->rk, 0, topic, &m, PATIENCE);

	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return err;
	if (m->topic_cnt == 1) {
		err = m->topics[0].err;
		if (partitions != NULL)
			*partitions = m->topics[0].partition_cnt;
	} else {
		err = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
	}
	rd_kafka_metadata_destroy(m);
	return err;
}

int
consumer_find_topic(struct consumer *s, const char *topic, int32_t *partitions,
    bool (*stop)(void *arg), void *arg)
{
	rd_kafka_topic_t *handle = rd_kafka_topic_new(s->rk, topic, NULL);
	int status = STATUS_DONE;

	while (handle != NULL && status == STATUS_DONE && !stop(arg)) {
		rd_kafka_resp_err_t err = ask_topic(s, handle, partitions);

		(void)rd_kafka_poll(s->rk, 0);
		if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
			status = STATUS_OK;
		else if (s->client->refused || !client_is_absence(err))
			status = STATUS_USAGE;
		else
			client_tell_waiting(s->client, rd_kafka_err2str(err));
		if (status == STATUS_USAGE && s->client->refused)
			complain(plan_name, "%s", s->client->why);
		else if (status == STATUS_USAGE)
			complain(plan_name, "topic %s: %s%s", topic,
			    rd_kafka_err2str(err),
			    client_missing(s->client, err, topic));
	}
	if (handle == NULL) {
		complain(plan_name, "topic %s: %s", topic,
		    rd_kafka_err2str(rd_kafka_last_error()));
		return STATUS_USAGE;
	}
	rd_kafka_topic_destroy(handle);
	return status;
}

static rd_kafka_resp_err_t
subscribe(struct consumer *s)
{
	const struct names *from = &s->client->plan->from;
	rd_kafka_topic_partition_list_t *topics =
	    rd_kafka_topic_partition_list_new((int)from->n);
	rd_kafka_resp_err_t err;

	for (size_t i = 0; i < from->n; i++)
		rd_kafka_topic_partition_list_add(
		    topics, from->v[i], RD_KAFKA_PARTITION_UA);
	err = rd_kafka_subscribe(s->rk, topics);
	rd_kafka_topic_partition_list_destroy(topics);
	return err;
}

/* What the group has committed, or where a new one starts. */
static rd_kafka_resp_err_t
find_places(struct consumer *s, rd_kafka_topic_partition_list_t *parts)
{
	rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR_NO_ERROR;

	if (s->client->plan->group != NULL)
		err = offsets_committed(s, parts);
	for (int i = 0; i < parts->cnt; i++) {
		rd_kafka_topic_partition_t *t = &parts->elems[i];
		struct consumer_part *part =
		    consumer_part(s, t->topic, t->partition);

		if (t->offset >= 0)
			continue;
		t->offset = RD_KAFKA_OFFSET_BEGINNING;
		if (part != NULL && part->start >= 0)
			t->offset = part->start;
		else if (part != NULL && part->first >= 0)
			t->offset = part->first;
	}
	return err;
}

/* Take all partitions, as one who isn't a member. */
static rd_kafka_resp_err_t
look_only(struct consumer *s)
{
	const struct names *from = &s->client->plan->from;
	rd_kafka_topic_partition_list_t *parts =
	    rd_kafka_topic_partition_list_new(8);
	rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR_NO_ERROR;

	for (size_t i = 0; i < from->n && err == 0; i++) {
		rd_kafka_topic_t *topic =
		    rd_kafka_topic_new(s->rk, from->v[i], NULL);
		int32_t n = 0;

		if (topic == NULL) {
			err = rd_kafka_last_error();
			break;
		}
		err = ask_topic(s, topic, &n);
		rd_kafka_topic_destroy(topic);
		for (int32_t k = 0; k < n; k++)
			rd_kafka_topic_partition_list_add(parts, from->v[i], k);
	}
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		err = find_places(s, parts);
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		assign(s, parts);
	rd_kafka_topic_partition_list_destroy(parts);
	return err;
}

/* How many partitions the topics have now. */
static rd_kafka_resp_err_t
count_partitions(struct consumer *s)
{
	const struct names *from = &s->client->plan->from;
	rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR_NO_ERROR;

	s->counts = calloc(from->n, sizeof(*s->counts));
	if (s->counts == NULL)
		return RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE;
	for (size_t i = 0; i < from->n && err == 0; i++) {
		rd_kafka_topic_t *topic =
		    rd_kafka_topic_new(s->rk, from->v[i], NULL);

		if (topic == NULL)
			return rd_kafka_last_error();
		err = ask_topic(s, topic, &s->counts[i]);
		rd_kafka_topic_destroy(topic);
	}
	return err;
}

int
consumer_start(struct consumer *s)
{
	const struct plan *p = s->client->plan;
	rd_kafka_resp_err_t err =
	    p->from_end ? count_partitions(s) : RD_KAFKA_RESP_ERR_NO_ERROR;

	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		err = p->dry_run ? look_only(s) : subscribe(s);
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR && !s->failed)
		return STATUS_OK;
	complain(plan_name, "%s", s->failed ? s->error : rd_kafka_err2str(err));
	return STATUS_AGAIN;
}

/* --- reading --- */

/* A right is missing. */
static void
refuse(struct consumer *s, const rd_kafka_message_t *m)
{
	const char *topic = m->rkt == NULL ? "" : rd_kafka_topic_name(m->rkt);
	char why[CLIENT_WHY + 200];

	snprintf(why, sizeof(why), "%s%s", rd_kafka_message_errstr(m),
	    client_missing(s->client, m->err, topic));
	consumer_fail(s, *topic == '\0' ? "consumer" : topic, why);
	s->refused = true;
}

/* A partition's end, or a fault, in place of a record. */
static void
take_error(struct consumer *s, const rd_kafka_message_t *m)
{
	struct consumer_part *part;

	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		part =
		    consumer_part(s, rd_kafka_topic_name(m->rkt), m->partition);
		if (part != NULL) {
			part->ended = true;
			part->next = m->offset;
		}
	} else if (m->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
		offsets_out_of_range(s, m);
	} else if (m->err == RD_KAFKA_RESP_ERR__FATAL) {
		consumer_fail(s, "consumer", rd_kafka_message_errstr(m));
	} else if (rights_refused(m->err)) {
		refuse(s, m);
	} else if (client_is_gone(m->err)) {
		consumer_fail(s, "consumer", rd_kafka_message_errstr(m));
	} else if (client_is_absence(m->err)) {
		client_tell_waiting(s->client, rd_kafka_message_errstr(m));
	} else {
		complain(plan_name, "%s", rd_kafka_message_errstr(m));
	}
}

rd_kafka_message_t *
consumer_poll(struct consumer *s, int milliseconds)
{
	rd_kafka_message_t *m = rd_kafka_consumer_poll(s->rk, milliseconds);
	struct consumer_part *part;

	if (m == NULL)
		return NULL;
	if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		take_error(s, m);
		rd_kafka_message_destroy(m);
		return NULL;
	}
	part = consumer_part(s, rd_kafka_topic_name(m->rkt), m->partition);
	if (part != NULL) {
		if (part->first < 0)
			part->first = m->offset;
		if (part->done < 0)
			part->done = m->offset;
		part->read = part->next = m->offset + 1;
		part->ended = false;
	}
	return m;
}

static bool
hold_headers(struct held *h, rd_kafka_headers_t *headers)
{
	size_t n = rd_kafka_header_cnt(headers);
	struct held_header *all = calloc(n == 0 ? 1 : n, sizeof(*all));

	if (all == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		const void *value;

		if (rd_kafka_header_get_all(
			headers, i, &all[i].name, &value, &all[i].len) != 0)
			break;
		all[i].value = value;
	}
	h->headers = all;
	h->headers_n = n;
	return true;
}

bool
consumer_hold(struct held *h, rd_kafka_message_t *m)
{
	rd_kafka_headers_t *headers;

	h->owner = m;
	h->topic = rd_kafka_topic_name(m->rkt);
	h->partition = m->partition;
	h->offset = m->offset;
	h->timestamp = rd_kafka_message_timestamp(m, NULL);
	h->key = m->key;
	h->key_len = m->key_len;
	h->value = m->payload;
	h->len = m->len;
	return rd_kafka_message_headers(m, &headers) != 0 ||
	    hold_headers(h, headers);
}

void
consumer_let_go(struct held *h)
{
	free((void *)(uintptr_t)h->headers);
	if (h->owner != NULL)
		rd_kafka_message_destroy(h->owner);
}

/* --- going back --- */

bool
consumer_rewind(struct consumer *s)
{
	rd_kafka_topic_partition_list_t *parts;
	rd_kafka_resp_err_t err = rd_kafka_assignment(s->rk, &parts);
	bool good = err == RD_KAFKA_RESP_ERR_NO_ERROR;

	if (good && parts->cnt > 0) {
		err = find_places(s, parts);
		good =
		    err == RD_KAFKA_RESP_ERR_NO_ERROR && offsets_seek(s, parts);
		/* Where it starts waits for a commit again. */
		if (good)
			s->watch.assigned(s->watch.arg, parts);
	}
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		consumer_fail(s, "rewind", rd_kafka_err2str(err));
	else
		rd_kafka_topic_partition_list_destroy(parts);
	for (size_t i = 0; i < s->parts_n; i++) {
		s->parts[i].ended = false;
		s->parts[i].next = -1;
		s->parts[i].read = -1;
	}
	return good;
}

bool
consumer_at_end(const struct consumer *s)
{
	if (!s->assigned)
		return false;
	for (size_t i = 0; i < s->parts_n; i++) {
		const struct consumer_part *part = &s->parts[i];

		if (!part->ended && (part->stop < 0 || part->next < part->stop))
			return false;
	}
	return true;
}

void
consumer_close(struct consumer *s)
{
	if (s->rk == NULL)
		return;
	(void)rd_kafka_consumer_close(s->rk);
	while (s->parts_n > 0)
		drop_part(s, &s->parts[0]);
	free(s->parts);
	free(s->counts);
	rd_kafka_destroy(s->rk);
	s->rk = NULL;
}
