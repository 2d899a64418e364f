#include <poll.h>
#include <stdio.h>

#include "offsets.h"

enum {
	PATIENCE =
	    1000,       /* milliseconds between two questions whether to stop */
	AGAIN = 50,     /* milliseconds until offsets are asked for again */
	UNUSUAL = 1000, /* milliseconds after which a wait is told */
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

static void
tell_held(struct consumer *s, const rd_kafka_topic_partition_list_t *parts,
    int64_t since)
{
	int64_t waited = client_now() - since;
	char what[CLIENT_WHY];

	if (waited < UNUSUAL)
		return;
	for (int i = 0; i < parts->cnt; i++) {
		const rd_kafka_topic_partition_t *t = &parts->elems[i];

		if (t->err != RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT)
			continue;
		snprintf(what, sizeof(what),
		    "%s[%d]: a transaction that hasn't ended holds the "
		    "group's offset%s",
		    t->topic, (int)t->partition,
		    waited < HANGS
			? ""
			: " (see HANGING TRANSACTIONS in ms-kafka(1))");
		client_tell_waiting(s->client, what);
		return;
	}
}

/*
 * librdkafka 2.0 begins anew where partitions are assigned twice while their
 * offsets are held, so the wait isn't left to it.
 */
rd_kafka_resp_err_t
offsets_committed(struct consumer *s, rd_kafka_topic_partition_list_t *parts)
{
	rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR__TIMED_OUT;
	int64_t since = client_now();

	while (!s->watch.stop(s->watch.arg)) {
		for (int i = 0; i < parts->cnt; i++)
			parts->elems[i].err = RD_KAFKA_RESP_ERR_NO_ERROR;
		err = rd_kafka_committed(s->rk, parts, PATIENCE);
		if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
			err = first_error(parts);
		if (err == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT) {
			tell_held(s, parts, since);
			(void)poll(NULL, 0, AGAIN);
		} else if (client_is_absence(err)) {
			client_tell_waiting(s->client, rd_kafka_err2str(err));
		} else {
			break;
		}
	}
	return err;
}
