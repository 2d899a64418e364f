/*
 * ascent - the records of a history that took its event to higher versions.
 */
#ifndef MS_SCHEMA_ASCENT_H
#define MS_SCHEMA_ASCENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "history/view.h"

/*
 * The record, among the first n, that took an event up to a version of the
 * schema with that name, when it came to it for good: what went up from there
 * and came down again doesn't count.  *i gets its number from 0, *from the
 * version before it; false where there is none.
 */
bool ascent_find(struct arena *a, const struct view *v, size_t n,
    const char *name, uint32_t version, size_t *i, uint32_t *from);

#endif
