/*
 * breach - does an event's change break a rule about paths?
 *
 * What it was and what it is are compared where the rules look: a value has
 * changed where it isn't written the same, white space aside, or where it is
 * there in one of them only.
 */
#ifndef TRUST_BREACH_H
#define TRUST_BREACH_H

#include <stdbool.h>

#include "base/arena.h"
#include "trust/pathset.h"
#include "value/value.h"

/*
 * What breaks it: a place, as .items[0].sku, in the arena; NULL where nothing
 * does.  was is NULL where the event is a new one.
 */
const char *breach_of_path(struct arena *a, const struct touch_path *path,
    const struct value *was, const struct value *now);

/* The same for many: one of the places, in no order that the paths have. */
const char *breach_of_paths(struct arena *a, const struct pathset *paths,
    const struct value *was, const struct value *now);

/* A place of the path where a value other than null is, or NULL. */
const char *breach_presence(
    struct arena *a, const struct touch_path *path, struct value event);

/* By number of the path: does breach_presence() find anything?  The arena's. */
bool *breach_present(
    struct arena *a, const struct pathset *paths, struct value event);

/* A place of the path where a value is that is no mask (mask.h), or NULL. */
const char *breach_unmasked(
    struct arena *a, const struct touch_path *path, struct value event);

/* What breaks it by a change outside of the paths. */
const char *breach_outside(struct arena *a, const struct pathset *paths,
    const struct value *was, const struct value *now);

#endif
