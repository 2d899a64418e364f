/*
 * keys - where the members of an object in a doc are.
 *
 * The members of an event itself are asked for again and again.  So their
 * keys are indexed once, when the event is looked at first: a doc holds the
 * index of one of its objects, for as long as the arena that it came from.
 */
#ifndef VALUE_KEYS_H
#define VALUE_KEYS_H

#include "value/value.h"

/* A tag of a decoded key: equal keys have equal ones. */
uint32_t key_tag(struct value key);

/* May there be two equal tags among them?  Mostly this says no. */
static inline bool
tags_meet(uint64_t seen[2], uint32_t tag)
{
	uint64_t bit = (uint64_t)1 << (tag >> 25 & 63);
	uint64_t *set = &seen[tag >> 31];
	bool met = (*set & bit) != 0;

	*set |= bit;
	return met;
}

/* Index the object at entry e; where keys have escapes there is no index. */
void keys_index(struct arena *a, struct doc *d, uint32_t e);

struct found_key {
	uint32_t entry;   /* of the last key that equals it, or 0 */
	uint32_t times;   /* how many do */
	uint32_t members; /* of the object, the hidden one too */
};

/* Find a key, which is decoded, in the object at entry e. */
struct found_key keys_find(
    struct arena *a, const struct doc *d, uint32_t e, struct value key);

#endif
