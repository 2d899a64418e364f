/*
 * graph - the pipeline that events went through, found from their histories.
 *
 * The stages are those of a meter, and the numbers are its numbers.  Besides
 * them stand the sources that the events were read from, the tables that
 * enrichments read, and what was lost on the way: turned away, rejected,
 * dropped.  An arrow joins two stages whose records follow each other.
 * Memory is bounded on any number of events: what has no room is counted.
 */
#ifndef RENDER_GRAPH_H
#define RENDER_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/distinct.h"
#include "base/histogram.h"
#include "render/meter.h"
#include "value/value.h"

enum {
	GRAPH_ARROWS = 512,
	GRAPH_TABLES = 64,
	GRAPH_SOURCES = 32,
	GRAPH_LINES = 1 << 28,  /* of a source that are told apart */
	GRAPH_END = UINT16_MAX, /* behind the last stage */
};

struct graph_arrow {
	uint16_t from, to;  /* numbers of stages; to may be GRAPH_END */
	enum ending ending; /* of events that left the main path */
	uint64_t events;
	struct histogram times; /* microseconds between the two */
};

struct graph_table {
	char name[METER_TEXT];
	uint16_t stage; /* that reads it */
	uint64_t found; /* rows, one counted as often as it was found */
	struct distinct rows;
};

/* A source, and which of its lines were met. */
struct graph_source {
	char name[METER_TEXT];
	uint64_t first, last, met;
	unsigned char *bits; /* of the lines */
	size_t size;
	bool vague; /* there are lines that can't be told apart */
};

/* The file that holds what was lost at a stage; NULL where there are more. */
struct graph_file {
	char *name;
	bool more;
};

/* Starts as zero. */
struct graph {
	struct meter meter;
	uint64_t others; /* rows, sources and steps that had no room */
	bool partial;    /* events were picked: nothing is told missing */
	struct graph_arrow *arrow[GRAPH_ARROWS];
	struct graph_table *table[GRAPH_TABLES];
	struct graph_source *source[GRAPH_SOURCES];
	uint16_t arrows, tables, sources;
	struct graph_file file[METER_STAGES][ENDINGS];

	/* Called with each record, as the meter's is, where it isn't NULL. */
	void (*step)(void *arg, struct arena *a, const struct meter_step *s);
	void *arg;

	/* Of the event in hand: */
	int last; /* its stage before; -1: none */
	enum ending ending;
	bool origin; /* was told by a record before */
};

/* Count an event, which was read from a file of that name. */
void graph_event(
    struct graph *g, struct arena *a, struct value history, const char *file);
void graph_release(struct graph *g);

/*
 * Events that are in none of the files though lines around them are, and the
 * stage that is to blame: the only filter that turned nothing away as far as
 * is known.  -1: there is no such stage.
 */
uint64_t graph_missing(const struct graph *g, int *stage);

/* Append it in a language for graphs, or as a picture. */
void graph_dot(struct buf *out, const struct graph *g);
void graph_mermaid(struct buf *out, const struct graph *g);
void graph_svg(struct buf *out, const struct graph *g);

/* --- what the writers share --- */

/*
 * Appends well-formed text, on one line, with each harmless character spelled
 * by put.
 */
void graph_text(struct buf *out, const char *text, size_t max,
    void (*put)(struct buf *out, char c));

/* "map price", with at most so many characters of the name. */
void graph_title(struct buf *out, const struct meter_stage *s, size_t max,
    void (*put)(struct buf *out, char c));

/* 9,999 */
void graph_number(struct buf *out, uint64_t n);

/* "1 row", "56 rows" of a table, "more than 1,048,576 rows" */
void graph_rows(struct buf *out, const struct graph_table *t);

#endif
