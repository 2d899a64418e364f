/*
 * lag - how far behind the ends of its partitions an instance is.
 */
#ifndef KAFKA_LAG_H
#define KAFKA_LAG_H

#include <stddef.h>

#include "consumer.h"

/*
 * Note the first and the last stable offset of each partition that is held, as
 * librdkafka's statistics have them.
 */
void lag_read(struct consumer *s, const char *json, size_t len);

/* The offsets that these have are committed. */
void lag_commit(
    struct consumer *s, const rd_kafka_topic_partition_list_t *parts);

/*
 * Records up to the last stable offset that aren't committed; -1: not known.
 */
int64_t lag_of(const struct consumer_part *part);

#endif
