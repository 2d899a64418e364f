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
