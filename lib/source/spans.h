/*
 * spans - intervals in groups, found by a point that they hold.
 *
 * Networks that hold an address, ranges that hold a number, periods that
 * hold a time: all are intervals of whole numbers, both ends included.  Of
 * those that hold a point the one that starts last counts; of those that
 * start alike the one that ends first, since it says more (so the longest
 * network is found); of those that are alike the last one put in.
 *
 * Kept sorted, with a tree of the largest end of each few of them above: a
 * look-up takes logarithmic time, however the intervals lie.
 */
#ifndef SOURCE_SPANS_H
#define SOURCE_SPANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A number of 128 bits. */
struct point {
	uint64_t high, low;
};

struct span {
	uint64_t group; /* spans of other groups are never found */
	struct point from, to;
	uint32_t row;
};

struct spans {
	struct span *v;
	size_t n, cap;
	size_t leaves;      /* of the tree: a power of two above the blocks */
	struct point *most; /* ends of blocks, the root's at 1 */
};

#define SPANS_NONE SIZE_MAX

/* Below, equal or above 0. */
int point_compare(struct point x, struct point y);

/* Add one; false where memory is missing. */
bool spans_add(struct spans *s, struct span span);

/* Sort them: from now on they can be found; false where memory is missing. */
bool spans_finish(struct spans *s);

/* Let each span end where the next of its group starts; before finish. */
void spans_chain(struct spans *s);

/*
 * The place of the one that counts at a point, and then, from a place on,
 * of the next one that holds it.  SPANS_NONE where there is none.
 */
size_t spans_find(const struct spans *s, uint64_t group, struct point at);
size_t spans_before(
    const struct spans *s, size_t place, uint64_t group, struct point at);

/* The place of one that is like the one before it; or SPANS_NONE. */
size_t spans_repeated(const struct spans *s);

/* End the memory that the spans take. */
void spans_release(struct spans *s);

#endif
