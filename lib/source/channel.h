/*
 * channel - the way to one coprocess: requests out, answers in, in the same
 * order, and what happens where it dies.
 *
 * A request that was under way when its coprocess died is a suspect: it is
 * sent again alone.  Where a coprocess dies that got nothing but the suspect,
 * the request is deadly and isn't sent any more.  A coprocess is started
 * again at once if it had answered, else later and later.
 */
#ifndef SOURCE_CHANNEL_H
#define SOURCE_CHANNEL_H

#include <poll.h>

#include "source/process.h"
#include "source/request.h"

enum {
	CHANNEL_POLLED = 3, /* descriptors */
	CHANNEL_ERROR = 512,
};

/* What the channels of a source share. */
struct channels {
	const char *command;
	size_t in_flight; /* requests, in each channel */
	size_t max_line;  /* bytes of an answer */
	struct requests requests;
	uint64_t answers, starts, deaths;
	char broken[CHANNEL_ERROR]; /* why nothing can be asked, or "" */

	/* Called where people should know something. */
	void (*tell)(void *tell_arg, const char *text);
	void *tell_arg;
};

struct channel {
	struct channels *all;
	struct process process;
	struct request_list sent;
	size_t under_way;
	struct buf out; /* what is sent, from byte written on to be written */
	size_t written;
	uint64_t total; /* bytes that were sent since its start, */
	uint64_t taken; /* and that it took, or may take yet */
	struct buf in;  /* of a line that isn't complete */
	size_t searched;
	bool skipping;      /* within a line that is too long */
	bool deaf;          /* it has closed its input */
	bool alone;         /* a suspect is under way, and nothing else, */
	bool first;         /* and it is all that the process got */
	unsigned deaths;    /* since its last answer */
	int64_t last;       /* microseconds: when it answered last */
	int64_t not_before; /* when it may be started again */
};

/* Start a coprocess; false where the system refuses: broken says why. */
bool channel_init(struct channel *c, struct channels *all);

/* The same for a channel whose time has come. */
bool channel_start(struct channel *c);

/* May that request be sent now? */
bool channel_takes(
    const struct channel *c, const struct request *r, int64_t now);

/* Send it. */
void channel_send(struct channel *c, struct request *r);

/* Write as much as the coprocess takes. */
void channel_write(struct channel *c, int64_t now);

/* What to poll: to be written, to be read (if wanted), and its end. */
void channel_watch(
    const struct channel *c, struct pollfd p[CHANNEL_POLLED], bool reads);

/* Do what these are ready for. */
void channel_seen(
    struct channel *c, const struct pollfd p[CHANNEL_POLLED], int64_t now);

/* All that was sent is written: nothing more will be. */
void channel_end_input(struct channel *c);

/*
 * Wait until the coprocess has ended, which got no more input, until that
 * time at the latest; then end it.
 */
void channel_finish(struct channel *c, int64_t until);

/* End what still runs, and free all; its requests are settled. */
void channel_release(struct channel *c);

#endif
