/*
 * verify - is an event's history sound?
 *
 * Every record is as ms-lineage(5) has it, no time lies before that of the
 * record before, the event took an expected route, nobody else changed it,
 * and the undo patches apply from the last to the first and lead to what the
 * records say that they read.  With keys, all that by seals (seal_check.h).
 * A record that honestly lacks its undo (truncated, slim, forgotten) is no
 * fault; it ends what can be checked.
 */
#ifndef HISTORY_VERIFY_H
#define HISTORY_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "history/rewind.h"
#include "history/view.h"
#include "value/value.h"

enum verify_fault {
	VERIFY_SOUND,
	VERIFY_FORM,
	VERIFY_TIME,
	VERIFY_OUTSIDE, /* others changed the event */
	VERIFY_UNDO,
	VERIFY_SUM, /* taken back, it isn't what a record says that it was */
	VERIFY_ROUTE,
	VERIFY_CHAIN, /* a record isn't the one that was sealed */
	VERIFY_BARE,  /* a record has no seal */
	VERIFY_KEY,   /* one is sealed with a key that isn't given */
	VERIFY_FAULTS,
};

enum { VERIFY_ROUTES = 16 };

struct verify {
	/* "trace,filter,map:price": ops, with stages where they matter */
	const char *route[VERIFY_ROUTES];
	size_t routes;                /* 0: any will do */
	bool allow_outside;           /* what others changed is no fault */
	const struct seal_keys *keys; /* NULL: seals are passed over */
	bool all_sealed; /* an event without seals is at fault, too */
};

struct finding {
	enum verify_fault fault;
	struct rewind_error error; /* names the record at fault */
	size_t unknown;            /* record that can't be taken back, or 0 */
	size_t outside; /* record after which others changed it last, or 0 */
	size_t sealed;  /* records whose seals are good */
};

/* Is this text a route? */
bool verify_route(const char *text);

/* The first fault that is found, if any. */
void verify_event(const struct verify *how, struct arena *a, struct value event,
    struct value history, struct finding *out);

#endif
