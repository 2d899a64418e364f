#include <stddef.h>

#include "base/histogram.h"

static size_t
slot_of(uint64_t v)
{
	unsigned octave;

	if (v < 2 * HISTOGRAM_PARTS)
		return v;
	if (v >> HISTOGRAM_BITS != 0)
		return HISTOGRAM_SLOTS - 1;
	octave = 63 - (unsigned)__builtin_clzll(v) - 5; /* from 1 */
	return octave * HISTOGRAM_PARTS + (size_t)(v >> octave);
}

/* The middle of the values that a slot counts. */
static uint64_t
value_of(size_t slot)
{
	size_t octave = slot / HISTOGRAM_PARTS;

	if (octave < 2)
		return slot;
	octave--;
	return ((slot % HISTOGRAM_PARTS + HISTOGRAM_PARTS) << octave) +
	    (((uint64_t)1 << octave) >> 1);
}

void
histogram_add(struct histogram *h, uint64_t v)
{
	h->slot[slot_of(v)]++;
	h->count++;
	if (v > h->max)
		h->max = v;
}

void
histogram_join(struct histogram *h, const struct histogram *other)
{
	for (size_t i = 0; i < HISTOGRAM_SLOTS; i++)
		h->slot[i] += other->slot[i];
	h->count += other->count;
	if (other->max > h->max)
		h->max = other->max;
}

uint64_t
histogram_at(const struct histogram *h, double q)
{
	uint64_t wanted = (uint64_t)(q * (double)h->count), seen = 0;

	if (h->count == 0)
		return 0;
	if (wanted >= h->count)
		return h->max;
	for (size_t i = 0; i < HISTOGRAM_SLOTS; i++) {
		seen += h->slot[i];
		if (seen > wanted)
			return value_of(i) < h->max ? value_of(i) : h->max;
	}
	return h->max;
}
