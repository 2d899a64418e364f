/*
 * report - one page of HTML that shows events and their journeys.
 *
 * The page is report.html, with the graph and the events in it.  Events
 * are JSON strings within JSON, whose <, > and & (and what ends a line in
 * JavaScript) are \u escapes, so that no event can end the script element
 * that holds them; the page's script makes text of them, never markup.
 */
#ifndef RENDER_REPORT_H
#define RENDER_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "render/graph.h"

struct report {
	struct graph graph;
	struct buf events; /* the first of them, as a JSON array's inside */
	size_t kept, cap;  /* of them */
	uint64_t total;
};

/* Starts as zero but for cap.  Count an event, and keep its line. */
void report_event(struct report *r, struct arena *a, struct value history,
    const char *line, size_t len);

/* Append the page; key is the name of the member that is the history. */
void report_write(const struct report *r, struct buf *out, const char *key);
void report_release(struct report *r);

#endif
