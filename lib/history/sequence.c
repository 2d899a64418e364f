#include <string.h>

#include "history/sequence.h"

enum {
	FULL = 256, /* elements of a chunk; a full one is cut in halves */
	SPARE = 8,  /* room for more in the only chunk of a small array */
};

struct sequence_chunk {
	uint32_t n, cap;
	struct draft_slot slot[];
};

static struct sequence_chunk *
chunk_new(struct arena *a, uint32_t cap)
{
	struct sequence_chunk *c =
	    arena_alloc(a, sizeof(*c) + cap * sizeof(c->slot[0]));

	c->n = 0;
	c->cap = cap;
	return c;
}

/* Put a chunk at number k of the list of chunks. */
static void
add_chunk(
    struct arena *a, struct sequence *s, size_t k, struct sequence_chunk *c)
{
	if (s->chunks_n == s->chunks_cap) {
		size_t cap = s->chunks_cap * 2 + 4;
		struct sequence_chunk **more =
		    arena_array(a, cap, sizeof(struct sequence_chunk *));

		if (s->chunks_n > 0)
			memcpy(more, s->chunks, s->chunks_n * sizeof(*more));
		s->chunks = more;
		s->chunks_cap = cap;
	}
	memmove(s->chunks + k + 1, s->chunks + k,
	    (s->chunks_n - k) * sizeof(struct sequence_chunk *));
	s->chunks[k] = c;
	s->chunks_n++;
}

void
sequence_init(struct arena *a, struct sequence *s, size_t n)
{
	*s = (struct sequence){.n = n};
	while (n > 0) {
		size_t part = n < FULL / 2 ? n : FULL / 2;
		struct sequence_chunk *c = chunk_new(
		    a, s->n < FULL / 2 ? (uint32_t)(part + SPARE) : FULL);

		c->n = (uint32_t)part;
		memset(c->slot, 0, part * sizeof(c->slot[0]));
		add_chunk(a, s, s->chunks_n, c);
		n -= part;
	}
}

/*
 * Find the chunk that holds element i, or one behind whose last it comes;
 * there is a chunk.
 */
static struct sequence_chunk *
find_chunk(struct sequence *s, size_t i)
{
	if (i < s->first && i < s->first - i) { /* nearer to the start */
		s->last = 0;
		s->first = 0;
	}
	while (i < s->first)
		s->first -= s->chunks[--s->last]->n;
	while (
	    i >= s->first + s->chunks[s->last]->n && s->last + 1 < s->chunks_n)
		s->first += s->chunks[s->last++]->n;
	return s->chunks[s->last];
}

struct draft_slot *
sequence_at(struct sequence *s, size_t i)
{
	struct sequence_chunk *c = find_chunk(s, i);

	return &c->slot[i - s->first];
}

/* A chunk like it with room for more, in its stead. */
static struct sequence_chunk *
grow_chunk(struct arena *a, struct sequence *s, struct sequence_chunk *c)
{
	uint32_t cap = c->cap * 2 < FULL ? c->cap * 2 : FULL;
	struct sequence_chunk *more = chunk_new(a, cap);

	memcpy(more->slot, c->slot, c->n * sizeof(c->slot[0]));
	more->n = c->n;
	s->chunks[s->last] = more;
	return more;
}

static void
cut_chunk(struct arena *a, struct sequence *s, struct sequence_chunk *c)
{
	struct sequence_chunk *rest = chunk_new(a, FULL);

	rest->n = c->n / 2;
	c->n -= rest->n;
	memcpy(rest->slot, c->slot + c->n, rest->n * sizeof(c->slot[0]));
	add_chunk(a, s, s->last + 1, rest);
}

struct draft_slot *
sequence_insert(struct arena *a, struct sequence *s, size_t i)
{
	struct sequence_chunk *c;
	size_t at;

	if (s->chunks_n == 0)
		add_chunk(a, s, 0, chunk_new(a, SPARE));
	c = find_chunk(s, i);
	if (c->n == FULL) {
		cut_chunk(a, s, c);
		c = find_chunk(s, i);
	} else if (c->n == c->cap) {
		c = grow_chunk(a, s, c);
	}
	at = i - s->first;
	memmove(
	    c->slot + at + 1, c->slot + at, (c->n - at) * sizeof(c->slot[0]));
	c->n++;
	s->n++;
	return memset(&c->slot[at], 0, sizeof(c->slot[at]));
}

void
sequence_remove(struct sequence *s, size_t i)
{
	struct sequence_chunk *c = find_chunk(s, i);
	size_t at = i - s->first;

	c->n--;
	s->n--;
	memmove(
	    c->slot + at, c->slot + at + 1, (c->n - at) * sizeof(c->slot[0]));
	if (c->n > 0)
		return;
	s->chunks_n--;
	memmove(s->chunks + s->last, s->chunks + s->last + 1,
	    (s->chunks_n - s->last) * sizeof(struct sequence_chunk *));
	if (s->last > 0)
		s->first -= s->chunks[--s->last]->n;
}
