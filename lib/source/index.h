/*
 * index - the rows of a table by the hash of their key.
 *
 * Built once, from a hash a row, and read-only then.  Rows are numbers from
 * 0.  What a hash is of, and which rows have the same key, is the user's to
 * say; where a table is asked for all rows of a key they are chained.
 */
#ifndef SOURCE_INDEX_H
#define SOURCE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/source.h"

/* Open addressing; row counts from 1, 0 is a free slot. */
struct index_slot {
	uint32_t tag; /* lower half of the hash */
	uint32_t row;
};

struct index {
	size_t size;
	struct index_slot *slots;
	uint32_t *next; /* of the same key, the last one's is the first */
	size_t repeated;
	uint32_t twice; /* a row whose key came before, where it is refused */
};

#define INDEX_NONE UINT32_MAX

/* Has that row the key that is looked up, or put in as row number other? */
typedef bool index_same(void *arg, uint32_t row);
typedef bool index_alike(void *arg, uint32_t row, uint32_t other);

/*
 * Put n rows in, those with hash 0 left out.  False where memory is missing,
 * or with SOURCE_REFUSE where a key is repeated: twice says where then, and
 * is INDEX_NONE otherwise.
 */
bool index_build(struct index *x, const uint64_t *hash, size_t n, bool all,
    enum source_repeated repeated, index_alike *alike, void *arg);
void index_release(struct index *x);

/* The row of a key, or INDEX_NONE; with chains the last one. */
uint32_t index_find(
    const struct index *x, uint64_t hash, index_same *same, void *arg);

#endif
