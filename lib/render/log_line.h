/*
 * log_line - an event's history on one line.
 */
#ifndef RENDER_LOG_LINE_H
#define RENDER_LOG_LINE_H

#include <stddef.h>

#include "history/view.h"
#include "render/show.h"

/*
 * Append the first characters of the id, the origin, the time from end to
 * end, what became of the event, the stages that changed it, and where the
 * line is wide, the first values of the event.
 */
void log_line_write(
    struct show *s, const struct show_event *e, const struct view *v, size_t n);

#endif
