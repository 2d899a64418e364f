/*
 * ledger - the events that entered a pipeline, and what became of them.
 *
 * An entry waits until all of its event is found, and is forgotten then: its
 * line among the inputs, where these are known, and each part that it was
 * forked into, at an end.  So what is held is what is out of step between the
 * files, at most 46 bytes an event.
 *
 * That an event is whole is told without a list of its parts.  The whole has
 * the weight 1; a fork divides the weight of what is forked among its parts,
 * by shares that depend on its place and add up to 1 modulo the prime 2^61-1.
 * No other set of parts adds up to 1, but by chance (1 in 10^18).
 */
#ifndef HISTORY_LEDGER_H
#define HISTORY_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "value/value.h"

/* What an event is known by: a UUID, or a source's number and a line. */
struct ledger_key {
	uint64_t high, low;
	bool is_line;
};

struct ledger_entry {
	uint64_t high, low;
	uint64_t weight; /* of the parts that were found */
	uint32_t loss;   /* the first that one of them met, from 1; or 0 */
	uint8_t flags;   /* of enum ledger_flag; 0: no entry */
};

enum ledger_flag {
	LEDGER_USED = 1,
	LEDGER_LINE = 2,    /* the key is a line */
	LEDGER_ENTERED = 4, /* it is among the inputs */
	LEDGER_FOUND = 8,   /* a part of it was */
	LEDGER_OUT = 16,    /* in an output */
	LEDGER_RESULT = 32, /* in a result that was made of many */
};

struct ledger {
	bool inputs; /* they are known: an event is whole only with its line */
	struct ledger_entry *entry;
	size_t n, mask; /* used; entries less one */
	bool failed;    /* memory is missing */
	uint64_t entered, out, results, in_part;
	uint64_t *lost; /* by number of the loss, from 1 */
	size_t losses;
};

/* End the memory that the ledger takes. */
void ledger_release(struct ledger *l);

/* An event that entered. */
void ledger_enter(struct ledger *l, const struct ledger_key *key);

/*
 * A part of it, with its forks as of identity_read(), at an end: an output,
 * where loss is 0, or that loss.
 */
void ledger_part(struct ledger *l, const struct ledger_key *key,
    struct value forks, uint32_t loss);

/* It is in a result; may be said more than once, where inputs are known. */
void ledger_result(struct ledger *l, const struct ledger_key *key);

/* Count events of which nothing is known but what became of them. */
void ledger_count(struct ledger *l, uint32_t loss);

#endif
