/*
 * names - strings to numbers, by hash.
 */
#ifndef SCHEMA_NAMES_H
#define SCHEMA_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* Starts as zero; memory is an arena's. */
struct names {
	struct name_slot {
		const char *name; /* NULL: free */
		uint32_t number;
	} * slot;
	uint32_t n, cap;
};

/* The number of a name; false where it isn't there. */
bool names_find(const struct names *n, const char *name, uint32_t *number);

/* Add a name that isn't there, which is borrowed. */
void names_add(
    struct arena *a, struct names *n, const char *name, uint32_t number);

#endif
