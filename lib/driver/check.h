/*
 * check - what stands between a command's callback and the writing.
 *
 * Every output of an event is shown to each check, in the order in which
 * they were added, before the first output is written.  A check lets the
 * output pass, puts another value in its place, or refuses it; then the
 * event is rejected as a whole.  What holds for every filter is checked
 * first: an event stays an object, a program doesn't set the history, and
 * no event can be taken for a control line.
 */
#ifndef DRIVER_CHECK_H
#define DRIVER_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "driver/event.h"
#include "driver/settings.h"

struct check {
	/*
	 * May *v be written?  False after event_fail().  Called by several
	 * threads at once: arg is shared and must not be changed.
	 */
	bool (*look)(const void *arg, struct event *ev, struct value *v);
	const void *arg;
};

enum { CHECKS = 8 };

/* The checks of a command, in their order. */
struct checks {
	struct check v[CHECKS];
	size_t n;
};

/* Start with what holds for every filter. */
void checks_init(struct checks *c, const struct settings *set);

/* Add a check; false where there is no room for one more. */
bool checks_add(struct checks *c, struct check check);

/* Show all outputs of an event to all checks; false after event_fail(). */
bool checks_pass(const struct checks *c, struct event *ev);

#endif
