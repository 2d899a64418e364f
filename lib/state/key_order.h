/*
 * key_order - keys in the order of their bytes.
 *
 * Keys of one stream mostly begin alike: what all of them share is passed
 * over, and the eight bytes behind it decide most comparisons.
 */
#ifndef STATE_KEY_ORDER_H
#define STATE_KEY_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct key_order {
	const char *key;
	size_t len;
	const void *of; /* the caller's, */
	size_t use;     /* as this */
	uint64_t head;  /* key_order() sets it */
};

/* Sort by memcmp(), of which a shorter key that begins alike is first. */
void key_order(struct key_order *v, size_t n);

#endif
