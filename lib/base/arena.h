/*
 * arena - memory that is given back all at once.
 *
 * What an event needs comes from an arena that is reset before the next
 * event.  Nothing from an arena is ever freed by itself.
 *
 * arena_alloc() never returns NULL: where memory or the arena's limit
 * ends, it longjmps to *overflow, which the arena's owner has set before.
 * Code that runs between the two must own nothing but arena memory.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena_block;

struct arena {
	char *at;  /* next free byte */
	char *end; /* end of the current block */
	struct arena_block *block;
	size_t total; /* bytes held in blocks */
	size_t limit; /* bytes that may be held */
	bool starved; /* it wasn't the limit: malloc() failed */
	jmp_buf *overflow;
};

/* Make an empty arena of at most limit bytes; nothing is allocated yet. */
void arena_init(struct arena *a, size_t limit);

/* Take everything back; keeps one block of ordinary size for the next use. */
void arena_reset(struct arena *a);

void arena_release(struct arena *a);

/* The way when the current block is full; call arena_alloc() instead. */
void *arena_grow(struct arena *a, size_t size);

/* size bytes, aligned for any object, not cleared. */
static inline void *
arena_alloc(struct arena *a, size_t size)
{
	char *p = a->at;

	if (size > (size_t)(a->end - p))
		return arena_grow(a, size);
	a->at = p + ((size + 15) & ~(size_t)15);
	if (a->at > a->end)
		a->at = a->end;
	return p;
}

/* n objects of size bytes each; the product is checked. */
void *arena_array(struct arena *a, size_t n, size_t size);

/* A copy of len bytes, with a NUL behind them. */
char *arena_copy(struct arena *a, const char *text, size_t len);

#endif
