/*
 * overlay - an object that is its doc's but for a few members.
 *
 * Most programs touch few of an event's members.  Until one touches more,
 * or looks at all of them, only what it touched is listed in m: first, in
 * the doc's order, members of the doc that were changed or deleted (slot is
 * the entry of the key; a deleted one has a null key), then new ones.
 */
#ifndef VALUE_OVERLAY_H
#define VALUE_OVERLAY_H

#include "value/value.h"

/* Where the overlay itself holds the value at key, or NULL. */
struct value *overlay_at(struct arena *a, struct object *o, struct value key);

/* As object_get(). */
bool overlay_get(
    struct arena *a, struct object *o, struct value key, struct value *out);

/*
 * Set or delete (x is NULL) a member of a raw object, or of an overlay.
 * False, and nothing changed, where an overlay doesn't serve.
 */
bool overlay_change(
    struct arena *a, struct value *v, struct value key, const struct value *x);

/* List all members: from now on it is an object like any other. */
void overlay_complete(struct arena *a, struct object *o);

#endif
