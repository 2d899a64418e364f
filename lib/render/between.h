/*
 * between - what changed in an event between two of its stages, for people.
 */
#ifndef RENDER_BETWEEN_H
#define RENDER_BETWEEN_H

#include <stddef.h>

#include "history/change.h"
#include "render/show.h"

/* An event, the records from and to (0: as read), and what differs. */
struct between {
	const struct show_event *event;
	const struct view *v;
	size_t n, from, to;
	const struct change *changes;
};

/*
 * The event, the two stages, and a line for each change with the stage that
 * made it last.
 */
void between_write(struct show *s, const struct between *b);

#endif
