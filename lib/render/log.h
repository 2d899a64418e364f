/*
 * log - an event's history, written for people.
 *
 * In full: a line for the event, one for each record, and what the record
 * changed below it.  Or all of it on one line.
 */
#ifndef RENDER_LOG_H
#define RENDER_LOG_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "render/show.h"

struct log_style {
	const struct terminal *terminal;
	bool values;  /* show what changed with the values before and after */
	bool oneline; /* an event a line */
};

/* Append the event's history; what is needed on the way is the arena's. */
void log_write(struct buf *out, struct arena *a, const struct log_style *style,
    const struct show_event *e);

#endif
