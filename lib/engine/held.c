#include <inttypes.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "engine/held.h"
#include "value/value.h"

static void
put_bytes(struct buf *out, const char *p, size_t n)
{
	if (p == NULL) {
		buf_puts(out, "null");
	} else if (utf8_check(p, n) == n) {
		value_write_string(out, p, n);
	} else {
		buf_puts(out, "{\"base64\":\"");
		base64_put(out, p, n);
		buf_puts(out, "\"}");
	}
}

/* A whole number; a format would cost more than all the rest. */
static void
put_number(struct buf *out, int64_t n)
{
	char digits[20];
	size_t i = sizeof(digits);
	uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;

	do {
		digits[--i] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (n < 0)
		buf_putc(out, '-');
	buf_put(out, digits + i, sizeof(digits) - i);
}

static void
put_headers(struct buf *out, const struct held *h)
{
	buf_puts(out, ",\"headers\":[");
	for (size_t i = 0; i < h->headers_n; i++) {
		const struct held_header *header = &h->headers[i];

		buf_puts(out, i == 0 ? "{\"name\":" : ",{\"name\":");
		put_bytes(out, header->name, strlen(header->name));
		buf_puts(out, ",\"value\":");
		put_bytes(out, header->value, header->len);
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}

void
held_put_place(struct buf *out, const struct held *h)
{
	buf_puts(out, "{\"topic\":");
	value_write_string(out, h->topic, strlen(h->topic));
	buf_puts(out, ",\"partition\":");
	put_number(out, h->partition);
	buf_puts(out, ",\"offset\":");
	put_number(out, h->offset);
	if (h->timestamp >= 0) {
		buf_puts(out, ",\"timestamp\":");
		put_number(out, h->timestamp);
	}
	if (h->key != NULL) {
		buf_puts(out, ",\"key\":");
		put_bytes(out, h->key, h->key_len);
	}
	if (h->headers_n > 0)
		put_headers(out, h);
	buf_putc(out, '}');
}
