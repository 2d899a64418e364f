/*
 * graph - the pipeline that events went through, found from their histories.
 *
 * A box is a stage: an op with its stage name and rule (where an event
 * meets the same one again, that is another box), or a table that an
 * enrichment read.  An arrow joins two records that follow each other.
 * Those that a filter turned away leave it by an arrow of their own.
 * Memory is bounded on any number of events: what has no room is counted.
 */
#ifndef RENDER_GRAPH_H
#define RENDER_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/histogram.h"
#include "history/view.h"
#include "value/value.h"

enum {
	GRAPH_BOXES = 128,
	GRAPH_ARROWS = 512,
	GRAPH_TEXT = 160, /* bytes of a name or rule, with its NUL */
};

enum graph_kind { GRAPH_STAGE, GRAPH_TABLE, GRAPH_ELSE };

struct graph_box {
	enum graph_kind kind;
	uint64_t hash;
	uint64_t met;    /* the last event that was seen there */
	uint64_t events; /* records, or rows taken from a table */
	uint64_t forked; /* of them, one of several */
	uint64_t away;   /* of them, turned away */
	uint64_t made;   /* events that they were made of */
	char op[GRAPH_TEXT], name[GRAPH_TEXT], rule[GRAPH_TEXT];
};

struct graph_arrow {
	uint16_t from, to;
	bool away; /* of events that were turned away */
	uint64_t events;
	struct histogram times; /* microseconds between the two */
};

struct graph {
	uint64_t events;
	uint64_t without; /* events without a history */
	uint64_t others;  /* records, rows and steps that had no room */
	struct graph_box *box[GRAPH_BOXES];
	struct graph_arrow *arrow[GRAPH_ARROWS];
	uint16_t boxes, arrows;
	struct view_clock clock;
};

/* Starts as zero. */
void graph_event(struct graph *g, struct arena *a, struct value history);
void graph_release(struct graph *g);

/* Append it in a language for graphs, or as a picture. */
void graph_dot(struct buf *out, const struct graph *g);
void graph_mermaid(struct buf *out, const struct graph *g);
void graph_svg(struct buf *out, const struct graph *g);

/* --- what the writers share --- */

/* Appends well-formed text with each harmless character spelled by put. */
void graph_text(struct buf *out, const char *text, size_t max,
    void (*put)(struct buf *out, char c));

/* "map price" and the like, with at most so many characters of the name. */
void graph_title(struct buf *out, const struct graph_box *b, size_t max,
    void (*put)(struct buf *out, char c));

/* "118 events, 2 by forks", "1 row": how many events a box has seen. */
void graph_events(struct buf *out, const struct graph_box *b);

/* "118, 1.2ms": events of an arrow, and their median. */
void graph_count(struct buf *out, const struct graph_arrow *w);

#endif
