/*
 * element - which of the values that a path names holds a place.
 */
#ifndef HISTORY_ELEMENT_H
#define HISTORY_ELEMENT_H

#include <stddef.h>

#include "base/arena.h"
#include "lang/explain/flow.h"
#include "lang/program.h"
#include "value/value.h"

/*
 * The number, from 0, of the first path that a program gives of the event and
 * that lies at or above the place; SIZE_MAX: none does.
 */
size_t element_holding(struct arena *a, const struct program *paths,
    struct value event, const struct site *p);

#endif
