/*
 * journey - an event's history, written for people.
 *
 * In full: one line for the event, one for each record, and what it changed
 * below.  Or all on one line.
 */
#ifndef RENDER_LOG_H
#define RENDER_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/terminal.h"
#include "history/view.h"
#include "value/value.h"

struct journey {
	const struct paper *paper;
	bool values;  /* show what changed with the values before and after */
	bool oneline; /* an event a line */
};

/* The event as a journey is about it, and where it was read. */
struct traveller {
	struct value event;
	struct value history;
	const char *source;
	uint64_t line;
};

void journey_write(struct buf *out, struct arena *a, const struct journey *j,
    const struct traveller *t);

/* The line that names the event: its id and origin, or where it was read. */
void journey_header(
    struct pen *p, const struct traveller *t, const struct view *v, size_t n);

/* "hosts.csv:2", "topic[3]@42", of a record's from; false: it has none. */
bool journey_origin(struct pen *p, const char *colour, const char *before,
    const struct view *v);

#endif
