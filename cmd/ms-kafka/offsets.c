#include <poll.h>

#include "driver/complain.h"
#include "offsets.h"

enum {
	PATIENCE =
	    1000,       /* milliseconds between two questions whether to stop */
	AGAIN = 50,     /* milliseconds until offsets are asked for again */
	UNUSUAL = 1500, /* milliseconds after which a wait is told */
	TELL_EVERY = 30 * 1000,
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
