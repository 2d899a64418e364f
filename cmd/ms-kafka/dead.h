/*
 * dead - records that no pipeline takes, with the cause.
 *
 * With --dead they go to a topic of their own, in the transaction of their
 * batch; without it such a record stops the instance.
 */
#ifndef KAFKA_DEAD_H
#define KAFKA_DEAD_H

#include "engine/held.h"
#include "producer.h"

/* Why, and where: what isn't known is NULL. */
struct dead_cause {
	const char *error, *stage, *rule;
};

/* Its place as people say it: "clicks[3]@42". */
void dead_name(const struct held *h, char *out, size_t size);

/* Put a held record into the topic of dead letters. */
enum producer_status dead_put(struct producer *p, const char *topic,
    const struct held *h, const struct dead_cause *why);

#endif
