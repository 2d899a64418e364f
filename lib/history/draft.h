/*
 * draft - an event that patches change in place.
 *
 * The draft is the reader's own copy of an event, which copies itself as it
 * is changed: a container is opened when an operation first leads into it,
 * once, and is then a list of members with an index, or a sequence of
 * elements.  So an operation costs what its path is long, however large the
 * containers on its way are, and patches that are applied one after another
 * share what was opened.
 *
 * All memory is the arena's.  Values that go in are borrowed and never
 * written into; values that come out are shared with the draft.
 */
#ifndef HISTORY_DRAFT_H
#define HISTORY_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "history/sequence.h"
#include "value/value.h"

struct draft {
	struct arena *a;
	struct draft_slot root;
	size_t copied;     /* bytes that copies have added so far */
	size_t operations; /* that were applied so far; for its users */
};

/* Levels that a draft may have: as many as are written (VALUE_DEPTH). */
enum { DRAFT_DEPTH = 10000 };

/* Start with v, which stays as it is. */
void draft_init(struct draft *d, struct arena *a, struct value v);

/*
 * The event as it is now.  What was not opened stays a span of its text.
 * False where it is nested deeper than DRAFT_DEPTH.
 */
bool draft_value(struct draft *d, struct value *v);

/* The same of a place in the draft. */
bool draft_slot_value(
    struct draft *d, struct draft_slot *slot, struct value *v);

/* Is there an object, an array, in the place? */
bool draft_is_object(const struct draft_slot *slot);
bool draft_is_array(const struct draft_slot *slot);

/* What a container held before it was first changed. */
struct value draft_base(const struct draft_slot *slot);

/*
 * The place of the member with that key (decoded) of an object, which is
 * opened for it; of members with the same key that of the last.  NULL where
 * there is none.  Valid until the object gets or loses a member.
 */
struct draft_slot *draft_member(
    struct draft *d, struct draft_slot *object, struct value key);

/*
 * The next member of an object, which is opened for it, in their order, those
 * with the same key too; *at is 0 at first.  NULL behind the last.
 */
struct draft_slot *draft_next_member(struct draft *d, struct draft_slot *object,
    uint32_t *at, struct value *key);

/*
 * A place for the member with that key, where what had the key stood; a new
 * one in front of the member with key before, or at the end where that is
 * VALUE_NULL or no member has it.  Other members with the key are removed.
 */
struct draft_slot *draft_set_member(struct draft *d, struct draft_slot *object,
    struct value key, struct value before);

/* Remove all members with that key. */
void draft_remove_member(
    struct draft *d, struct draft_slot *object, struct value key);

/* Elements of an array, which is opened for it. */
size_t draft_length(struct draft *d, struct draft_slot *array);

/* Element i, which must be there; valid until the array changes. */
struct draft_slot *draft_element(
    struct draft *d, struct draft_slot *array, size_t i);

/* A place for a new element in front of element i, or at the end. */
struct draft_slot *draft_insert_element(
    struct draft *d, struct draft_slot *array, size_t i);

/* Remove element i, which must be there. */
void draft_remove_element(struct draft *d, struct draft_slot *array, size_t i);

/* Something in a container is about to change, which is opened for it. */
void draft_touch(struct draft *d, struct draft_slot *container);

/*
 * Count a copy of v: false where all copies together come to more bytes than
 * the arena may hold, as copies of copies do.
 */
bool draft_count_copy(struct draft *d, struct value v);

#endif
