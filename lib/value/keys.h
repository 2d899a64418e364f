/*
 * keys - where the members of an object in a doc are.
 *
 * The members of an event itself are asked for again and again, and the
 * events of a stream mostly have the same keys in the same order.  So a
 * thread remembers the last few orders that it met: an event that has one
 * of them is compared with it, and each of its keys is found by a glance at
 * a table that was made once.
 *
 * A struct keys serves one doc at a time: the last that it has indexed.
 */
#ifndef VALUE_KEYS_H
#define VALUE_KEYS_H

#include "value/value.h"

enum {
	KEYS_MOST = 128,  /* members of an object that is indexed */
	KEYS_TEXT = 4096, /* bytes of all its keys */
	KEYS_LAYOUTS = 8,
};

/* The keys of an object, in their order; none is spelled with escapes. */
struct layout {
	uint32_t n;
	bool different;           /* no two are equal */
	uint32_t tag[KEYS_MOST];  /* see key_tag() */
	uint16_t at[KEYS_MOST];   /* in text; a quote stands behind each key */
	uint16_t size[KEYS_MOST]; /* with that quote */
	uint8_t place[256];       /* tag -> its number + 1, probed in turn */
	char text[KEYS_TEXT];
};

struct keys {
	const struct layout *layout;
	uint32_t entry[KEYS_MOST];
	struct layout known[KEYS_LAYOUTS];
};

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

/*
 * Index the object at entry e.  There is no index, and keys are looked for
 * one by one, where they are too many or some are spelled with escapes.
 */
void keys_index(struct keys *k, struct doc *d, uint32_t e);

struct found_key {
	uint32_t entry;   /* of the last key that equals it, or 0 */
	uint32_t times;   /* how many do */
	uint32_t members; /* of the object, the hidden one too */
};

/* Find a key, which is decoded, in the object at entry e. */
struct found_key keys_find(
    struct arena *a, const struct doc *d, uint32_t e, struct value key);

/* Are the keys of the object at entry e known to be all different? */
static inline bool
keys_differ(const struct doc *d, uint32_t e)
{
	return d->keys != NULL && d->keys_of == e && d->keys->layout->different;
}

#endif
