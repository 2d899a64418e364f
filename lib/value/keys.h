/*
 * keys - where the members of an object in a doc are.
 *
 * The members of an event itself are asked for again and again; where the
 * second pass has indexed them (json/layout.h), they are found by a glance.
 */
#ifndef VALUE_KEYS_H
#define VALUE_KEYS_H

#include "json/layout.h"
#include "value/value.h"

/* A tag of a decoded key: equal keys have equal ones. */
static inline uint32_t
key_tag(struct value key)
{
	return layout_tag(key.text, key.n);
}

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
	return d->keys != NULL && d->keys_of == e && d->keys->different;
}

#endif
