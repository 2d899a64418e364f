/*
 * seal_walk - the digest of a part of a record, by those of what it holds.
 *
 * A part is an undo's value or a member of "from": a scalar is hashed by its
 * token, a container by its kind, its keys and the digests of its children,
 * each salted with its place.  What is forgotten of it keeps its digest in
 * the record's "forgotten", by a JSON Pointer from the record.  For
 * seal_parts.c alone.
 */
#ifndef RECORD_SEAL_WALK_H
#define RECORD_SEAL_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "json/tokens.h"
#include "record/seal_parts.h"

/* The members of "forgotten" that weren't met yet. */
struct seal_walk_forgotten {
	const char *p, *end;
	bool any; /* next is one */
	size_t taken;
	struct tokens_member next;
};

struct seal_walk {
	const struct seal_parts *is;
	struct buf *out;
	struct seal_walk_forgotten forgotten;
	struct buf pointer; /* to the part in hand; where some are forgotten */
	struct buf entries; /* of open containers: steps and digests */
	struct buf frames;
	struct buf marks; /* what is forgotten in the operation in hand */
	size_t value;     /* length of the pointer to its value, or 0 */
	/* Where parts are being forgotten: what is left, and the digests. */
	const struct seal_left *left;
	struct buf *map, *text; /* NULL: none are */
	bool wrong;
};

/* What is left of a value; NULL: nothing that is looked at. */
struct seal_walk_left {
	const char *p;
	size_t len;      /* of a container in another one, 0 */
	const char *end; /* at or behind its own */
};

/* Where a part stands: it is salted with it. */
struct seal_walk_place {
	const char *salt, *step;
	size_t salt_len, step_len;
};

/* Go on to the next member of "forgotten". */
void seal_walk_forgotten(struct seal_walk_forgotten *f);

/*
 * Is the part in hand forgotten already?  Then its digest goes to tag; what
 * stands in its place must be stand_in.
 */
bool seal_walk_take(struct seal_walk *w, const char *value, size_t len,
    const char *stand_in, unsigned char *tag);

/* Keep the digest of the part in hand, which is forgotten. */
void seal_walk_keep(struct seal_walk *w, const unsigned char tag[SEAL_TAG]);

/* The same of a scalar if it is forgotten now; else it is left as it was. */
void seal_walk_keep_leaf(struct seal_walk *w, const char *value, size_t len,
    const struct seal_walk_left *left, const unsigned char tag[SEAL_TAG]);

/* Append an index to a JSON Pointer. */
void seal_walk_point_index(struct buf *pointer, size_t i);

/* Does the text of a value start an object or an array? */
bool seal_walk_is_container(const char *value);

/* The digest of a scalar, and of an object or array. */
void seal_walk_leaf(struct seal_walk *w, const struct seal_walk_place *place,
    const char *token, size_t len, unsigned char tag[SEAL_TAG]);
void seal_walk_container(struct seal_walk *w,
    const struct seal_walk_place *place, const char *value, size_t len,
    const struct seal_walk_left *left, unsigned char tag[SEAL_TAG]);

#endif
