/*
 * worker_parts - what the files of a worker share, and nobody else sees.
 */
#ifndef DRIVER_WORKER_PARTS_H
#define DRIVER_WORKER_PARTS_H

#include <setjmp.h>

#include "driver/forgetting.h"
#include "driver/task.h"
#include "driver/worker.h"
#include "json/layout.h"

enum { WORKER_FETCHES = 3 }; /* stages of fetch() of command.h */

struct prepared;

/* Lines of a piece that are worked on together: see worker_batch.c. */
struct batch {
	struct arena arena; /* until the last of them is written */
	struct prepared *first, **end;
	struct prepared *judged;                  /* the next one that isn't */
	struct prepared *written;                 /* the same */
	struct prepared *fetched[WORKER_FETCHES]; /* the same, of each stage */
	struct prepared *hand;                    /* the one in hand, */
	bool judging;            /* to be judged, else to be written */
	bool halted;             /* nothing behind is wanted */
	enum scan_status status; /* of the line behind, not taken yet: */
	struct line line;
	uint64_t index;
};

struct worker {
	struct task task;
	struct scan scan;
	struct forgetting forgetting; /* where something is to be */
	struct account entries;       /* of the scan, whose lines may be long */
	struct keys keys;
	jmp_buf overflow;
	struct buf origin;  /* of events from the source in hand */
	const char *resume; /* where to go on in the piece, or NULL */
	struct worker_hooks hooks;
	bool has_turn; /* of the window in hand */
	struct batch batch;
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

/* --- worker_batch.c: lines that are judged in order --- */

/* The memory for a piece of lines, and its end. */
void worker_batch_init(struct worker *w);
void worker_batch_release(struct worker *w);

/*
 * Work on lines of the piece, up to one that has to wait until nobody works
 * before it; last says that the window ends with the piece.  Gives that line's
 * status, where it is in hand, or SCAN_END.
 */
enum scan_status worker_take_batch(struct worker *w, bool last);

/* Wait for the window's turn, unless it is there; false where all ends. */
bool worker_take_turn(struct worker *w);

/* --- worker.c --- */

enum { WORKER_ERROR = 96 }; /* bytes of such a message */

/* Say which memory ended, or what else. */
void worker_say_greedy(struct worker *w, char error[WORKER_ERROR]);

/* The event in hand asked for more than its arena may hold. */
void worker_reject_greedy(struct worker *w);

#endif
