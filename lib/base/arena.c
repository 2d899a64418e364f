#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { ORDINARY = 64 * 1024 };

struct arena_block {
	struct arena_block *before;
	size_t size; /* of the room behind this head */
	_Alignas(16) char room[];
};

void
arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){.limit = limit};
}

static void
overflow(struct arena *a)
{
	if (a->overflow == NULL)
		abort(); /* the owner broke the contract */
	longjmp(*a->overflow, 1);
}

static void
enter(struct arena *a, struct arena_block *b)
{
	a->block = b;
	a->at = b->room;
	a->end = b->room + b->size;
}

void *
arena_grow(struct arena *a, size_t size)
{
	size_t want = ORDINARY;
	struct arena_block *b;
	void *p;

	if (size > a->limit || a->total > a->limit - size)
		overflow(a);
	/* Blocks double with what is held, so that large events stay cheap. */
	if (a->total / 4 > want)
		want = a->total / 4;
	if (want < size)
		want = size;
	want = (want + 15) & ~(size_t)15;
	b = malloc(sizeof(*b) + want);
	if (b == NULL) {
		a->starved = true;
		overflow(a);
	}
	b->before = a->block;
	b->size = want;
	a->total += want;
	enter(a, b);
	p = a->at;
	a->at += (size + 15) & ~(size_t)15;
	return p;
}

void
arena_reset(struct arena *a)
{
	struct arena_block *b = a->block;

	while (b != NULL && (b->before != NULL || b->size > ORDINARY)) {
		struct arena_block *before = b->before;

		a->total -= b->size;
		free(b);
		b = before;
	}
	if (b != NULL) {
		enter(a, b);
	} else {
		a->block = NULL;
		a->at = a->end = NULL;
	}
}

void
arena_release(struct arena *a)
{
	while (a->block != NULL) {
		struct arena_block *before = a->block->before;

		free(a->block);
		a->block = before;
	}
	a->at = a->end = NULL;
	a->total = 0;
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		overflow(a);
	return arena_alloc(a, bytes);
}

char *
arena_copy(struct arena *a, const char *text, size_t len)
{
	char *p = arena_alloc(a, len + 1);

	if (len > 0)
		memcpy(p, text, len);
	p[len] = '\0';
	return p;
}
