/*
 * request - what was asked of a coprocess, from the moment it is known that
 * an event will need the answer until the event has it.
 *
 * Requests stand in the order of their events.  Of those that are not sent
 * yet, or under way at a coprocess, there are lists of their own.
 */
#ifndef SOURCE_REQUEST_H
#define SOURCE_REQUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"

struct channel;

enum request_state {
	REQUEST_WAITING,  /* to be sent */
	REQUEST_SENT,     /* under way */
	REQUEST_ANSWERED, /* answer holds the line */
	REQUEST_LONG,     /* the answer was longer than a line may be */
	REQUEST_DEADLY,   /* the coprocess died of it, twice */
};

struct request {
	TAILQ_ENTRY(request) stream; /* while an event wants it */
	TAILQ_ENTRY(request) queue;  /* while it waits, or is under way */
	enum request_state state;
	bool wanted;    /* by an event: it is in the stream */
	unsigned kills; /* coprocesses that died while it was under way */
	uint64_t event; /* numbers grow with the stream */
	uint64_t hash;  /* of text */
	uint64_t end;   /* of it, in what its coprocess is sent */
	const struct channel *channel; /* that it was sent to */
	int64_t since;                 /* microseconds: when it was made */
	struct buf text;               /* its newline included */
	struct buf answer;             /* without it */
};

TAILQ_HEAD(request_list, request);

/* All requests of a coprocess. */
struct requests {
	struct request_list stream, waiting, spare;
	size_t stream_n, waiting_n;
	size_t waiting_bytes; /* of their texts */
	size_t held;          /* bytes of answers that no event took yet */
};

/* None under way; the end of what they hold. */
void requests_init(struct requests *q);
void requests_release(struct requests *q);

/*
 * A request of an event, before the ones in the stream, or behind them; the
 * text is the caller's to put.  NULL where memory is missing.
 */
struct request *requests_new(struct requests *q, uint64_t event, bool first);

/* It has its text: let it wait to be sent, before all others or behind. */
void requests_wait(struct requests *q, struct request *r, bool first);

/* The first of the waiting ones is taken from them; they aren't empty. */
struct request *requests_take(struct requests *q);

/* No event wants the answer any more. */
void requests_forget(struct requests *q, struct request *r);

/* It has come to an end, in one of the last three states. */
void requests_settle(
    struct requests *q, struct request *r, enum request_state state);

/* The event's first request with that text that isn't taken yet, or NULL. */
struct request *requests_find(const struct requests *q, uint64_t event,
    uint64_t hash, const struct buf *text);

/* Is there any with that text? */
bool requests_have(
    const struct requests *q, uint64_t hash, const struct buf *text);

/* Forget what events before that one wanted, and didn't take. */
void requests_pass(struct requests *q, uint64_t event);

#endif
