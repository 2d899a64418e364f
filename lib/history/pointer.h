/*
 * pointer - a place in an event, as people write it.
 *
 * As jq has it (.a.b[0], ."x y", .["x y"], . for all), or as a JSON Pointer
 * (RFC 6901: /a/b/0).
 */
#ifndef HISTORY_POINTER_H
#define HISTORY_POINTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "value/value.h"

struct pointer_step {
	struct value key; /* decoded; VALUE_NULL for an index only */
	size_t i;         /* SIZE_MAX for a key only */
};

struct pointer {
	const char *text; /* borrowed */
	size_t n;
	struct pointer_step *steps; /* in the arena, as are their keys */
};

/* False where text is no path. */
bool pointer_parse(struct arena *a, struct pointer *p, const char *text);

/*
 * The same for a pattern, in which .a[].b is any element of .a, or any member
 * of an object: a step with neither key nor index.
 */
bool pointer_parse_pattern(
    struct arena *a, struct pointer *p, const char *text);

/* Does the step stand for all elements and members? */
static inline bool
pointer_every(const struct pointer_step *step)
{
	return step->key.kind == VALUE_NULL && step->i == SIZE_MAX;
}

/* The child that a step names; false where it isn't there. */
bool pointer_child(struct arena *a, struct value v,
    const struct pointer_step *step, struct value *out);

/* What is at the path; false where nothing is. */
bool pointer_get(struct arena *a, struct value v, const struct pointer *p,
    struct value *out);

#endif
