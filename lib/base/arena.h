/*
 * arena - memory that is given back all at once.
 *
 * What an event needs comes from an arena that is reset before the next
 * event.  Nothing from an arena is ever freed by itself.
 *
 * arena_alloc() never returns NULL: where memory or the arena's limit
 * ends, it longjmps to *overflow, which the arena's owner has set before.
 * So what isn't arena memory (a lock, an allocation of another library) is
 * lost when a jump passes, unless arena_defer() knows how to end it.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/account.h"

struct arena_block;
struct arena_deferred;
struct rulebook;
struct string_cache;

struct arena {
	char *at;  /* next free byte */
	char *end; /* end of the current block */
	struct arena_block *block;
	struct arena_deferred *deferred; /* the last one first */
	struct account account; /* of the blocks, and of who shares it */
	jmp_buf *overflow;
	struct rulebook *rulebook;    /* for history/view.h; or NULL */
	struct string_cache *strings; /* for value/string.c; or NULL */
};

/* Make an empty arena of at most limit bytes; nothing is allocated yet. */
void arena_init(struct arena *a, size_t limit);

/*
 * Take everything back, what was deferred first; keeps one block of ordinary
 * size for the next use.
 */
void arena_reset(struct arena *a);

/* The same, and keep nothing. */
void arena_release(struct arena *a);

/* The way when the current block is full; call arena_alloc() instead. */
void *arena_grow(struct arena *a, size_t size);

/* size bytes, aligned for any object, not cleared; never NULL, even for 0. */
static inline void *
arena_alloc(struct arena *a, size_t size)
{
	char *p = a->at;

	if (size >= (size_t)(a->end - p))
		return arena_grow(a, size);
	a->at = p + ((size + 15) & ~(size_t)15);
	if (a->at > a->end)
		a->at = a->end;
	return p;
}

/* A copy of len bytes, with a NUL behind them. */
char *arena_copy(struct arena *a, const char *text, size_t len);

/*
 * Have end(arg) called when the arena is reset or released: in a jump's wake
 * as well, so arg must not stand on the stack.  What is deferred last ends
 * first.  Where there is no memory to note it, end(arg) is called at once,
 * and the arena overflows.
 */
struct arena_deferred *arena_defer(
    struct arena *a, void (*end)(void *arg), void *arg);

/* Do now what was deferred, and not again later. */
void arena_end(struct arena *a, struct arena_deferred *d);

/* Leave by the overflow: more is wanted than the limit allows. */
_Noreturn void arena_exceed(struct arena *a);

/* n objects of size bytes each; the product is checked. */
static inline void *
arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		arena_exceed(a);
	return arena_alloc(a, bytes);
}

/* Leave by the overflow where there is no stack to recurse once more. */
static inline void
arena_recurse(struct arena *a)
{
	if (!account_stack_left(&a->account))
		arena_exceed(a);
}

/* Leave by the overflow: there is no memory for what isn't the arena's. */
_Noreturn void arena_starve(struct arena *a);

#endif
