/*
 * undo_parts - what the files that write undo patches share.
 *
 * Each function appends operations and returns false where they pass limit,
 * counted from the buffer's start, or where operations can't say it: then
 * what is nearer to the root is replaced as a whole.
 */
#ifndef RECORD_UNDO_PARTS_H
#define RECORD_UNDO_PARTS_H

#include "record/operation.h"

enum {
	UNDO_WHOLE = 36, /* bytes of a replace beside path and value */
	UNDO_ADD = 28,   /* bytes of an add beside what "key":value has */
};

/* Any two values; undo.c. */
bool undo_differ(struct patch_text *u, struct value was, struct value now,
    const struct step *path, size_t limit);

/* Any two objects; undo_match.c. */
bool undo_match(struct patch_text *u, struct value was, struct value now,
    const struct step *path, size_t limit);

/* An object and one opened from it; no key that it touches is there twice. */
bool undo_delta(struct patch_text *u, struct value was, struct object *now,
    const struct step *path, size_t limit);

/* Is member j there, or was it deleted? */
static inline bool
undo_alive(const struct object *o, uint32_t j)
{
	return o->m[j].key.kind != VALUE_NULL;
}

/* Would a key that is made of its text be spelled otherwise? */
bool undo_respelled(struct patch_text *u, struct value key);

#endif
