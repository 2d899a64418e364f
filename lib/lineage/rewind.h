/*
 * rewind - an event taken back to what an earlier stage received.
 */
#ifndef LINEAGE_REWIND_H
#define LINEAGE_REWIND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "value/value.h"

/* The record to go back before: a number, or else a name. */
struct rewind {
	size_t number;    /* from 1; 0 where there is a name */
	const char *name; /* a stage's name, or failing that an op */
};

struct rewind_error {
	char text[256];
};

/* Read a number from 1, or a name; false for 0 and below, and for "". */
bool rewind_parse(struct rewind *r, const char *text);

/*
 * Take *event back to what it was before that record, and cut *history to
 * what it held then.  On failure both are as they were, and error says
 * which record can't be taken back, and why.
 */
bool rewind_event(struct arena *a, const struct rewind *r, struct value *event,
    struct value *history, struct rewind_error *error);

#endif
