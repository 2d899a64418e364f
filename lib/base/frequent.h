/*
 * frequent - the texts that come most often, in bounded memory.
 *
 * The Space-Saving sketch of Metwally, Agrawal and El Abbadi (2005): where
 * all items are taken, a new text takes the place of the rarest and goes on
 * with its count.  over says by how much a count may be too high; no count
 * is too low, and a text that comes often enough is never missing.
 */
#ifndef BASE_FREQUENT_H
#define BASE_FREQUENT_H

#include <stddef.h>
#include <stdint.h>

enum { FREQUENT_ITEMS = 64, FREQUENT_TEXT = 112 };

struct frequent_item {
	uint64_t hash;
	uint64_t count;
	uint64_t over;
	size_t len; /* of text, which may be cut (between characters) */
	char text[FREQUENT_TEXT];
};

struct frequent {
	size_t n;
	struct frequent_item item[FREQUENT_ITEMS];
};

/* Text is well-formed UTF-8. */
void frequent_add(struct frequent *f, const char *text, size_t n);

/* The items, the most frequent first; order has room for all. */
void frequent_sort(const struct frequent *f,
    const struct frequent_item *order[FREQUENT_ITEMS]);

#endif
