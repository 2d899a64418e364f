#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"

void
buf_release(struct buf *b)
{
	free(b->p);
	*b = (struct buf){0};
}

bool
buf_grow(struct buf *b, size_t n)
{
	size_t want = b->cap < 256 ? 256 : b->cap;
	char *p;

	if (b->failed)
		return false;
	if (n > SIZE_MAX / 4 || b->len > SIZE_MAX / 4 - n) {
		b->failed = true;
		return false;
	}
	while (want < b->len + n)
		want += want / 2;
	p = realloc(b->p, want);
	if (p == NULL) {
		b->failed = true;
		return false;
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
		b->failed = true;
		return;
	}
	va_start(args, format);
	vsnprintf(b->p + b->len, (size_t)n + 1, format, args);
	va_end(args);
	b->len += (size_t)n;
}
