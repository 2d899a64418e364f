/*
 * client - what ms-kafka's two handles of librdkafka have in common: their
 * settings, and what they complain of.
 */
#ifndef KAFKA_CLIENT_H
#define KAFKA_CLIENT_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "limits.h"
#include "plan.h"
#include "rights.h"

enum { CLIENT_WHY = 512 };

struct consumer;

struct client {
	const struct plan *plan;
	bool fatal;   /* a handle is of no more use; why says the cause */
	bool refused; /* nobody may in like this: rights, a password */
	char why[CLIENT_WHY];
	char user[RIGHTS_USER];    /* as whom brokers know us */
	char missing[CLIENT_WHY];  /* of client_missing() */
	int64_t told;              /* when a broker was last said to be away */
	struct consumer *consumer; /* set by consumer_open() */
	struct limits limits;      /* of the topics that are written to */
};

enum client_kind { CLIENT_CONSUMER, CLIENT_PRODUCER };

/* Milliseconds of a clock that only goes on. */
int64_t client_now(void);

/*
 * A configuration with a client's own settings, name by name, then the
 * user's; NULL after a complaint.  The last of own has no name.
 */
rd_kafka_conf_t *client_configure(struct client *c, enum client_kind kind,
    const struct client_setting *defaults, const struct client_setting *own);

/*
 * What right is missing, to be said behind an error: "; User:ada needs ...",
 * or "".  topics are those that may be meant.  Valid until the next call.
 */
const char *client_missing(
    struct client *c, rd_kafka_resp_err_t err, const char *topics);

/* Is it one that goes away by waiting: brokers that are down, elections? */
bool client_is_absence(rd_kafka_resp_err_t err);

/* Has a topic gone?  A new start sees whether it has for good. */
bool client_is_gone(rd_kafka_resp_err_t err);

/*
 * queued.max.messages.kbytes for who reads much.  Before 2.2 librdkafka stops
 * fetching for a second where its queue is full, so the queue has room for
 * what goes through meanwhile.
 */
const char *client_queue_size(void);

/* Tell that something is waited for, but not too often. */
void client_tell_waiting(struct client *c, const char *what);

#endif
