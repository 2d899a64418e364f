/*
 * sort - a stable sort whose scratch memory is an arena's.
 *
 * qsort() may hold memory of its own while it compares: that is lost where
 * the comparison leaves by the arena's overflow.
 */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include "base/arena.h"

/* Sort n objects of size bytes each; equals keep their order. */
void sort_stable(struct arena *a, void *v, size_t n, size_t size,
    int (*compare)(const void *x, const void *y, void *arg), void *arg);

#endif
