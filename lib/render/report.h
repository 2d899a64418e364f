/*
 * report - one page of HTML that shows events and their histories.
 *
 * The page is report.html, with the graph and the events in it.  Events
 * are JSON strings within JSON, whose <, > and & (and what ends a line in
 * JavaScript) are \u escapes, so that no event can end the script element
 * that holds them; the page's script makes text of them, never markup.
 */
#ifndef RENDER_REPORT_H
#define RENDER_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/writer.h"
#include "render/graph.h"

enum { REPORT_BYTES = 64 << 20 }; /* of events, as the page spells them */

struct report {
	struct graph graph;
	struct buf events; /* the first of them, as a JSON array's inside */
	size_t kept, cap;  /* of them */
	uint64_t large;    /* that had no room, though more might be kept */
	uint64_t total;
};

/*
 * Count an event, and keep its line where there is room.  r starts as zero
 * but for cap.
 */
void report_event(struct report *r, struct arena *a, struct value history,
    const char *line, size_t len);

/*
 * Put the page; key is the name of the member that is the history.  False
 * where memory is missing; what the writer failed at, it says itself.
 */
bool report_write(const struct report *r, struct writer *w, const char *key);

/* Free the graph and the events that were kept. */
void report_release(struct report *r);

/* Does a file that starts so hold such a page? */
bool report_is_page(const char *text, size_t len);

#endif
