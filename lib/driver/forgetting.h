/*
 * forgetting - what is taken out of each event before anybody sees it.
 *
 * Whoever knows what is to go (a command's options, a policy) says so while
 * the settings are made, before the first event; the driver does it to each
 * event before the command's callback, so that programs, messages, rejects and
 * side outputs only see what is left.  A line that can't be read as an event
 * is rejected without its text.
 */
#ifndef DRIVER_FORGETTING_H
#define DRIVER_FORGETTING_H

#include <stdbool.h>

#include "base/buf.h"
#include "driver/event.h"
#include "driver/settings.h"
#include "driver/stage.h"
#include "json/scan.h"
#include "trust/forget.h"

/*
 * Forget what is at a path, or mask it; where names who says so in a complaint
 * ("--forget", a policy's file).  STATUS_OK, or the status to exit with after
 * a complaint.
 */
int forgetting_path(
    struct settings *set, const char *where, const char *path, bool mask);

/* The same for what a policy says; masks: this stage is to mask, too. */
int forgetting_policy(struct settings *set, const struct policy *p, bool masks);

/*
 * Where anything is masked, read the key of --key-file, or of MS_KEY_FILE; the
 * same.
 */
int forgetting_key(struct settings *set);

/* When all is said: is there a key to mask by, and an event to look into? */
int forgetting_check(struct settings *set);

/* A line written anew, and where it is read from; starts as zero. */
struct forgetting {
	struct scan scan;
	struct buf line;
	bool ready; /* the scan is */
	const struct stage *stage;
	const char *(*now)(void *now_arg); /* the time of its records */
	void *now_arg;
};

enum forgetting_status {
	FORGETTING_NOTHING, /* the event stays as it is */
	FORGETTING_DONE,    /* ev has another line, root and history */
	FORGETTING_FAILED,  /* *why says what is in the way: reject the line */
	FORGETTING_STARVED, /* there is no memory */
};

/*
 * Take out of the event in hand, whose root and history are set, what the
 * settings say; what they are then lasts until the next call.
 */
enum forgetting_status forgetting_event(
    struct forgetting *g, struct event *ev, const char **why);

/*
 * The same for a command with forget_late, which looks first whether the event
 * is meant.  False after event_fail().
 */
bool forgetting_now(struct event *ev);

/* End what it holds; also where nothing is to be forgotten. */
void forgetting_release(struct forgetting *g);

/*
 * The line of an event from which something was taken stands in out from a
 * byte on, with the records of this stage: none of them tells it again.
 */
void forgetting_written(
    const struct stage *s, struct event *ev, struct buf *out, size_t from);

/* What to say in place of a reason that may tell what is to go. */
const char *forgetting_reason(
    const struct stage *s, const struct event *ev, const char *reason);

/* At the end: say what still holds a value that was forgotten. */
void forgetting_tell(const struct settings *set);

#endif
