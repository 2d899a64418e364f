/*
 * when - --when PROGRAM: which events a stage works on.
 *
 * The others pass as they are, without a record.
 */
#ifndef DRIVER_WHEN_H
#define DRIVER_WHEN_H

#include "driver/event.h"
#include "driver/settings.h"

/* What --when says, and its program; all NULL where it wasn't given. */
struct when {
	const char *text;
	struct program *program;
};

/* Compile it: STATUS_OK, or the status to exit with after a complaint. */
int when_init(struct when *w, const struct settings *set);
void when_release(struct when *w);

/* A thread's own, NULL where there is none; false where memory is missing. */
bool when_machine(const struct when *w, struct machine **made);

/*
 * Is the event to be worked on?  If not, *verdict says what becomes of it.
 * m may be NULL: then all are.
 */
bool when_holds(struct machine *m, struct event *ev, enum verdict *verdict);

#endif
