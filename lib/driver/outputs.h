/*
 * outputs - where results go: standard output, --else, --rejects, --trail,
 * and standard error.
 *
 * Two names of the same file (or "-", or /dev/stdout) share one writer, so
 * that lines never overwrite one another.
 */
#ifndef DRIVER_OUTPUTS_H
#define DRIVER_OUTPUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "driver/result.h"
#include "driver/settings.h"
#include "driver/stage.h"
#include "driver/stats.h"
#include "io/writer.h"

enum { OUTPUTS_WRITERS = 4 };

struct outputs {
	const char *command;
	struct writer own[OUTPUTS_WRITERS];
	struct writer *standard; /* the others are NULL: not asked for */
	struct writer *turned_away, *rejects, *trail;
	struct stats *stats;
	struct counts total;
	uint64_t read, written; /* lines since the last barrier */
	unsigned told;          /* of the bad lines */
	const char *source;     /* of the last result */
	struct kinds kinds;     /* that were told of it */
	/* Of a stage that keeps what it changes; NULL for others. */
	const struct stage *keeper;
	const struct stage *beside; /* the same, beside the stream */
	bool keep_end;              /* the settings' */
	struct timespec begun;      /* the same */
	struct buf held;     /* lines of the batch, for standard output */
	uint64_t batch;      /* lines of input that it took */
	int64_t batch_since; /* microseconds, of a clock that goes forward */
	bool document;       /* barriers end here */
	bool failed;         /* a write failed, or lines were lost */
};

/* Open what the stage's settings name; -1 after a complaint. */
int outputs_open(struct outputs *o, const struct settings *set,
    const struct stage *stage, struct stats *stats);

/*
 * Send a result on its way, and clear it.  False after a complaint where
 * nothing more should be read.
 */
bool outputs_commit(struct outputs *o, struct result *r);

/*
 * Write again what the keeper's earlier run may not have written; false after
 * a complaint.
 */
bool outputs_resume(struct outputs *o);

/* End the batch, and write out what is buffered; false after a complaint. */
bool outputs_flush(struct outputs *o);

/* Write a line of time among the events, as one that it made. */
void outputs_time(struct outputs *o, int64_t micros);

/*
 * The input has ended, and no signal ended it: where the settings say
 * keep_end, have the state kept, behind the lines.
 */
void outputs_keep_end(struct outputs *o);

/*
 * Write the stage's first line to the trail, where there is one, or its last
 * line with the counts; started is when it began.
 */
void outputs_trail(struct outputs *o, const struct stage *stage,
    const char *started, bool ended);

/* Is this the file that somebody already writes to? */
bool outputs_use(const struct outputs *o, int fd);

/* Tell the bad lines that nobody told, close all; failed says the rest. */
void outputs_close(struct outputs *o);

#endif
