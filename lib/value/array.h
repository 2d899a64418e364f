/*
 * array - arrays, opened one level at a time and changed by copying.
 */
#ifndef VALUE_ARRAY_H
#define VALUE_ARRAY_H

#include "value/value.h"

/* An empty array, owned, with room for cap elements. */
struct value array_new(struct arena *a, size_t cap);

/* An empty array that takes no memory: nobody owns it. */
struct value array_none(void);

/* Elements of an array of either kind. */
size_t array_length(struct value v);

/* Opened, one level; an array that is open already is returned as it is. */
struct value array_open(struct arena *a, struct value v);

/* Element i, which must be there, of an opened array. */
static inline struct value
array_at(struct value v, size_t i)
{
	return value_take(&v.array->v[i]);
}

/* Element i of any array without opening it, null where it isn't there. */
struct value array_get(struct value v, size_t i);

/* The array with one more element; takes the handle. */
struct value array_push(struct arena *a, struct value v, struct value x);

/*
 * The elements of x, then those of v.  What is put in front of an array time
 * and again costs what x is long.
 */
struct value array_prepend(struct arena *a, struct value v, struct value x);

/* The array with x as element i, padded with null up to there. */
struct value array_set(
    struct arena *a, struct value v, size_t i, struct value x);

/* The elements [from, to), which are there, replaced by those of x. */
struct value array_replace(
    struct arena *a, struct value v, size_t from, size_t to, struct value x);

/* Elements [from, to): a view of the array, so it costs the same for all. */
struct value array_slice(
    struct arena *a, struct value v, size_t from, size_t to);

/*
 * The same, but it takes the handle: what is owned stays so, and is cut where
 * it is.
 */
struct value array_cut(struct arena *a, struct value v, size_t from, size_t to);

/* Elements [from, to) of an array. */
struct span {
	size_t from, to;
};

/*
 * The array without the elements of n spans, which are sorted, not empty, and
 * may overlap; takes the handle.
 */
struct value array_remove(
    struct arena *a, struct value v, const struct span *gone, size_t n);

#endif
