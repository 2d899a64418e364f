#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"

void
buf_release(struct buf *b)
{
	if (b->account != NULL)
		account_give(b->account, b->charged);
	free(b->p);
	*b = (struct buf){0};
}

static void
release_buf(void *b)
{
	buf_release(b);
}

struct buf *
buf_new(struct arena *a, struct arena_deferred **release)
{
	struct buf *b = arena_alloc(a, sizeof(*b));

	*b = (struct buf){0};
	buf_charge(b, &a->account);
	*release = arena_defer(a, release_buf, b);
	return b;
}

bool
buf_enter(struct buf *b, size_t cap)
{
	size_t own = cap - b->from;

	if (b->account == NULL || own <= BUF_FREE || own <= b->charged)
		return true;
	if (!account_take(b->account, own - b->charged))
		return false;
	b->charged = own;
	return true;
}

/*
 * A capacity of at least need, where the account has no room for more than
 * that: half of what is left, so that small puts don't each grow it.  0
 * where need doesn't fit.
 */
static size_t
squeeze(struct buf *b, size_t need)
{
	const struct account *a = b->account;
	size_t left = a->limit - a->held, own = need - b->from;
	size_t more = own > b->charged ? own - b->charged : 0;

	if (a->held > a->limit || more > left)
		return 0;
	need += (left - more) / 2;
	return buf_enter(b, need) ? need : 0;
}

/* A capacity for n bytes more, and for some after them; 0: it can't be. */
static size_t
larger(struct buf *b, size_t n)
{
	size_t want = b->cap < 256 ? 256 : b->cap;

	if (n > SIZE_MAX / 4 || b->len > SIZE_MAX / 4 - n)
		return 0;
	while (want < b->len + n)
		want += want / 2;
	return buf_enter(b, want) ? want : squeeze(b, b->len + n);
}

static bool
fail(struct buf *b)
{
	b->failed = true;
	b->cap = b->len; /* so that a smaller put finds no room either */
	return false;
}

bool
buf_grow(struct buf *b, size_t n)
{
	size_t want;
	char *p;

	if (b->failed)
		return false;
	want = larger(b, n);
	if (want == 0)
		return fail(b);
	p = realloc(b->p, want);
	if (p == NULL) {
		if (b->account != NULL)
			b->account->starved = true;
		return fail(b);
	}
	b->p = p;
	b->cap = want;
	return true;
}

void
buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0 || !buf_room(b, (size_t)n + 1)) {
		fail(b);
		return;
	}
	va_start(args, format);
	vsnprintf(b->p + b->len, (size_t)n + 1, format, args);
	va_end(args);
	b->len += (size_t)n;
}

void
buf_settle(struct buf *b)
{
	if (b->account != NULL)
		account_give(b->account, b->charged);
	b->account = NULL;
	b->charged = 0;
}
