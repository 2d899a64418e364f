/*
 * histogram - how values of any size are spread, in bounded memory.
 *
 * Log-linear: values below 64 are counted one by one, and each doubling
 * above in 32 equal parts, so that what is read back is within 2 percent.
 * The largest value is exact.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdint.h>

enum {
	HISTOGRAM_PARTS = 32,
	HISTOGRAM_BITS = 44, /* larger values are counted as the largest */
	HISTOGRAM_SLOTS = HISTOGRAM_PARTS * (HISTOGRAM_BITS - 4),
};

struct histogram {
	uint64_t count, max;
	uint64_t slot[HISTOGRAM_SLOTS];
};

/* Count a value. */
void histogram_add(struct histogram *h, uint64_t v);

/* Count in one what another has counted. */
void histogram_join(struct histogram *h, const struct histogram *other);

/* The value that a part q (0 to 1) of all values don't exceed; 0 if none. */
uint64_t histogram_at(const struct histogram *h, double q);

#endif
