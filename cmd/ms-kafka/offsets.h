/*
 * offsets - where a group stands.
 */
#ifndef KAFKA_OFFSETS_H
#define KAFKA_OFFSETS_H

#include "consumer.h"

/*
 * Fill in what the group has committed, or a negative offset where it has
 * nothing.  A transaction that still holds an offset is waited for, and so are
 * brokers that are away, until the consumer's watch says stop.
 */
rd_kafka_resp_err_t offsets_committed(
    struct consumer *s, rd_kafka_topic_partition_list_t *parts);

#endif
