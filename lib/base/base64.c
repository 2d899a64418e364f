#include "base/base64.h"

#include <stdint.h>

void
base64_put(struct buf *out, const char *text, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)text;

	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i;
		uint32_t w = (uint32_t)p[i] << 16;

		if (n > 1)
			w |= (uint32_t)p[i + 1] << 8;
		if (n > 2)
			w |= p[i + 2];
		buf_putc(out, digits[w >> 18]);
		buf_putc(out, digits[w >> 12 & 63]);
		buf_putc(out, n > 1 ? digits[w >> 6 & 63] : '=');
		buf_putc(out, n > 2 ? digits[w & 63] : '=');
	}
}
