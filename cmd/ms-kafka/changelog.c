#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changelog.h"
#include "driver/complain.h"
#include "driver/status.h"
#include "rights.h"

enum { PATIENCE = 1000, STEP = 100, ANSWER = 10 * 1000 };

static const struct client_setting DEFAULTS[] = {
    {.name = "fetch.wait.max.ms", .value = "20"},
    {.name = "fetch.error.backoff.ms", .value = "20"},
    {.name = "fetch.queue.backoff.ms", .value = "1"}, /* from 2.2 on */
    {.name = "queued.min.messages", .value = "1000000"},
    {.name = "fetch.message.max.bytes", .value = "2097152"},
    {.name = NULL},
};

/* --- the handles --- */

/*
 * A consumer that is a member of nothing.  The group's name is only for the
 * rights that go with it.
 */
static rd_kafka_t *
open_handle(struct client *client, const char *level)
{
	const char *group = client->plan->group;
	const struct client_setting own[] = {
	    {.name = "group.id", .value = group == NULL ? plan_name : group},
	    {.name = "isolation.level", .value = level},
	    {.name = "enable.auto.commit", .value = "false"},
	    {.name = "enable.auto.offset.store", .value = "false"},
	    {.name = "enable.partition.eof", .value = "true"},
	    {.name = "auto.offset.reset", .value = "earliest"},
	    {.name = NULL},
	};
	struct client_setting defaults[sizeof(DEFAULTS) / sizeof(DEFAULTS[0]) +
	    1] = {{.name = "queued.max.messages.kbytes",
	    .value = client_queue_size()}};
	rd_kafka_conf_t *conf;
	char why[CLIENT_WHY];
	rd_kafka_t *rk;

	memcpy(&defaults[1], DEFAULTS, sizeof(DEFAULTS));
	conf = client_configure(client, CLIENT_CONSUMER, defaults, own);
	if (conf == NULL)
		return NULL;
	rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
	if (rk == NULL) {
		rd_kafka_conf_destroy(conf);
		complain(plan_name, "%s", why);
		return NULL;
	}
	(void)rd_kafka_poll_set_consumer(rk);
	return rk;
}

int
changelog_open(struct changelog *c, struct client *client)
{
	*c = (struct changelog){.client = client};
	c->reader = open_handle(client, "read_committed");
	if (c->reader != NULL)
		c->asker = open_handle(client, "read_uncommitted");
	return c->asker != NULL ? STATUS_OK : STATUS_USAGE;
}

void
changelog_close(struct changelog *c)
{
	if (c->asker != NULL)
		rd_kafka_destroy(c->asker);
	if (c->reader != NULL)
		rd_kafka_destroy(c->reader);
	*c = (struct changelog){.client = NULL};
}

/* --- is it one? --- */

static const char *
find_policy(rd_kafka_event_t *event)
{
	const rd_kafka_DescribeConfigs_result_t *result =
	    rd_kafka_event_DescribeConfigs_result(event);
	const rd_kafka_ConfigResource_t **all;
	const rd_kafka_ConfigEntry_t **entries;
	size_t n = 0;

	if (result == NULL)
		return NULL;
	all = rd_kafka_DescribeConfigs_result_resources(result, &n);
	if (n == 0)
		return NULL;
	entries = rd_kafka_ConfigResource_configs(all[0], &n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(rd_kafka_ConfigEntry_name(entries[i]),
			"cleanup.policy") == 0)
			return rd_kafka_ConfigEntry_value(entries[i]);
	return NULL;
}

/* What removes records from it, as text; "" where nobody tells us. */
static void
ask_policy(struct changelog *c, const char *topic, char *policy, size_t size)
{
	rd_kafka_ConfigResource_t *of =
	    rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(c->asker);
	rd_kafka_event_t *event = NULL;
	const char *found = NULL;

	if (of != NULL) {
		rd_kafka_DescribeConfigs(c->asker, &of, 1, NULL, queue);
		event = rd_kafka_queue_poll(queue, ANSWER);
	}
	if (event != NULL)
		found = find_policy(event);
	snprintf(policy, size, "%s", found == NULL ? "" : found);
	if (event != NULL)
		rd_kafka_event_destroy(event);
	if (of != NULL)
		rd_kafka_ConfigResource_destroy(of);
	rd_kafka_queue_destroy(queue);
}

/* Whatever removes by age or size would remove state that is in use. */
static int
check_policy(struct changelog *c, const char *topic)
{
	char policy[64];

	ask_policy(c, topic, policy, sizeof(policy));
	if (strcmp(policy, "compact") == 0)
		return STATUS_OK;
	if (policy[0] == '\0') {
		complain(plan_name,
		    "topic %s: nobody tells whether it has "
		    "cleanup.policy=compact, which it needs (the right to "
		    "describe its configuration is missing)",
		    topic);
		return STATUS_OK;
	}
	complain(plan_name,
	    "topic %s has cleanup.policy=%s, which would remove state that is "
	    "in use; it needs compact: kafka-configs.sh --alter --entity-type "
	    "topics --entity-name %s --add-config cleanup.policy=compact",
	    topic, policy, topic);
	return STATUS_USAGE;
}

int
changelog_check(
    struct changelog *c, int32_t partitions, const char *from, int32_t of_from)
{
	const char *topic = c->client->plan->changelog;

