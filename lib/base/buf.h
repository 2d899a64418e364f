/*
 * buf - bytes that grow.
 *
 * A failed allocation is remembered in the buffer: later puts do nothing,
 * and whoever sends the bytes on asks buf_failed() once, at the end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct buf {
	char *p;
	size_t len;
	size_t cap;
	bool failed;
};

void buf_release(struct buf *b);

/* Make room for n more bytes; false, and failed is set, where there is none. */
bool buf_grow(struct buf *b, size_t n);

static inline bool
buf_room(struct buf *b, size_t n)
{
	return n <= b->cap - b->len || buf_grow(b, n);
}

static inline void
buf_put(struct buf *b, const char *p, size_t n)
{
	if (n == 0 || !buf_room(b, n))
		return;
	memcpy(b->p + b->len, p, n);
	b->len += n;
}

static inline void
buf_putc(struct buf *b, char c)
{
	if (!buf_room(b, 1))
		return;
	b->p[b->len++] = c;
}

/* A NUL-terminated string, without the NUL. */
static inline void
buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void buf_printf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline bool
buf_failed(const struct buf *b)
{
	return b->failed;
}

/* Forget the content and a failure; keep the memory. */
static inline void
buf_clear(struct buf *b)
{
	b->len = 0;
	b->failed = false;
}

#endif
