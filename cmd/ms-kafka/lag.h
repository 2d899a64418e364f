/*
 * lag - the ends of partitions, as librdkafka's statistics have them.
 */
#ifndef KAFKA_LAG_H
#define KAFKA_LAG_H

#include <stddef.h>

struct consumer;

/* Note the first and the last stable offset of each partition that is held. */
void lag_read(struct consumer *s, const char *json, size_t len);

#endif
