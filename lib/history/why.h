/*
 * why - how a value of an event came to be, to the bottom.
 *
 * The record that set a path is the last one behind which its value, or
 * whether there is one, differs.  What its rule made the value of, and what
 * decided about it, is asked again of the event as that stage received it,
 * down to what was read, or came from a row of a table.  What can't be told
 * is said to be so, never guessed.
 */
#ifndef HISTORY_WHY_H
#define HISTORY_WHY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "history/pointer.h"
#include "history/rewind.h"
#include "history/rule.h"
#include "history/timeline.h"
#include "history/view.h"
#include "value/value.h"

enum why_kind {
	WHY_READ,     /* no record set it: it is as the event was read */
	WHY_SET,      /* its record's stage set it */
	WHY_REMOVED,  /* it took it away */
	WHY_ROW,      /* it set it from a row of a table */
	WHY_LINE,     /* it made the event of a line of text */
	WHY_EVENTS,   /* it made the event of others */
	WHY_STREAM,   /* it keeps a state: the event, and others before it */
	WHY_REVERTED, /* it took a record back; of has the value then */
	WHY_ABSENT,   /* it isn't there, and no record removed it */
	WHY_OUTSIDE,  /* others did after its record, or it is older */
	WHY_UNKNOWN,  /* its record, or an earlier one, set it; no undo */
	WHY_ANYWHERE, /* of anything in the event that the record received */
	WHY_CONTEXT,  /* of $lineage, $stage, $source or $line */
	WHY_MORE,     /* here the answer was cut short: it became too long */
};

struct why {
	struct why *next; /* beside it in of, or by */
	enum why_kind kind;
	bool again;          /* of and by were told before */
	bool placed;         /* site is a place of the event */
	bool has;            /* is there a value? */
	struct site site;    /* open: any part of what is there */
	struct value value;  /* as it was then */
	size_t record;       /* from 1: which one; 0 for WHY_READ */
	size_t row;          /* of the "rows" in its "from"; SIZE_MAX: all */
	struct why *of, *by; /* what it was made of, and what decided */
};

/* An event that is asked about; the views are of its n records. */
struct why_event {
	struct arena *a;
	struct rules *rules;
	struct value event;
	const struct view *v;
	size_t n;
};

/* The states of an event, and what was found out already. */
struct why_asking;

/*
 * Take the event back through its history; rules_begin() comes before it.
 * NULL where an undo is malformed: error names the record.
 */
struct why_asking *why_start(
    const struct why_event *e, struct rewind_error *error);

/* How the value at a path came to be.  All memory is the arena's. */
struct why *why_value(struct why_asking *q, const struct pointer *path);

/*
 * What decided that the event is here: a list of stages that might have
 * turned it away, in their order, each with what it looked at as by.  They
 * are WHY_SET, and of no place.
 */
struct why *why_here(struct why_asking *q);

/*
 * The values that a path had before: a list from the newest on, each with
 * the record that set it, without of and by.
 */
struct why *why_past(struct why_asking *q, const struct pointer *path);

#endif
