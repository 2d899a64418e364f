/*
 * result - what some lines became: text for every output, and counts.
 *
 * Results are filled by workers, in any order, and committed in the order
 * of the input.  A barrier's line stands in the output where it came; a
 * mark says where, since others may only be written up to there.
 */
#ifndef DRIVER_RESULT_H
#define DRIVER_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "driver/control.h"
#include "driver/input_kind.h"
#include "driver/stats.h"

enum { RESULT_BATCH = 10000 }; /* lines, before a batch may end */

enum { MESSAGES = 10 }; /* bad lines that are told one by one */

/* How much of its texts a result had at some time. */
struct extent {
	size_t out, turned_away, rejects, trail, messages;
};

/* A barrier that stands in a result's output. */
struct mark {
	struct barrier barrier; /* offsets count from at.out */
	struct extent at;       /* before its line, which is in out */
	size_t len;             /* of that line, without newline */
	struct counts counts;   /* of what stands before */
	uint64_t read, written; /* lines since the mark before */
};

/* What a window became, or of the part since the last commit. */
struct result {
	struct buf out, turned_away, rejects, trail;
	/*
	 * Whole lines, MESSAGES at most.  One that tells what the input is
	 * starts with \1 and 'a' + enum input_kind.
	 */
	struct buf messages;
	unsigned messages_n;
	struct kinds kinds; /* of the input, as the messages tell it */
	const char *source; /* of the window */
	struct counts counts;
	uint64_t read, written; /* lines since the last mark */
	struct mark *marks;
	size_t marks_n, marks_cap;
	bool stopped;       /* nothing behind this is wanted */
	bool no_memory;     /* something is missing here */
	bool aborted;       /* the command failed: */
	struct buf failure; /* a line that says why */
};

/* How much of its texts the result has now. */
struct extent result_extent(const struct result *r);

/* Forget everything, but for memory that the next use wants again. */
void result_clear(struct result *r);

/* Free all that a result holds. */
void result_release(struct result *r);

/* Add a barrier, and its line to out. */
void result_mark(
    struct result *r, const struct barrier *b, const char *text, size_t len);

#endif