	if (partitions == of_from)
		return check_policy(c, topic);
	complain(plan_name,
	    "topic %s has %" PRId32 " partition%s and %s %" PRId32
	    ": each partition has its state in the one of its number, so it "
	    "needs as many; %s",
	    topic, partitions, partitions == 1 ? "" : "s", from, of_from,
	    partitions < of_from
		? "kafka-topics.sh --alter --partitions adds some while no "
		  "state is there"
		: "make it anew");
	return STATUS_USAGE;
}

/* --- reading --- */

/* A partition on its way to its end. */
struct stretch {
	int32_t partition;
	int64_t low, end;
	bool done;
};

struct reading {
	struct changelog *c;
	const char *topic;
	const struct changelog_taker *taker;
	struct stretch *v;
	size_t n, left;
};

/* CHANGELOG_READ: the error will go away, and it is to be tried again. */
static enum changelog_status
judge(struct reading *r, rd_kafka_resp_err_t err)
{
	struct client *client = r->c->client;

	if (client_is_absence(err) && !client->refused) {
		client_tell_waiting(client, rd_kafka_err2str(err));
		return CHANGELOG_READ;
	}
	complain(plan_name, "topic %s: %s%s", r->topic,
	    client->refused ? client->why : rd_kafka_err2str(err),
	    client_missing(client, err, r->topic));
	client->refused |= rights_refused(err);
	return CHANGELOG_FAILED;
}

static enum changelog_status
ask_end(struct reading *r, struct stretch *s)
{
	enum changelog_status status = CHANGELOG_READ;
	rd_kafka_resp_err_t err;

	while (status == CHANGELOG_READ) {
		if (r->taker->stop(r->taker->arg))
			return CHANGELOG_STOPPED;
		err = rd_kafka_query_watermark_offsets(r->c->asker, r->topic,
		    s->partition, &s->low, &s->end, PATIENCE);
		(void)rd_kafka_consumer_poll(r->c->asker, 0);
		if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
			break;
		status = judge(r, err);
	}
	s->done = s->low >= s->end;
	r->left += !s->done;
	return status;
}

static enum changelog_status
ask_ends(struct reading *r)
{
	enum changelog_status status = CHANGELOG_READ;

	for (size_t i = 0; i < r->n && status == CHANGELOG_READ; i++)
		status = ask_end(r, &r->v[i]);
	return status;
}

static rd_kafka_resp_err_t
assign(struct reading *r)
{
	rd_kafka_topic_partition_list_t *parts =
	    rd_kafka_topic_partition_list_new((int)r->n);
	rd_kafka_resp_err_t err;

	for (size_t i = 0; i < r->n; i++)
		if (!r->v[i].done)
			rd_kafka_topic_partition_list_add(
			    parts, r->topic, r->v[i].partition)
			    ->offset = r->v[i].low;
	err = rd_kafka_assign(r->c->reader, parts);
	rd_kafka_topic_partition_list_destroy(parts);
	return err;
}

/* All before that offset was read. */
static void
pass(struct reading *r, int32_t partition, int64_t next)
{
	for (size_t i = 0; i < r->n; i++) {
		struct stretch *s = &r->v[i];

		if (s->partition != partition || s->done || next < s->end)
			continue;
		s->done = true;
		r->left--;
	}
}

static enum changelog_status
take(struct reading *r, const rd_kafka_message_t *m)
{
	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		/* Or of what is stable: then there will be another one. */
		pass(r, m->partition, m->offset);
		return CHANGELOG_READ;
	}
	if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return judge(r, m->err);
	if (!r->taker->take(r->taker->arg, m))
		return CHANGELOG_FAILED;
	pass(r, m->partition, m->offset + 1);
	return CHANGELOG_READ;
}

static enum changelog_status
read_all(struct reading *r)
{
	enum changelog_status status = CHANGELOG_READ;
	int64_t told = client_now(), now;

	while (r->left > 0 && status == CHANGELOG_READ) {
		rd_kafka_message_t *m =
		    rd_kafka_consumer_poll(r->c->reader, STEP);

		now = client_now();
		if (m != NULL) {
			status = take(r, m);
			rd_kafka_message_destroy(m);
			told = now;
		} else if (now - told > ANSWER) {
			complain(plan_name,
			    "topic %s: a transaction there isn't finished; "
			    "waiting",
			    r->topic);
			told = now + 2 * ANSWER;
		}
		if (status == CHANGELOG_READ && r->left > 0 &&
		    r->taker->stop(r->taker->arg))
			status = CHANGELOG_STOPPED;
	}
	return status;
}

enum changelog_status
changelog_read(struct changelog *c, const int32_t *partitions, size_t n,
    const struct changelog_taker *t)
{
	struct reading r = {
	    .c = c, .topic = c->client->plan->changelog, .taker = t, .n = n};
	enum changelog_status status;
	rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR_NO_ERROR;

	r.v = calloc(n + 1, sizeof(*r.v));
	if (r.v == NULL) {
		complain(plan_name, "out of memory");
		return CHANGELOG_FAILED;
	}
	for (size_t i = 0; i < n; i++)
		r.v[i].partition = partitions[i];
	status = ask_ends(&r);
	if (status == CHANGELOG_READ && r.left > 0) {
		err = assign(&r);
		status = err == 0 ? read_all(&r) : judge(&r, err);
		(void)rd_kafka_assign(c->reader, NULL);
	}
	free(r.v);
	return status;
}
