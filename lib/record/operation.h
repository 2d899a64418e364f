/*
 * operation - one operation of an undo patch, as text.
 */
#ifndef RECORD_OPERATION_H
#define RECORD_OPERATION_H

#include "base/arena.h"
#include "base/buf.h"
#include "value/value.h"

/* A step from the root, a key or an index.  Paths are chains of them. */
struct path_step {
	const struct path_step *parent;
	struct value key; /* decoded; VALUE_NULL for an index */
	uint32_t i;
	uint32_t depth;
};

/* A patch that is being written. */
struct patch_text {
	struct buf *out;
	struct arena *a;
	size_t start; /* of the patch in out */
	size_t slack; /* what parts may take above the whole; 0: nothing */
	struct undo_members *members; /* of the objects that are in hand */
};

enum operation {
	OPERATION_ADD,
	OPERATION_REMOVE,
	OPERATION_REPLACE,
	OPERATION_MOVE,
	OPERATION_COPY,
};

/* An operation up to the end of its path. */
void operation_open(
    struct patch_text *u, enum operation op, const struct path_step *path);

/* A value behind it, as ,"value":... */
void operation_value(struct patch_text *u, struct value v);

/* A path as what stands between the quotes of a JSON string. */
void operation_pointer(struct buf *out, const struct path_step *path);

/* Is the patch no longer than limit, counted from the buffer's start? */
bool operation_within(const struct patch_text *u, size_t limit);

/* Bytes of a value that stands in a doc, or two more. */
size_t operation_length(struct value v);

/* Depth of a step below path. */
static inline uint32_t
operation_depth(const struct path_step *path)
{
	return path == NULL ? 1 : path->depth + 1;
}

/* A step to a member; its key is decoded. */
struct path_step operation_step(
    struct patch_text *u, const struct path_step *parent, struct value key);

/* Whole operations: false where they pass the limit. */
bool operation_replace(struct patch_text *u, struct value was,
    const struct path_step *path, size_t limit);
bool operation_remove(
    struct patch_text *u, const struct path_step *path, size_t limit);

/* A move or copy; an object's member goes in front of next, if there is one. */
bool operation_relocate(struct patch_text *u, enum operation op,
    const struct path_step *from, const struct path_step *path,
    const struct value *next, size_t limit);

/*
 * Put back the member of a doc whose key is at entry e, before the one whose
 * key is at next (0: at the end), below path.
 */
bool operation_add(struct patch_text *u, const struct doc *d, uint32_t e,
    uint32_t next, const struct path_step *path, size_t limit);

#endif
