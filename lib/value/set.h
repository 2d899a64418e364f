/*
 * set - the elements of an array, to find one that equals a value.
 *
 * It is made once, and asked often: an answer costs the same however many
 * elements there are.  Equal is what value_equal() says, so 1.0 is found as 1
 * and nan as nothing.
 */
#ifndef VALUE_SET_H
#define VALUE_SET_H

#include "value/value.h"

struct set_slot;

struct set {
	struct arena *arena;
	struct value array; /* opened */
	struct set_slot *slots;
	uint32_t mask;
	uint64_t seed;
};

/* Is a set cheaper than to look for each of n values among m elements? */
static inline bool
set_pays(size_t n, size_t m)
{
	return n > 16 && m > 16;
}

/* The set of an opened array, which must stay as it is; in the arena. */
struct set set_new(struct arena *a, struct value array);

/* The place of the first element that equals v, or -1. */
int64_t set_find(const struct set *s, struct value v);

#endif
