#include <string.h>

#include "driver/window.h"

uint64_t
window_lines(const struct window *w)
{
	const char *p = w->text, *end = w->text + w->len;
	uint64_t n = 0;

	if (p == NULL)
		return w->len > 0 ? 0 : 1;
	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		n++;
		p++;
	}
	return n;
}

size_t
window_piece(const char *text, size_t len)
{
	const char *newline;

	if (len <= WINDOW_PIECE)
		return len;
	newline = memrchr(text, '\n', WINDOW_PIECE);
	if (newline == NULL)
		newline = memchr(text + WINDOW_PIECE, '\n', len - WINDOW_PIECE);
	return newline == NULL ? len : (size_t)(newline + 1 - text);
}
