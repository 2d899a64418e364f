/*
 * place - where a value is in a doc: the entry that it starts at.
 *
 * Schemas and events alike are walked by entries; what is at one is looked
 * at only by whom it concerns.
 */
#ifndef SCHEMA_PLACE_H
#define SCHEMA_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "value/value.h"

/* First byte of the value, which tells its type. */
static inline char
place_type(const struct doc *d, uint32_t e)
{
	return d->text[d->at[e]];
}

/* Members of an object by their keys' entries, and items of an array. */
#define PLACE_EACH_MEMBER(d, e, at)                                            \
	for (uint32_t at = (e) + 1; at < (d)->match[e];                        \
	     at = doc_after((d), at + 2) + 1)
#define PLACE_EACH_ITEM(d, e, at)                                              \
	for (uint32_t at = (e) + 1; at < (d)->match[e];                        \
	     at = doc_after((d), at) + 1)

/* A member that counts: of those with its key it is the last. */
struct place_member {
	struct value key; /* decoded */
	uint32_t tag;     /* layout_tag() of the key */
	uint32_t entry;   /* of the key; the value is two behind it */
	uint32_t ordinal; /* among all members, those that don't count too */
};

struct place_members {
	struct place_member *m; /* in their order */
	uint32_t n;
	uint32_t all; /* those that don't count too */
};

/* The members of the object at entry e, in the arena. */
void place_members(
    struct arena *a, const struct doc *d, uint32_t e, struct place_members *l);

/* The value of a member; its key is decoded. */
bool place_member(struct arena *a, const struct doc *d, uint32_t e,
    struct value key, uint32_t *value);

/* The same for a key that is a C string. */
bool place_get(struct arena *a, const struct doc *d, uint32_t e,
    const char *key, uint32_t *value);

/* Item i of an array. */
bool place_item(const struct doc *d, uint32_t e, size_t i, uint32_t *item);

/* Follow a JSON Pointer (RFC 6901) of n bytes from *e on. */
bool place_follow(struct arena *a, const struct doc *d, const char *pointer,
    size_t n, uint32_t *e);

/* Append the JSON Pointer of the place e within the value at root. */
void place_write(struct buf *b, struct arena *a, const struct doc *d,
    uint32_t root, uint32_t e);

#endif
