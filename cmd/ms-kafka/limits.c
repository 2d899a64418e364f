#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "plan.h"

enum { ANSWER = 10 * 1000 };

/* What the answer says of one topic. */
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

		if (value == NULL ||
		    strcmp(rd_kafka_ConfigEntry_name(entries[i]),
			"max.message.bytes") != 0)
			continue;
		for (size_t k = 0; k < l->n; k++)
			if (strcmp(l->v[k].name, name) == 0)
				l->v[k].most = strtoul(value, NULL, 10);
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

int
limits_init(struct limits *l, const struct plan *p, rd_kafka_t *rk)
{
	*l = (struct limits){.v = calloc(p->to.n + 3, sizeof(*l->v))};
	if (l->v == NULL)
		return -1;
	for (size_t i = 0; i < p->to.n; i++)
		l->v[l->n++] = (struct limits_topic){p->to.v[i], SIZE_MAX};
	if (p->dead != NULL)
		l->v[l->n++] = (struct limits_topic){p->dead, SIZE_MAX};
	if (p->changelog != NULL)
		l->v[l->n++] = (struct limits_topic){p->changelog, SIZE_MAX};
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
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].name, topic) == 0)
			return l->v[i].most;
	return SIZE_MAX;
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
