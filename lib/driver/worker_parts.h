/*
 * worker_parts - what the files of a worker share, and nobody else sees.
 */
#ifndef DRIVER_WORKER_PARTS_H
#define DRIVER_WORKER_PARTS_H

#include <setjmp.h>

#include "driver/task.h"
#include "driver/worker.h"
#include "json/layout.h"

struct worker {
	struct task task;
	struct scan scan;
	struct account entries; /* of the scan, whose lines may be long */
	struct keys keys;
	jmp_buf overflow;
	struct buf origin;  /* of events from the source in hand */
	const char *resume; /* where to go on in the piece, or NULL */
};

/* --- worker_line.c: one line --- */

/*
 * Work on the next line of the piece, or with -R on a line of text; false
 * where none is left.
 */
bool worker_take_line(struct worker *w);
bool worker_take_raw_line(struct worker *w);

/* Work on the line in hand, as its scan left it. */
void worker_take_scanned(struct worker *w, enum scan_status status);

/*
 * Reject a line for its length.  What was read of it isn't kept: how much
 * that is depends on how the bytes came.
 */
void worker_reject_long(struct worker *w);

/*
 * So many NUL bytes stand before an event, where a crash left a hole: they
 * are a reject, and the event is the line that comes next, of the same number.
 */
void worker_reject_padding(struct worker *w, size_t n);

#endif
