#include <string.h>

#include "trust/needles.h"

/* A number of the first bytes of a text, which has NEEDLE_LEAST. */
static uint32_t
start_of(const char *p)
{
	uint64_t x = 0;

	memcpy(&x, p, NEEDLE_LEAST);
	return (uint32_t)((x * 0x9E3779B97F4A7C15u) >> 32);
}

static void
index_all(struct needles *s)
{
	s->mask = s->cap * 2 - 1;
	s->index = arena_array(s->a, (size_t)s->mask + 1, sizeof(*s->index));
	memset(s->index, 0, ((size_t)s->mask + 1) * sizeof(*s->index));
	for (uint32_t i = 1; i < s->n; i++) {
		uint32_t *bucket = &s->index[start_of(s->v[i].text) & s->mask];

		s->v[i].next = *bucket;
		*bucket = i;
	}
}

static void
grow(struct needles *s)
{
	struct needle *more;

	s->cap = s->cap == 0 ? 16 : s->cap * 2;
	if (s->cap > UINT32_MAX / 4)
		arena_exceed(s->a);
	more = arena_array(s->a, s->cap, sizeof(*more));
	if (s->n > 0)
		memcpy(more, s->v, s->n * sizeof(*more));
	else
		s->n = 1;
	s->v = more;
	index_all(s);
}

void
needles_add(struct needles *s, const char *text, size_t n)
{
	uint32_t *bucket;

	if (n < NEEDLE_LEAST)
		return;
	if (s->n > 0) {
		uint32_t i = s->index[start_of(text) & s->mask];

		for (; i != 0; i = s->v[i].next)
			if (s->v[i].n == n &&
			    memcmp(s->v[i].text, text, n) == 0)
				return;
	}
	if (s->n == s->cap)
		grow(s);
	bucket = &s->index[start_of(text) & s->mask];
	s->v[s->n] = (struct needle){text, n, *bucket};
	*bucket = s->n++;
}

bool
needles_in(const struct needles *s, const char *text, size_t n)
{
	if (s->n == 0)
		return false;
	for (; n >= NEEDLE_LEAST; text++, n--) {
		uint32_t i = s->index[start_of(text) & s->mask];

		for (; i != 0; i = s->v[i].next)
			if (s->v[i].n <= n &&
			    memcmp(s->v[i].text, text, s->v[i].n) == 0)
				return true;
	}
	return false;
}
