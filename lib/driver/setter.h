/*
 * setter - sets a value at a path of events, as --as says it.
 *
 * A path that is one name is set without a program.
 */
#ifndef DRIVER_SETTER_H
#define DRIVER_SETTER_H

#include <stdbool.h>

#include "driver/event.h"
#include "driver/settings.h"

struct setter {
	struct value member;     /* the name, or VALUE_NULL */
	struct program *program; /* else; runs on [event, value] */
	const char *option;      /* for messages */
};

/*
 * Compile a path as .a or .a[0].b, whose text must last as long as the
 * setter: STATUS_OK, or the status to exit with after a complaint.
 */
int setter_init(struct setter *s, const struct settings *set, const char *path);

/* The same for the path of another option than --as. */
int setter_init_for(struct setter *s, const struct settings *set,
    const char *option, const char *path);
void setter_release(struct setter *s);

/* A thread's own, NULL where it needs none; false where memory is missing. */
bool setter_machine(const struct setter *s, struct machine **made);

/*
 * Can nothing go wrong with it, and no event become what none may be?  So it is
 * with the name of a member that isn't the history.
 */
bool setter_is_plain(const struct setter *s, const struct settings *set);

/* Set it in *event; false after event_fail(). */
bool setter_set(const struct setter *s, struct machine *m, struct event *ev,
    struct value *event, struct value v);

#endif
