/*
 * runs - where the elements of an array stand in another, one behind the
 * other.
 */
#ifndef VALUE_RUNS_H
#define VALUE_RUNS_H

#include "value/value.h"

/* The places in x at which y stands, as an array; none where y is empty. */
struct value runs_find(struct arena *a, struct value x, struct value y);

#endif
