/*
 * check - what stands between a command's callback and the writing.
 *
 * Every output of an event is shown to each check, in the order in which
 * they were added, before the first output is written: first as a value, then
 * as the line that it makes.  A check lets the output pass, puts another
 * value in its place, or refuses it; then the event is rejected as a whole.
 *
 * What holds for every filter is checked first: an event stays an object, a
 * program doesn't set the history, no event can be taken for a control line,
 * and none is longer than the next filter reads.
 */
#ifndef DRIVER_CHECK_H
#define DRIVER_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "driver/event.h"
#include "driver/settings.h"

/*
 * Both functions may be NULL, give false after event_fail(), and are called
 * by several threads at once: arg is shared and must not be changed.
 */
struct check {
	/* May the output *v be written? */
	bool (*output)(const void *arg, struct event *ev, struct value *v);

	/*
	 * May it be written as this line, whose newline isn't counted?  Asked
	 * for untouched events and for those turned away as well.
	 */
	bool (*line)(
	    const void *arg, struct event *ev, const char *text, size_t len);

	const void *arg;
};

enum { CHECKS = 8 };

/* The checks of a command, in their order. */
struct checks {
	struct check v[CHECKS];
	size_t n, always; /* how many hold for every filter */
	size_t plain; /* longest line that may be passed at a glance, or 0 */
};

/* Start with what holds for every filter. */
void checks_init(struct checks *c, const struct settings *set);

/* Add a check; false where there is no room for one more. */
bool checks_add(struct checks *c, struct check check);

/* Show all outputs of an event to all checks; false after event_fail(). */
bool checks_outputs(const struct checks *c, struct event *ev);

/* The way for a line that checks_line() can't pass at a glance. */
bool checks_whole_line(
    const struct checks *c, struct event *ev, const char *text, size_t len);

/*
 * Show them a line as it is to be written, an object; false after
 * event_fail().
 */
static inline bool
checks_line(
    const struct checks *c, struct event *ev, const char *text, size_t len)
{
	/* Nearly all: short enough, and the first key begins with no m. */
	if (len <= c->plain && len > 2 && text[1] == '"' && text[2] != 'm')
		return true;
	return checks_whole_line(c, ev, text, len);
}

/*
 * For a callback that wrote one event to ev->out itself, from byte from on:
 * VERDICT_WRITTEN, or VERDICT_REJECT where a check refuses the line.
 */
enum verdict check_written(struct event *ev, size_t from);

#endif
