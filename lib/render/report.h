/*
 * report - one page of HTML that shows events and their histories.
 *
 * The page's parts are in page/; what they show is one JSON text: the amounts
 * of a graph, what each stage does, and the events, packed (see report_pack.h
 * and page/events.js).  Its strings are spelled so that none can end the
 * element that holds them; the page's script makes text of them, never markup.
 */
#ifndef RENDER_REPORT_H
#define RENDER_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history/rule.h"
#include "io/writer.h"
#include "record/lineage.h"
#include "render/graph.h"
#include "render/span_bins.h"
#include "render/texts.h"

enum { REPORT_BYTES = 64 << 20 }; /* of events, as the page spells them */

/* Events of one ending, the first of them. */
struct report_kept {
	struct buf events; /* as JSON, one behind the other */
	struct report_one {
		size_t at, len;  /* in events */
		size_t texts, n; /* its texts' numbers, in texts_of */
	} * one;
	size_t n, cap;
	uint32_t *texts_of;
	size_t texts_n, texts_cap;
};

/* What is known of a stage beside the graph; by its number there. */
struct report_stage {
	double came, went; /* parts of a fork are as many parts of an event */
	char *does;        /* what its rule reads and writes, as JSON */
};

struct report {
	struct graph graph;
	struct lineage lineage; /* knows the key of histories, */
	const char *key;        /* which is this */
	struct rules *rules;
	struct texts texts;
	struct span_bins bins;
	struct report_stage stage[METER_STAGES];
	struct report_kept kept[ENDINGS];
	struct distinct lost; /* that are known, by their hashes */
	size_t most;          /* events that the page shows */
	size_t bytes;         /* of all that are kept */
	uint64_t large;       /* that had no room, though more might be kept */
	uint64_t again;       /* lost events that two files told */
	uint64_t total;       /* events, without those */
	double came;          /* in: forks are one, results all they are of */
	size_t shown;         /* of them, by report_write() */

	/* Of the event in hand: */
	struct report_step *steps;
	size_t steps_n;
};

/*
 * r starts as zero but for most; key is the name of the member that is the
 * history, and is borrowed.  -1 where memory is missing.
 */
int report_init(struct report *r, const char *key);
void report_release(struct report *r);

/*
 * Count an event, or a line of rejects, and keep it where there is room.  The
 * event's history is hidden; file is what it was read from, or NULL.
 */
void report_event(struct report *r, struct arena *a, struct value event,
    struct value history, const char *file);

/*
 * Put the page.  False where memory is missing; what the writer failed at,
 * it says itself.
 */
bool report_write(struct report *r, struct writer *w);

/* Does a file that starts so hold such a page? */
bool report_is_page(const char *text, size_t len);

#endif
