/*
 * seal_parts - a record as its seal covers it.
 *
 * These are its tokens without white space between them and without its own
 * seal; and instead of what may be forgotten later stands a digest:
 *
 *	rule, from.hash, from.rows[].hash, and each value in undo
 *
 * A digest is a tree.  That of a scalar is one of its token, that of a
 * container is one of its keys and its children's digests.  So a part of a
 * value can be forgotten, and its digest, which the record then keeps under
 *
 *	"forgotten":{"/undo/0/value/card":"…"}
 *
 * is enough to check the rest.  A part that was forgotten is
 * null, a rule (forgotten); its operation says so, too.  Each
 * digest is salted with its record and its place: it fits nowhere else, and
 * equal values don't show.  That of a rule isn't: it is the same in each
 * record of its stage.
 */
#ifndef RECORD_SEAL_PARTS_H
#define RECORD_SEAL_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "record/seal_key.h"

/* A rule, as JSON text, whose digest is known. */
struct seal_rule {
	const char *text; /* NULL: none is */
	size_t len;
	unsigned char tag[SEAL_TAG];
};

struct seal_parts {
	const struct seal_key *key;
	const char *salt; /* the record's own */
	size_t salt_len;
	const struct seal_rule *rule; /* or NULL */
	bool fresh;                   /* nothing of it is forgotten yet */
	bool loose; /* a record without a seal: its sums don't count */
};

/* The digest of a rule, as JSON text, which must last as long as it. */
void seal_parts_rule(struct seal_rule *rule, const struct seal_key *key,
    const char *text, size_t len);

/* What stands for a rule that is forgotten. */
#define SEAL_RULE_GONE "\"(forgotten)\""

/* What is left of a record of which parts are forgotten. */
struct seal_left {
	const char *undo; /* with null for what goes; as many operations */
	size_t undo_len;
	bool rule_gone, no_hashes;
};

/*
 * Append a record anew, without its seal and its last brace, with what is left
 * and the digests of the rest.  False where what is left isn't the record but
 * for parts that are null.
 */
bool seal_parts_forget(struct buf *text, const struct seal_parts *p,
    const char *record, size_t len, const struct seal_left *left);

/*
 * Append a record, which is well-formed, as it is covered.  False where what
 * it says to be forgotten isn't, or not in the order in which it stands.
 * Where memory is missing out has failed.
 */
bool seal_parts_put(struct buf *out, const struct seal_parts *p,
    const char *record, size_t len);

#endif
