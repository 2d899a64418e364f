/*
 * producer - what goes out, in transactions that hold the offsets of what
 * came in.
 *
 * A transaction begins with the first record that is put, or when offsets
 * are to be committed.  Whatever isn't clearly well or clearly undone is
 * PRODUCER_UNCLEAR: then only a new process knows.
 */
#ifndef KAFKA_PRODUCER_H
#define KAFKA_PRODUCER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client.h"

enum producer_status {
	PRODUCER_OK,
	PRODUCER_ABORTED,   /* all of the transaction is undone */
	PRODUCER_NOT_TAKEN, /* its topic doesn't take it, as error says */
	PRODUCER_UNCLEAR,   /* error says why */
};

struct producer_topic {
	char *name;
	rd_kafka_topic_t *handle;
	size_t most;  /* bytes of a record; SIZE_MAX: not known */
	bool written; /* in this transaction */
};

struct producer {
	rd_kafka_t *rk;
	struct client *client;
	struct producer_topic *topics; /* that were written to */
	size_t topics_n;
	bool open;                  /* a transaction is */
	int64_t since;              /* when it began, as client_now() */
	rd_kafka_resp_err_t failed; /* the first delivery that did */
	char failed_topic[256];
	int32_t failed_partition;
	char failed_key[256];        /* its start */
	rd_kafka_resp_err_t refusal; /* of the last commit, or none */
	char written[CLIENT_WHY];    /* of producer_topics() */
	char error[CLIENT_WHY];
};

/* A record that goes out. */
struct producer_record {
	const char *topic;
	int32_t partition; /* or RD_KAFKA_PARTITION_UA */
	const char *key;   /* or NULL */
	size_t key_len;
	const char *value; /* or NULL */
	size_t len;
	int64_t timestamp;           /* or -1: now */
	rd_kafka_headers_t *headers; /* or NULL; producer_put() takes them */
};

/* Make the handle: STATUS_OK, or what to exit with after a complaint. */
int producer_open(struct producer *p, struct client *c);

/*
 * Fence off whoever had our name before, and wait for brokers meanwhile,
 * until stop() says so.  As producer_open().
 */
int producer_ready(struct producer *p, bool (*stop)(void *arg), void *arg);

/* Hand a record over, in a transaction that is begun where none is open. */
enum producer_status producer_put(
    struct producer *p, const struct producer_record *r);

/* Commit what was put together with the offsets of a member of a group. */
enum producer_status producer_commit(struct producer *p, rd_kafka_t *consumer,
    const rd_kafka_topic_partition_list_t *offsets);

/* How many partitions a topic has now; 0: nobody says. */
int32_t producer_partitions(struct producer *p, const char *topic);

/* Undo what was put since the last commit. */
enum producer_status producer_abort(struct producer *p);

/* The topics that the last transaction wrote to: "a, b". */
const char *producer_topics(struct producer *p);

/* End the producer; what isn't committed is never seen. */
void producer_close(struct producer *p);

#endif
