/*
 * annotate - an event with the blame on each of its values.
 */
#ifndef RENDER_ANNOTATE_H
#define RENDER_ANNOTATE_H

#include <stddef.h>

#include "base/buf.h"
#include "history/blame.h"
#include "history/pointer.h"
#include "history/why.h"
#include "render/show.h"

/* The event, or what is at some paths of it. */
struct annotation {
	const struct blame *blame;
	const struct show_event *event;
	const struct pointer *paths;
	size_t paths_n;        /* 0: all of it */
	const struct why *why; /* how the value at the only path came to be */
};

/*
 * For people: the event's JSON, a value a line, behind a gutter with the stage
 * that set it, named once for values that follow one another; below it each
 * of these stages with its rule, and the row of a table.
 */
void annotate_write(struct buf *out, const struct terminal *terminal,
    const struct annotation *n);

/*
 * As an object on one line: id, source and line of the event, and values,
 * an array of {path, value, record, sure, op, stage, rule, at, from}.
 */
void annotate_json(struct buf *out, const struct annotation *n);

#endif
