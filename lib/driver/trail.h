/*
 * trail - what a stage doesn't pass on, appended to a file that all stages
 * of a pipeline share (--trail, MS_TRAIL).
 *
 * Events that were turned away, gave no output or were rejected are written
 * as they were read, with a record that says "kept":false, and why.  What is
 * no event is written as a reject (see rejects.h).  The first and the last
 * line of each stage are control lines, {"ms.trail":{...}}, which filters pass
 * over: the last one holds its counts.  Where it is missing the stage was
 * killed.
 */
#ifndef DRIVER_TRAIL_H
#define DRIVER_TRAIL_H

#include "driver/rejects.h"
#include "driver/task.h"

/*
 * Add the event in hand, with what its record says so far and the error,
 * which may be NULL.  No memory of the arena is asked for.
 */
void trail_event(struct task *t, const char *error);

/* Add a line of text (-R) of which the program made nothing. */
void trail_text(struct task *t);

/* Add a reject: as an event where it is one, whose history was found. */
void trail_reject(struct task *t, const struct reject *r);

/* Add the reject of an event that was made beside the one in hand. */
void trail_made(struct task *t, const struct reject *r);

/*
 * Write a stage's first line, or its last one with the counts; started is
 * when it began, CLOCK_STAMP bytes.
 */
void trail_line(struct buf *out, const struct stage *stage, const char *started,
    const struct counts *counts);

#endif
