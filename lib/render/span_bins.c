#include <string.h>

#include "render/span_bins.h"

/* Two bins are one now. */
static void
widen(struct span_bins *s)
{
	uint64_t old[SPAN_BINS][SPAN_KINDS];
	int64_t from = s->from;

	memcpy(old, s->bin, sizeof(old));
	memset(s->bin, 0, sizeof(s->bin));
	s->width++;
	s->from = from >> 1;
	for (int64_t i = 0; i < SPAN_BINS; i++)
		for (unsigned k = 0; k < SPAN_KINDS; k++)
			s->bin[((from + i) >> 1) - s->from][k] += old[i][k];
}

/* Let the bins begin earlier. */
static void
shift(struct span_bins *s, int64_t by)
{
	memmove(s->bin[by], s->bin[0],
	    (size_t)(SPAN_BINS - by) * sizeof(s->bin[0]));
	memset(s->bin[0], 0, (size_t)by * sizeof(s->bin[0]));
	s->from -= by;
}

void
span_bins_reach(struct span_bins *s, int64_t time)
{
	if (time > s->end)
		s->end = time;
}

void
span_bins_add(struct span_bins *s, int64_t time, unsigned kind)
{
	if (s->events == 0) {
		s->first = s->last = s->end = time;
		s->from = time;
	}
	s->first = time < s->first ? time : s->first;
	s->last = time > s->last ? time : s->last;
	span_bins_reach(s, time);
	while ((s->last >> s->width) - (s->first >> s->width) >= SPAN_BINS)
		widen(s);
	if (s->first >> s->width < s->from)
		shift(s, s->from - (s->first >> s->width));
	s->bin[(time >> s->width) - s->from][kind]++;
	s->events++;
}
