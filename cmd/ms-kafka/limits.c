#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "limits.h"
#include "plan.h"

enum { ANSWER = 10 * 1000 };

static struct limits_topic *
find(const struct limits *l, const char *topic)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].name, topic) == 0)
			return &l->v[i];
	return NULL;
}

static void
take_setting(struct limits_topic *t, const char *name, const char *value)
{
	if (strcmp(name, "max.message.bytes") == 0)
		t->most = strtoul(value, NULL, 10);
	else if (strcmp(name, "message.timestamp.type") == 0)
		t->sets_time = strcmp(value, "LogAppendTime") == 0;
	else if (strcmp(name, "message.timestamp.before.max.ms") == 0)
		t->behind = strtoll(value, NULL, 10);
	else if (strcmp(name, "message.timestamp.after.max.ms") == 0)
		t->ahead = strtoll(value, NULL, 10);
}

/* What the answer says of one topic, which several options may name. */
static void
take_topic(struct limits *l, const rd_kafka_ConfigResource_t *topic)
{
	const rd_kafka_ConfigEntry_t **entries;
	const char *name = rd_kafka_ConfigResource_name(topic);
	size_t n;

	if (rd_kafka_ConfigResource_error(topic) != 0)
		return;
	entries = rd_kafka_ConfigResource_configs(topic, &n);
	for (size_t i = 0; i < n; i++) {
		const char *value = rd_kafka_ConfigEntry_value(entries[i]);

		for (size_t k = 0; value != NULL && k < l->n; k++)
			if (strcmp(l->v[k].name, name) == 0)
				take_setting(&l->v[k],
				    rd_kafka_ConfigEntry_name(entries[i]),
				    value);
	}
}

static void
take_answer(struct limits *l, rd_kafka_event_t *e)
{
	const rd_kafka_ConfigResource_t **topics;
	const rd_kafka_DescribeConfigs_result_t *result;
	size_t n;

	result = rd_kafka_event_DescribeConfigs_result(e);
	if (result == NULL || rd_kafka_event_error(e) != 0)
		return;
	topics = rd_kafka_DescribeConfigs_result_resources(result, &n);
	for (size_t i = 0; i < n; i++)
		take_topic(l, topics[i]);
}

void
limits_ask(struct limits *l, rd_kafka_t *rk)
{
	rd_kafka_ConfigResource_t **all =
	    calloc(l->n + 1, sizeof(*all)); /* no memory: nothing is known */
	rd_kafka_AdminOptions_t *options =
	    rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
	rd_kafka_event_t *e;
	char why[256];

	if (all != NULL && l->n > 0) {
		for (size_t i = 0; i < l->n; i++)
			all[i] = rd_kafka_ConfigResource_new(
			    RD_KAFKA_RESOURCE_TOPIC, l->v[i].name);
		(void)rd_kafka_AdminOptions_set_request_timeout(
		    options, ANSWER, why, sizeof(why));
		rd_kafka_DescribeConfigs(rk, all, l->n, options, queue);
		e = rd_kafka_queue_poll(queue, ANSWER * 2);
		if (e != NULL) {
			take_answer(l, e);
			rd_kafka_event_destroy(e);
		}
		rd_kafka_ConfigResource_destroy_array(all, l->n);
	}
	rd_kafka_AdminOptions_destroy(options);
	rd_kafka_queue_destroy(queue);
	free(all);
}

static void
add(struct limits *l, const char *topic)
{
	if (topic != NULL)
		l->v[l->n++] = (struct limits_topic){.name = topic,
		    .most = SIZE_MAX,
		    .behind = INT64_MAX,
		    .ahead = INT64_MAX};
}

int
limits_init(struct limits *l, const struct plan *p, rd_kafka_t *rk)
{
	*l = (struct limits){.v = calloc(p->to.n + 3, sizeof(*l->v))};
	if (l->v == NULL)
		return -1;
	for (size_t i = 0; i < p->to.n; i++)
		add(l, p->to.v[i]);
	add(l, p->dead);
	add(l, p->changelog);
	limits_ask(l, rk);
	return 0;
}

void
limits_release(struct limits *l)
{
	free(l->v);
	*l = (struct limits){.n = 0};
}

size_t
limits_of(const struct limits *l, const char *topic)
{
	const struct limits_topic *t = find(l, topic);

	return t == NULL ? SIZE_MAX : t->most;
}

size_t
limits_least(const struct limits *l)
{
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].most < least)
			least = l->v[i].most;
	return least;
}

bool
limits_time(struct limits *l, const char *topic, int64_t time)
{
	const struct limits_topic *t = find(l, topic);
	struct timespec clock;

	if (t == NULL || t->sets_time || time < 0)
		return true;
	/* Mostly it is past, and that is no matter: no clock is needed. */
	if (time <= l->now && t->behind == INT64_MAX)
		return true;
	clock_gettime(CLOCK_REALTIME, &clock);
	l->now = (int64_t)clock.tv_sec * 1000 + clock.tv_nsec / 1000000;
	return time > l->now ? time - l->now <= t->ahead
			     : l->now - time <= t->behind;
}
