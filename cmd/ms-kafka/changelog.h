/*
 * changelog - the topic in which the state of stages is kept, read to its
 * end.
 *
 * Its end is the high watermark, asked after the partition was assigned: the
 * last stable offset alone would miss a transaction whose markers are still
 * being written (KAFKA-10167).  What is read is committed.
 */
#ifndef KAFKA_CHANGELOG_H
#define KAFKA_CHANGELOG_H

#include <stdbool.h>
#include <stdint.h>

#include "client.h"

struct changelog {
	struct client *client;
	rd_kafka_t *reader; /* read_committed */
	rd_kafka_t *asker;  /* read_uncommitted: it knows the end */
};

enum changelog_status {
	CHANGELOG_READ,
	CHANGELOG_STOPPED,
	CHANGELOG_FAILED, /* after a complaint */
};

/* Who takes what is read; true: go on. */
struct changelog_taker {
	bool (*take)(void *arg, const rd_kafka_message_t *m);
	bool (*stop)(void *arg);
	void *arg;
};

/* Make the handles: STATUS_OK, or what to exit with after a complaint. */
int changelog_open(struct changelog *c, struct client *client);

/*
 * Is the topic one that keeps the last record of each key, and as many
 * partitions as from?  As changelog_open().
 */
int changelog_check(
    struct changelog *c, int32_t partitions, const char *from, int32_t of_from);

/* Read these partitions of the topic from the beginning to the end. */
enum changelog_status changelog_read(struct changelog *c,
    const int32_t *partitions, size_t n, const struct changelog_taker *t);

/* End the reading; also where it was never opened. */
void changelog_close(struct changelog *c);

#endif
