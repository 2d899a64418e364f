/*
 * rights - what a broker refuses, told with what is to be granted to whom.
 */
#ifndef KAFKA_RIGHTS_H
#define KAFKA_RIGHTS_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>

#include "plan.h"

enum { RIGHTS_USER = 128 };

/* Does the error say that nobody may do this? */
bool rights_refused(rd_kafka_resp_err_t err);

/* As whom brokers know the client of these settings. */
void rights_user(const rd_kafka_conf_t *conf, char *user, size_t size);

/* The right on a topic that the plan needs. */
const char *rights_on_topic(const struct plan *p, const char *topic);

/*
 * Write what is missing: "...; User:ada needs Read on group offers".  topics
 * are those that may be meant.  Nothing is written where no right is missing.
 */
void rights_tell(const struct plan *p, const char *user,
    rd_kafka_resp_err_t err, const char *topics, char *out, size_t size);

#endif
