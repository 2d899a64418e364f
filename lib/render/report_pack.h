/*
 * report_pack - an event as a page has it.
 *
 *	[id, source, line, ending, time, text, records, more]
 *	record: [stage, time since the one before, undo, more]
 *
 * Text is the event without its history.  A source, each operation of an undo
 * and the rest of a record are numbers of texts, since many events have the
 * same ones.  What says nothing at the end is left out.
 */
#ifndef RENDER_REPORT_PACK_H
#define RENDER_REPORT_PACK_H

#include "history/identity.h"
#include "history/view.h"
#include "render/report.h"

/* A record of the event in hand. */
struct report_step {
	int stage;      /* its number, or METER_STAGES: it had no room */
	int64_t micros; /* since the record before; below 0: not known */
};

struct report_packing {
	struct report *report;
	struct arena *a;
	struct value event; /* no object: the line held none */
	struct value text;  /* what it held instead */
	const struct view *v;
	size_t n;
	struct identity who;
	enum ending ending;
	bool timed;
	int64_t time;
	struct buf *out;
	uint32_t *texts; /* the numbers that it needs */
	size_t texts_n, texts_cap;
};

/* Append the event to out, as page/events.js unpacks it. */
void report_pack(struct report_packing *p);

#endif
