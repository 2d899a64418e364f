/*
 * attest - what a record says of the event before and behind its stage: by
 * sums, or by a seal where there is a key.
 */
#ifndef RECORD_ATTEST_H
#define RECORD_ATTEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "record/seal.h"
#include "record/sum.h"
#include "value/value.h"

/* What a stage attests with; keys is NULL where it has none. */
struct attest_keys {
	const struct seal_keys *keys;
	struct seal_rule rule; /* of all its records */
};

/*
 * The states of an event.  What it was as it was read is told where that
 * isn't what the record before says.
 */
struct attest {
	const struct attest_keys *with;
	bool altered;
	bool failed; /* there was no memory */
	struct sum now, was;
	struct seal_text e, read;
	struct seal_chain chain;
};

/* Of an event that stays as it was read. */
void attest_unchanged(struct attest *t, const struct attest_keys *with,
    struct value event, struct value history);

/*
 * Of one that became what that JSON text says (spaced as with sum_text());
 * before is NULL where there was no event.
 */
void attest_changed(struct attest *t, const struct attest_keys *with,
    const struct value *before, struct value history, const char *text,
    size_t len, bool spaced);

/* The next one of several records that are written one after another. */
void attest_next(struct attest *t, const struct attest_keys *with,
    const char *text, size_t len, bool spaced);

/* What attest_changed() does behind attest_next(). */
void attest_behind(
    struct attest *t, const struct value *before, struct value history);

/* Append what goes behind a record's undo. */
void attest_put(struct buf *out, const struct attest *t);

/* The way where there is a key; call attest_seal() instead. */
void attest_seal_record(
    struct buf *out, size_t start, struct attest *t, bool more);

/*
 * Append the seal, if there is one, of the record that starts at start; more:
 * attest_next() comes for another one.
 */
static inline void
attest_seal(struct buf *out, size_t start, struct attest *t, bool more)
{
	out->failed |= t->failed;
	if (t->with->keys != NULL)
		attest_seal_record(out, start, t, more);
}

#endif
