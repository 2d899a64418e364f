#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { ORDINARY = 64 * 1024 };

struct arena_block {
	struct arena_block *before;
	size_t size; /* of the room behind this head */
	_Alignas(16) char room[];
};

struct arena_deferred {
	struct arena_deferred *before;
	void (*end)(void *arg);
	void *arg;
};

void
arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){.account.limit = limit};
}

void
arena_exceed(struct arena *a)
{
	if (a->overflow == NULL)
		abort(); /* the owner broke the contract */
	longjmp(*a->overflow, 1);
}

void
arena_starve(struct arena *a)
{
	a->account.starved = true;
	arena_exceed(a);
}

static void
enter(struct arena *a, struct arena_block *b)
{
	a->block = b;
	a->at = b->room;
	a->end = b->room + b->size;
}

/* How large a block is made for size bytes, of which there are left. */
static size_t
block_size(const struct arena *a, size_t size, size_t left)
{
	size_t want = ORDINARY;

	/* Blocks double with what is held, so that large events stay cheap. */
	if (a->account.held / 4 > want)
		want = a->account.held / 4;
	if (want > left)
		want = left & ~(size_t)15;
	if (want < size)
		want = size;
	return (want + 15) & ~(size_t)15;
}

/* Go on in a new block that holds size bytes; false where there is none. */
static bool
add_block(struct arena *a, size_t size)
{
	size_t left = a->account.limit - a->account.held, want;
	struct arena_block *b;

	if (size > left)
		return false;
	want = block_size(a, size, left);
	if (!account_take(&a->account, want))
		return false;
	b = malloc(sizeof(*b) + want);
	if (b == NULL) {
		account_give(&a->account, want);
		a->account.starved = true;
		return false;
	}
	b->before = a->block;
	b->size = want;
	enter(a, b);
	return true;
}

/* size bytes, or NULL: the last ones of a block, or of a new one. */
static void *
try_alloc(struct arena *a, size_t size)
{
	void *p;

	if ((a->block == NULL || size > (size_t)(a->end - a->at)) &&
	    !add_block(a, size))
		return NULL;
	p = a->at;
	a->at += (size + 15) & ~(size_t)15;
	if (a->at > a->end)
		a->at = a->end;
	return p;
}

void *
arena_grow(struct arena *a, size_t size)
{
	void *p = try_alloc(a, size);

	if (p == NULL)
		arena_exceed(a);
	return p;
}

struct arena_deferred *
arena_defer(struct arena *a, void (*end)(void *arg), void *arg)
{
	struct arena_deferred *d = try_alloc(a, sizeof(*d));

	if (d == NULL) {
		end(arg);
		arena_exceed(a);
	}
	*d = (struct arena_deferred){a->deferred, end, arg};
	a->deferred = d;
	return d;
}

void
arena_end(struct arena *a, struct arena_deferred *d)
{
	struct arena_deferred **at = &a->deferred;

	while (*at != d)
		at = &(*at)->before;
	*at = d->before;
	d->end(d->arg);
}

static void
end_all(struct arena *a)
{
	while (a->deferred != NULL)
		arena_end(a, a->deferred);
}

static void
free_block(struct arena *a)
{
	struct arena_block *b = a->block;

	a->block = b->before;
	account_give(&a->account, b->size);
	free(b);
}

void
arena_reset(struct arena *a)
{
	struct arena_block *b;

	end_all(a);
	a->strings = NULL;
	while (
	    (b = a->block) != NULL && (b->before != NULL || b->size > ORDINARY))
		free_block(a);
	if (b != NULL)
		enter(a, b);
	else
		a->at = a->end = NULL;
}

void
arena_release(struct arena *a)
{
	end_all(a);
	a->strings = NULL;
	while (a->block != NULL)
		free_block(a);
	a->at = a->end = NULL;
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
