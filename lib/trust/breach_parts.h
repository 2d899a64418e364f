/*
 * breach_parts - what the files of breach.h share, and nobody else sees.
 */
#ifndef TRUST_BREACH_PARTS_H
#define TRUST_BREACH_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "trust/breach.h"
#include "value/value.h"

/* A place that is looked at: steps from the root, the last one first. */
struct breach_place {
	const struct breach_place *up;
	struct value key;
};

struct breach {
	struct arena *a;
	const char *found;
};

/* The place is where it is broken; gives false. */
bool breach_found(struct breach *x, const struct breach_place *p);

/* Are two keys the same, decoded? */
bool breach_key_same(struct arena *a, struct value x, struct value y);

/* Are they written the same, but for white space between tokens? */
bool breach_same(struct arena *a, struct value x, struct value y);

/*
 * What is done with each place below one; was and now are NULL where nothing
 * is.  False ends it.
 */
typedef bool breach_visit(struct breach *x, const struct breach_place *p,
    const struct value *was, const struct value *now, const void *arg);

/* What is at a key, or an index; of a key each time that it is written. */
bool breach_visit_key(struct breach *x, const struct breach_place *up,
    const struct value *key, const struct value *was, const struct value *now,
    breach_visit *f, const void *arg);

/*
 * All elements and members that are in one of the two, but members that are the
 * same value where *ordered: both have what they share in the same order.
 */
bool breach_visit_all(struct breach *x, const struct breach_place *up,
    const struct value *was, const struct value *now, breach_visit *f,
    const void *arg, bool *ordered);

/* The larger number of elements; 0 where neither is an array. */
size_t breach_elements(const struct value *was, const struct value *now);

/*
 * An object opened once isn't opened again for each thing asked of it: v, or
 * *open; NULL for NULL.
 */
const struct value *breach_open(
    struct arena *a, const struct value *v, struct value *open);

#endif
