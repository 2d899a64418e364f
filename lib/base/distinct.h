/*
 * distinct - how many different things there were, by their hashes.
 *
 * Exact up to DISTINCT_MOST; more are not told apart from that many.
 */
#ifndef BASE_DISTINCT_H
#define BASE_DISTINCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DISTINCT_MOST = 1 << 20 };

/* Starts as zero. */
struct distinct {
	uint64_t *slot; /* 0 where it is free */
	size_t mask, n;
	bool more; /* than DISTINCT_MOST */
};

/* Count a hash, unless it was there; false where memory is missing. */
bool distinct_add(struct distinct *d, uint64_t hash);
void distinct_release(struct distinct *d);

#endif
