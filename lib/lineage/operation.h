/*
 * operation - one operation of an undo patch, as text.
 */
#ifndef LINEAGE_OPERATION_H
#define LINEAGE_OPERATION_H

#include "base/arena.h"
#include "base/buf.h"
#include "value/value.h"

/* A step from the root, a key or an index.  Paths are chains of them. */
struct step {
	const struct step *parent;
	struct value key; /* decoded; VALUE_NULL for an index */
	uint32_t i;
	uint32_t depth;
};

struct patch_text {
	struct buf *out;
	struct arena *a;
	size_t start; /* of the patch in out */
};

/* An operation up to the end of its path. */
void operation_open(
    struct patch_text *u, const char *op, const struct step *path);
void operation_value(struct patch_text *u, struct value v);

/* Is the patch no longer than limit, counted from the buffer's start? */
bool operation_within(const struct patch_text *u, size_t limit);

/* Bytes of a value that stands in a doc, or two more. */
size_t source_length(struct value v);

/* Whole operations: false where they pass the limit. */
bool operation_replace(struct patch_text *u, struct value was,
    const struct step *path, size_t limit);
bool operation_remove(
    struct patch_text *u, const struct step *path, size_t limit);

#endif
