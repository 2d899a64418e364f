/*
 * order - keys in the order of their bytes.
 *
 * Keys of one stream mostly begin alike: what all of them share is passed
 * over, and the eight bytes behind it decide most comparisons.
 */
#ifndef STATE_ORDER_H
#define STATE_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct order_key {
	const char *key;
	size_t len;
	const void *of; /* the caller's */
	uint64_t head;  /* order_keys() sets it */
};

/* Sort by memcmp(), of which a shorter key that begins alike is first. */
void order_keys(struct order_key *v, size_t n);

#endif
