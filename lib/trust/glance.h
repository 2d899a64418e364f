/*
 * glance - which of some paths may lead anywhere in an event, or in a state
 * before?
 *
 * A path can only do so where each of its keys stands in the line: as a key,
 * or in a pointer of an undo.  So the line's strings are looked up among the
 * keys, and what that costs doesn't grow with the number of paths.
 */
#ifndef TRUST_GLANCE_H
#define TRUST_GLANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "history/pointer.h"
#include "value/value.h"

struct glance_path {
	struct pointer path;
	uint32_t keys; /* that must be found, each counted once */
};

struct glance_key {
	struct value key; /* decoded */
	uint32_t use;     /* the last of its uses, from 1 */
};

/* A path that has a key. */
struct glance_use {
	uint32_t path, next; /* use of the same key, or 0 */
	bool first, needed;  /* its first key; one that is counted */
};

/* Starts as zero but for its arena. */
struct glance {
	struct arena *a;
	struct glance_path *paths;
	struct glance_key *keys;
	struct glance_use *uses;
	size_t paths_n, keys_n, uses_n, paths_cap, keys_cap, uses_cap;
	uint32_t *slots; /* of keys, from 1; a power of two of them */
	size_t slots_n;
	uint64_t lengths; /* bits: some key is so long, 63 for longer ones */
	bool begins[256]; /* some key starts with that byte */
};

/* Another path, whose steps last as long as the arena. */
void glance_add(struct glance *g, const struct pointer *path);

struct glance_found {
	uint32_t *paths; /* the numbers of those that may, from 0 */
	size_t paths_n;
	struct value *keys; /* of paths, as far as they were met */
	size_t keys_n;
};

/*
 * Look at an event; with past at its history as well, which stands in the same
 * doc.  What is found is the arena's.
 */
void glance_look(const struct glance *g, struct arena *a, struct value root,
    bool past, struct glance_found *found);

#endif
