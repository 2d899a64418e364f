/*
 * books - what entered a pipeline, and where each event ended.
 *
 * Reads outputs, a trail and inputs line by line, in any order among them;
 * what is out of step between them waits in a ledger.  The stages are known by
 * the records of the events and by the lines that they wrote to the trail
 * when they began and ended.
 */
#ifndef BOOKS_H
#define BOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "history/ledger.h"
#include "value/value.h"

enum {
	BOOKS_STAGES = 64,
	BOOKS_LOSSES = 256, /* beyond, they are counted together */
	BOOKS_SOURCES = 4096,
	BOOKS_NAME = 96,
	BOOKS_REASON = 160,
	BOOKS_LISTED = 10, /* that are missing, for people */
};

struct books_stage {
	uint64_t which; /* a digest of op, stage and rule */
	char name[BOOKS_NAME];
	size_t place;        /* of its records in histories; SIZE_MAX: none */
	uint64_t runs, ends; /* lines in the trail */
	uint64_t read, written;
};

enum books_kind { BOOKS_AWAY, BOOKS_EMPTY, BOOKS_REJECTED };

struct books_loss {
	enum books_kind kind;
	char name[BOOKS_NAME], reason[BOOKS_REASON];
};

struct books {
	struct ledger ledger;
	struct books_stage stage[BOOKS_STAGES];
	size_t stages;
	struct books_loss loss[BOOKS_LOSSES];
	size_t losses;
	char *source[BOOKS_SOURCES]; /* by number */
	size_t sources;
	uint64_t last_line; /* of the source that was met last */
	uint64_t unknown;   /* events with neither id nor origin */
	uint64_t unended;   /* runs without a last line */
	uint64_t vague;     /* results that don't name all their lines */
	bool json;
};

/* End the memory that the books take. */
void books_release(struct books *c);

/* A line of an input: an event with a history, or anything else. */
void books_enter(struct books *c, struct arena *a, const char *source,
    uint64_t line, struct value history);

/* An event of an output or of the trail. */
void books_event(
    struct books *c, struct arena *a, struct value event, struct value history);

/* A stage's control line in the trail; false where it is none. */
bool books_control(struct books *c, struct arena *a, struct value line);

/* Tell it all; false where the books aren't balanced. */
bool books_write(struct books *c, struct buf *out);

#endif
