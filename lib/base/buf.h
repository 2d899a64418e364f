/*
 * buf - bytes that grow.
 *
 * A buffer that is all zeros is empty and ready.  A failed allocation is
 * remembered in it: it takes nothing more, and whoever sends the bytes on
 * asks buf_failed() once, at the end.  What it holds by then is a part of
 * what was put, so it goes nowhere.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/account.h"

struct arena;
struct arena_deferred;

enum { BUF_FREE = 64 * 1024 }; /* bytes that aren't charged */

struct buf {
	char *p;
	size_t len;
	size_t cap; /* of p; as much as len, once it failed */
	bool failed;
	bool spaced;             /* for who writes JSON: see value_write() */
	struct account *account; /* that growth is entered in, or NULL */
	size_t from;             /* length when charging began */
	size_t charged;          /* bytes entered so far */
};

/* A buffer in an array of char: it takes what fits, and never allocates. */
#define BUF_FIXED(room)                                                        \
	{                                                                      \
		.p = (room), .cap = sizeof(room), .failed = true               \
	}

/* Free what it holds: it is as good as new. */
void buf_release(struct buf *b);

/*
 * An empty buffer in the arena, and charged to it.  arena_end() releases it
 * by what is set in *release; else the arena does, with all it holds.
 */
struct buf *buf_new(struct arena *a, struct arena_deferred **release);

/* Make room for n more bytes; false, and failed is set, where there is none. */
bool buf_grow(struct buf *b, size_t n);

/* The same, for who writes to p + len itself. */
static inline bool
buf_room(struct buf *b, size_t n)
{
	return n <= b->cap - b->len || buf_grow(b, n);
}

/* Append n bytes, which aren't of the buffer itself. */
static inline void
buf_put(struct buf *b, const char *p, size_t n)
{
	if (n == 0 || !buf_room(b, n))
		return;
	memcpy(b->p + b->len, p, n);
	b->len += n;
}

/* Append one byte. */
static inline void
buf_putc(struct buf *b, char c)
{
	if (!buf_room(b, 1))
		return;
	b->p[b->len++] = c;
}

/* Append a NUL-terminated string, without the NUL. */
static inline void
buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

/* Append what printf() would write. */
void buf_printf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Was there a put that found no room? */
static inline bool
buf_failed(const struct buf *b)
{
	return b->failed;
}

/* Forget the content and a failure; keep the memory. */
static inline void
buf_clear(struct buf *b)
{
	b->len = b->from = 0;
	b->failed = false;
}

/*
 * Take back what was put since the length was len: a failure since then is
 * forgotten with it.
 */
static inline void
buf_back(struct buf *b, size_t len)
{
	b->len = len;
	b->failed = false;
}

/* Strike out what was entered, and enter nothing more. */
void buf_settle(struct buf *b);

/*
 * From now on enter what the buffer grows by in an account, where it is
 * more than 64 KiB: so much a buffer may keep from one event to the next.
 * The account lasts until buf_settle(), or the buffer's end.
 */
static inline void
buf_charge(struct buf *b, struct account *a)
{
	if (b->charged > 0)
		buf_settle(b);
	b->account = a;
	b->from = b->len;
}

/* Enter a capacity in the account, if there is one; false: it doesn't fit. */
bool buf_enter(struct buf *b, size_t cap);

/* May whoever writes a value into it recurse once more? */
static inline bool
buf_recurse(struct buf *b)
{
	return b->account == NULL || account_stack_left(b->account);
}

/*
 * Did all that was put find room, and does what was put since buf_charge()
 * fit the account?  It may not, though it fitted memory that was kept.
 * Nor does it where buf_recurse() said no.
 */
static inline bool
buf_fits(struct buf *b)
{
	return !b->failed && (b->account == NULL || !b->account->deep) &&
	    (b->len - b->from <= BUF_FREE || buf_enter(b, b->len));
}

#endif
