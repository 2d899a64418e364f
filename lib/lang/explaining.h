/*
 * explaining - a program at work on shapes; see explain.c.
 */
#ifndef LANG_EXPLAINING_H
#define LANG_EXPLAINING_H

#include "lang/explain.h"

struct def;

struct active {
	const struct def *def;
	const struct active *up;
};

struct explain {
	struct arena *a;
	const struct program *program;
	struct sites used; /* what has been looked at */
	struct sites contexts;
	const struct active *active;
	unsigned fuel, deep, seen;
};

/*
 * What the program makes of an event, or of a line where event is false;
 * NULL: it never has an output.
 */
const struct shape *explain_run(
    struct explain *x, const struct program *p, bool event);

#endif
