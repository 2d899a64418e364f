/*
 * contrast - two outputs of a pipeline beside each other: each difference,
 * and a summary of all.
 */
#ifndef RENDER_CONTRAST_H
#define RENDER_CONTRAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "history/divergence.h"
#include "render/show.h"

enum { CONTRAST_ROWS = 1000, CONTRAST_TEXT = 200 };

/* A row of the summary: how many differences were alike. */
struct contrast_row {
	char what[CONTRAST_TEXT], why[CONTRAST_TEXT];
	uint64_t events;
};

/* Rows of one kind, in the order in which they were met. */
struct contrast_rows {
	struct contrast_row *row;
	size_t n, cap;
	uint64_t others; /* differences for which there was no row */
};

/* What became of an event that is only in one of both. */
struct fate {
	const char *what; /* as in "rejected by map price"; NULL: not known */
	const char *why;  /* the reason, or "" */
	bool elsewhere;   /* it is in another output */
};

/* Starts as zero but for what the user says. */
struct contrast {
	const struct terminal *terminal;
	bool each; /* each difference is shown */
	bool json;
	const char *names[2]; /* of the old and the new one */

	uint64_t events[2], same, changed, only[2], elsewhere[2];
	struct contrast_rows paths, fates[2];
	struct contrast_rows left_out; /* differences that don't count */
	struct contrast_rows unjudged; /* what wasn't compared */
	bool starved;                  /* memory was missing for a row */
};

/* End the memory that the rows take. */
void contrast_release(struct contrast *c);

/* An event that is in both, and what differs in it: NULL, nothing. */
void contrast_pair(struct contrast *c, struct buf *out, struct arena *a,
    const struct divergence *d, const struct divergence_side *old,
    const struct divergence_side *new, const struct show_event *e);

/* An event that is only in side 0, the old, or 1, the new. */
void contrast_only(struct contrast *c, struct buf *out, struct arena *a,
    int side, const struct fate *fate, const struct show_event *e);

/* A difference that doesn't count, and why. */
void contrast_leave_out(
    struct contrast *c, const struct divergence *d, const char *why);

/* Something that isn't compared, and why. */
void contrast_pass_over(struct contrast *c, const char *what, const char *why);

/* Is there anything that differs? */
bool contrast_differs(const struct contrast *c);

/* Append the summary: a table, or an object on one line. */
void contrast_write(const struct contrast *c, struct buf *out);

#endif
