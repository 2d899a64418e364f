/*
 * seal_check - is the chain of a history's seals whole?
 *
 * Each record's m is computed anew, from the first record to the last, and
 * compared; what doesn't fit is pinned to the first record at fault.  What
 * states the seals attest is for verify to see, which takes the event back.
 */
#ifndef HISTORY_SEAL_CHECK_H
#define HISTORY_SEAL_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "history/view.h"
#include "record/seal.h"

enum seal_fault {
	SEAL_SOUND,
	SEAL_BROKEN,  /* a record was changed, moved, added, or one dropped */
	SEAL_MISSING, /* a stage ran without a key, or a seal was taken away */
	SEAL_UNKNOWN, /* it was made with another key */
};

struct seal_finding {
	enum seal_fault fault;
	size_t record; /* at fault, from 0 */
	char why[160];
	size_t sealed; /* records that are, where all is sound */
};

/* A record's seal, with the key that it was checked by. */
struct seal_of {
	const struct seal_key *key; /* NULL: it has none */
	struct seal_link link;
};

/*
 * Check n records, each of which is as ms-lineage(5) has it; seals, n of
 * them, get what they say, as far as all is sound.  all: every record must
 * have a seal.
 */
void seal_check(struct arena *a, const struct seal_keys *keys, bool all,
    const struct view *v, size_t n, struct seal_of *seals,
    struct seal_finding *f);

#endif
