/*
 * span_bins - how many events there were over time, for a strip of bars.
 *
 * The bins are as wide as it takes: a power of two microseconds, so that two
 * of them are one of the next width.
 */
#ifndef RENDER_SPAN_BINS_H
#define RENDER_SPAN_BINS_H

#include <stdint.h>

enum { SPAN_BINS = 96, SPAN_KINDS = 3 };

/* Starts as zero. */
struct span_bins {
	uint64_t events;
	int64_t first, last; /* of them, in microseconds since 1970 */
	int64_t end;         /* when it was over; last, or later */
	unsigned width;      /* of a bin: so many bits */
	int64_t from;        /* the first bin, counted from 1970 */
	uint64_t bin[SPAN_BINS][SPAN_KINDS];
};

/* Count an event of that kind. */
void span_bins_add(struct span_bins *s, int64_t time, unsigned kind);

/* It wasn't over before that time. */
void span_bins_reach(struct span_bins *s, int64_t time);

#endif
