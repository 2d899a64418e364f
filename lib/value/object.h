/*
 * object - members in their order, opened one level at a time.
 *
 * Changing an object that is not owned copies its list of members; what
 * the members hold is shared.
 */
#ifndef VALUE_OBJECT_H
#define VALUE_OBJECT_H

#include "value/value.h"

/* An empty object, owned, with room for cap members. */
struct value object_new(struct arena *a, size_t cap);

/* How many members count: of a key that is there twice, one. */
size_t object_length(struct arena *a, struct value v);

/* Is a key of it, or that key (any string), there more than once? */
bool object_repeats(struct arena *a, struct value v);
bool object_repeats_key(struct arena *a, struct value v, struct value key);

/* Opened, one level; an object that is open already is returned as is. */
struct value object_open(struct arena *a, struct value v);

/*
 * The value at key (any string), from an object of either kind; false, and
 * *out as it was, where there is none.
 */
bool object_get(
    struct arena *a, struct value v, struct value key, struct value *out);

/*
 * Entry of the last value at key in a raw object, 0 where there is none.
 * The key has no backslash, and is found only where it is spelled without.
 */
uint32_t object_doc_find(
    const struct doc *d, uint32_t e, const char *key, size_t len);

/* The object with x at key: a new one comes last.  Takes the handle. */
struct value object_set(
    struct arena *a, struct value v, struct value key, struct value x);

/* The same, of an owned object that was made, and has no such key yet. */
struct value object_add(
    struct arena *a, struct value v, struct value key, struct value x);

/* The object without that key, however often it is there. */
struct value object_delete(struct arena *a, struct value v, struct value key);

/*
 * Next member that counts of an opened object, from *i, in order; NULL at
 * the end.  A shadowed key is met once, at its first place with its last
 * value.
 */
struct member *object_next(struct arena *a, struct value v, uint32_t *i);

/* Keys that count, decoded, sorted by code point; *n of them. */
struct value *object_keys(struct arena *a, struct value v, size_t *n);

/* Where an opened object itself holds the value at key, or NULL. */
struct value *object_at(struct arena *a, struct value v, struct value key);

/* The member with that key of an opened object, or NULL (the last one). */
struct member *object_member(struct arena *a, struct value v, struct value key);

#endif
