/*
 * members - the members of an object as they stand in its doc, found by key.
 *
 * The list and its index are the arena's.  The index is built when a key is
 * first looked for among many.
 */
#ifndef RECORD_MEMBERS_H
#define RECORD_MEMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "value/value.h"

#define MEMBERS_NONE UINT32_MAX

struct member_was {
	uint32_t e;    /* entry of its key */
	uint32_t now;  /* for the caller; MEMBERS_NONE at first */
	uint32_t hash; /* known with the index, as is twin */
	bool twin;     /* its key occurs again */
};

struct members {
	bool different; /* no two keys are equal, as was seen at once */
	const struct doc *doc;
	uint32_t n;
	struct member_was *m;
	uint32_t *index; /* of the first member with a key; or NULL */
	uint32_t mask;
};

/* List the members of a raw object, the hidden one left out. */
void members_list(struct arena *a, struct members *w, struct value v);

/* The first member with that key (decoded), or MEMBERS_NONE. */
uint32_t members_find(struct arena *a, struct members *w, struct value key);

/* Does the key of member i occur again? */
bool members_twin(struct arena *a, struct members *w, uint32_t i);

/* The key of member i, as it stands in the line. */
static inline struct value
members_key(const struct members *w, uint32_t i)
{
	return value_source(w->doc, w->m[i].e);
}

/* The value of member i, as it stands in the line. */
static inline struct value
members_value(const struct members *w, uint32_t i)
{
	return value_source(w->doc, w->m[i].e + 2);
}

#endif
