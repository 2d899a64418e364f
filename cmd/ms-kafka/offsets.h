/*
 * offsets - where a group stands, and places that have gone.
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

/* Where a partition ends now; -1 after consumer_fail(). */
int64_t offsets_end(struct consumer *s, const char *topic, int32_t partition);

/* Set where to begin with partitions that were assigned. */
void offsets_fix_starts(
    struct consumer *s, rd_kafka_topic_partition_list_t *parts);

/* Read on at these; false where that failed, after consumer_fail(). */
bool offsets_seek(struct consumer *s, rd_kafka_topic_partition_list_t *parts);

/*
 * What is to be read next, as the error says, isn't there.  Where it was
 * removed, that is told and what is left is read; behind the end it can't go
 * on.
 */
void offsets_out_of_range(struct consumer *s, const rd_kafka_message_t *m);

#endif
