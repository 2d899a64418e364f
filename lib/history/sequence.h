/*
 * sequence - the elements of an array that is being patched.
 *
 * They stand in chunks, so that inserting and removing one moves no more
 * than a chunk, and the chunk that was used last is where the next search
 * starts: a patch that goes through an array from one end to the other costs
 * what the array and the patch are long.  All memory is the arena's.
 */
#ifndef HISTORY_SEQUENCE_H
#define HISTORY_SEQUENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "value/value.h"

struct draft_node;

/* A place for a value. */
struct draft_slot {
	struct value value;      /* where node is NULL */
	struct draft_node *node; /* a container that was opened, or NULL */
};

struct sequence_chunk;

struct sequence {
	size_t n; /* elements */
	struct sequence_chunk **chunks;
	size_t chunks_n, chunks_cap;
	size_t last;  /* the chunk that was used last */
	size_t first; /* number of its first element */
};

/* Start with n elements, which the caller sets by sequence_at(). */
void sequence_init(struct arena *a, struct sequence *s, size_t n);

/* Element i, which must be there; valid until one is inserted or removed. */
struct draft_slot *sequence_at(struct sequence *s, size_t i);

/* Room for a new element in front of element i, or behind all (i is n). */
struct draft_slot *sequence_insert(
    struct arena *a, struct sequence *s, size_t i);

/* Remove element i, which must be there. */
void sequence_remove(struct sequence *s, size_t i);

#endif
