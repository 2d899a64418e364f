/*
 * consumer - what comes in: a member of a consumer group, or with --dry-run
 * somebody who only looks.
 */
#ifndef KAFKA_CONSUMER_H
#define KAFKA_CONSUMER_H

#include <stdbool.h>
#include <stdint.h>

#include "client.h"
#include "engine/held.h"

/* A partition that this instance holds. */
struct consumer_part {
	char *topic;
	int32_t partition;
	int64_t first;  /* offset that was read first; -1: nothing was */
	int64_t next;   /* offset behind what was read; or -1 */
	int64_t read;   /* offset behind the last record of that; or -1 */
	int64_t done;   /* offset that was committed or started from; or -1 */
	int64_t start;  /* where it was to start when it was assigned; or <0 */
	int64_t stop;   /* --until-end: the end when it was assigned, or -1 */
	int64_t low;    /* where it begins, where that is known; or -1 */
	int64_t stable; /* the last stable offset, where that is known; or -1 */
	bool ended;     /* its end was met, and nothing has come since */
};

/* Who wants to know of the partitions; called within consumer_poll(). */
struct consumer_watch {
	/* With --from-end their offsets are where they start. */
	void (*assigned)(
	    void *arg, const rd_kafka_topic_partition_list_t *parts);

	/*
	 * They go.  lost: they have gone already, so nothing of them may be
	 * committed.  all: none stays.
	 */
	void (*revoked)(void *arg, const rd_kafka_topic_partition_list_t *parts,
	    bool lost, bool all);

	/* Is it to stop waiting? */
	bool (*stop)(void *arg);
	void *arg;
};

struct consumer {
	rd_kafka_t *rk;
	struct client *client;
	struct consumer_watch watch;
	struct consumer_part *parts;
	size_t parts_n;
	int32_t *counts; /* of --from's partitions when it started; or NULL */
	bool assigned;   /* there was an assignment, maybe an empty one */
	bool failed;     /* error says why */
	bool refused;    /* and waiting or a new start won't help */
	char error[CLIENT_WHY * 2];
};

/* Make the handle: STATUS_OK, or what to exit with after a complaint. */
int consumer_open(
    struct consumer *s, struct client *c, const struct consumer_watch *watch);

/*
 * Take what the handle has to say beside records, errors and statistics; also
 * where no record is wanted for long.
 */
void consumer_serve(struct consumer *s);

/*
 * See that a topic is there, and wait for brokers until stop() says so.
 * *partitions, if not NULL, is how many it has.  As consumer_open(), or
 * STATUS_DONE when stopped.
 */
int consumer_find_topic(struct consumer *s, const char *topic,
    int32_t *partitions, bool (*stop)(void *arg), void *arg);

/* Join the group; or read all partitions, without a word to the group. */
int consumer_start(struct consumer *s);

/*
 * The next record, or NULL where none came in so many milliseconds, or a
 * fault.
 */
rd_kafka_message_t *consumer_poll(struct consumer *s, int milliseconds);

/* What a record is to a pipeline.  False: no memory. */
bool consumer_hold(struct held *h, rd_kafka_message_t *m);
void consumer_let_go(struct held *h);

/* Go back to what is committed; false, and error, where that fails. */
bool consumer_rewind(struct consumer *s);

/* Are all partitions that it holds read to their end? */
bool consumer_at_end(const struct consumer *s);

/* A partition that it holds, or NULL. */
struct consumer_part *consumer_part(
    struct consumer *s, const char *topic, int32_t partition);

/* Read all partitions that it holds on from these offsets. */
void consumer_assign(
    struct consumer *s, const rd_kafka_topic_partition_list_t *parts);

/* It can't go on; the first error is kept. */
void consumer_fail(struct consumer *s, const char *what, const char *why);

/* Leave the group. */
void consumer_close(struct consumer *s);

#endif
