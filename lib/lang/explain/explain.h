/*
 * explain - what a program reads and writes, and which reads reach which
 * write, told from its text alone.
 *
 * It says too much rather than too little: what the program may read or
 * write is told, and where a path isn't constant its longest constant
 * prefix stands, with a *.  Looking up .a.b reads .a.b and nothing else of
 * .a.  An event that a program rejects, by an error, is not its output.
 */
#ifndef LANG_EXPLAIN_EXPLAIN_H
#define LANG_EXPLAIN_EXPLAIN_H

#include "lang/explain/flow.h"
#include "lang/compile/compiler.h"

enum how_written {
	WRITTEN_SET,
	WRITTEN_REMOVED,
	WRITTEN_FILTERED, /* the event is as it was, or isn't passed on */
};

struct written {
	struct site site;
	enum how_written how;
	struct sites copied; /* may be what stands there, unchanged */
	struct sites from;   /* or is computed from these */
	struct sites by;     /* decide about it */
	uint32_t where; /* byte of the program that writes it, from 1; or 0 */
};

struct explain_report {
	bool unknown; /* it would have taken too many steps: all is possible */
	struct sites reads; /* least */
	uint32_t n;
	struct written *writes;
	const struct shape *out; /* what it gives; NULL: nothing, or unknown */
};

/*
 * Explain a program that changes events (event is false where it takes
 * lines as strings).  All memory is the arena's.  It takes a bounded number
 * of steps, whatever the program is: beyond, the report is that it may read
 * and write anything, and is marked as unknown.
 */
void explain_program(struct arena *a, const struct program *p, bool event,
    struct explain_report *e);

/* Append it for people, or as one line of JSON. */
void explain_report_write(struct buf *out, const struct explain_report *e);
void explain_report_write_json(struct buf *out, const struct explain_report *e);

#endif
