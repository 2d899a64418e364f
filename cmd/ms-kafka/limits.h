/*
 * limits - what records topics take.
 *
 * A broker refuses a batch of records that is larger than the topic's
 * max.message.bytes as a whole, and undoes the transaction without saying
 * which record it was; so it does with one whose timestamp is too far from its
 * clock.  So both is known before.
 */
#ifndef KAFKA_LIMITS_H
#define KAFKA_LIMITS_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limits_topic {
	const char *name; /* of the plan */
	size_t most;      /* bytes, or SIZE_MAX where that isn't known */
	bool sets_time;   /* timestamps are the broker's, whatever they were */
	int64_t behind;   /* milliseconds that a timestamp may be before now */
	int64_t ahead;    /* and after it */
};

struct limits {
	struct limits_topic *v;
	size_t n;
	int64_t now; /* milliseconds since 1970, when it was last asked for */
};

struct plan;

/* Ask for the topics that a plan writes to.  -1: no memory. */
int limits_init(struct limits *l, const struct plan *p, rd_kafka_t *rk);
void limits_release(struct limits *l);

/* Ask once more: they may have grown. */
void limits_ask(struct limits *l, rd_kafka_t *rk);

/* That of a topic, and the smallest one; SIZE_MAX: not known. */
size_t limits_of(const struct limits *l, const char *topic);
size_t limits_least(const struct limits *l);

/*
 * Does a topic take a record of that time, in milliseconds since 1970?  One
 * that isn't known does.
 */
bool limits_time(struct limits *l, const char *topic, int64_t time);

#endif
