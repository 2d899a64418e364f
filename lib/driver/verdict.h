/*
 * verdict - carries out what a command's callback said of its event.
 *
 * Passes the event or its outputs on, turns it away, counts it as dropped,
 * or rejects it, after the checks had their say.
 */
#ifndef DRIVER_VERDICT_H
#define DRIVER_VERDICT_H

#include "driver/task.h"
#include "value/value.h"

/*
 * Show the command the event root, begun before, and do as it says.  The
 * arena's overflow is for the caller to catch.
 */
void verdict_run(struct task *t, struct value root);

/* Do as the command said of the event in hand: out held so much before it. */
void verdict_carry_out(struct task *t, enum verdict verdict, size_t from);

/*
 * Show the command a time that a control line says, and get what it is to say
 * behind; false where the stage ends.
 */
bool verdict_time(struct task *t, int64_t time, int64_t *passed_on);

/* Show the command a line that signs events; false where it is wrong. */
bool verdict_seal(struct task *t, struct value root);

/* Show the command the end of the input, which a signal may have cut. */
void verdict_end(struct task *t, bool cut);

#endif
