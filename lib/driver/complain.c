#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/utf8.h"
#include "driver/complain.h"

enum { WIDTH = 72, INDENT = 4 };

/* Controls, and what turns the direction of writing. */
static bool
is_obeyed(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E ||
	    c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
	    (c >= 0x2066 && c <= 0x2069);
}

void
complain_visible(struct buf *b, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		const char *p = text + i;
		size_t n = utf8_valid((const unsigned char *)p, len - i);
		uint32_t c;

		if (n == 0) {
			buf_printf(b, "\\x%02x", (unsigned char)*p);
			i++;
			continue;
		}
		c = utf8_decode(p, &n);
		if (!is_obeyed(c))
			buf_put(b, p, n);
		else if (c < 0x80)
			buf_printf(b, "\\x%02x", (unsigned)c);
		else
			buf_printf(b, "\\u%04x", (unsigned)c);
		i += n;
	}
}

void
complain_raw(const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDERR_FILENO, text, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return; /* there is nobody left to tell */
		text += n;
		len -= (size_t)n;
	}
}

void
complain(const char *command, const char *format, ...)
{
	/* Memory may be what is missing.  No byte becomes more than four. */
	char message[2048], line[4 * sizeof(message) + 64];
	struct buf b = BUF_FIXED(line);
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(message))
		n = sizeof(message) - 1;
	buf_puts(&b, command);
	buf_puts(&b, ": ");
	complain_visible(&b, message, (size_t)n);
	buf_putc(&b, '\n');
	complain_raw(b.p, b.len);
}

/* Columns that a terminal gives to a code point, near enough. */
static size_t
columns(uint32_t c)
{
	if (c >= 0x300 && c <= 0x36F)
		return 0;
	return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
		(c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
		(c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
		(c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD)
	    ? 2
	    : 1;
}

/* One code point (or bad byte) of a program as it is shown. */
struct glyph {
	size_t bytes, width;
	bool as_is;
};

static struct glyph
glyph_at(const char *p, size_t n)
{
	size_t len = utf8_valid((const unsigned char *)p, n);
	uint32_t c;

	if (len == 0)
		return (struct glyph){1, 1, false};
	c = utf8_decode(p, &len);
	if (is_obeyed(c))
		return (struct glyph){len, 1, false};
	return (struct glyph){len, columns(c), true};
}

static size_t
width_of(const char *p, size_t n)
{
	size_t width = 0;

	for (size_t i = 0; i < n;) {
		struct glyph g = glyph_at(p + i, n - i);

		width += g.width;
		i += g.bytes;
	}
	return width;
}

/* The part of the line around the place that fits WIDTH columns. */
static void
put_cut(struct buf *b, const char *line, size_t len, size_t place)
{
	size_t from = 0, width = 0, caret, before = width_of(line, place);

	while (before > WIDTH * 2 / 3) {
		struct glyph g = glyph_at(line + from, len - from);

		before -= g.width;
		from += g.bytes;
	}
	buf_printf(b, "%*s", INDENT - (from > 0 ? 3 : 0), "");
	if (from > 0)
		buf_puts(b, "...");
	caret = INDENT + before;
	for (size_t i = from; i < len;) {
		struct glyph g = glyph_at(line + i, len - i);

		if (width + g.width > WIDTH) {
			buf_puts(b, "...");
			break;
		}
		if (g.as_is)
			buf_put(b, line + i, g.bytes);
		else
			buf_putc(b, line[i] == '\t' ? ' ' : '?');
		width += g.width;
		i += g.bytes;
	}
	buf_printf(b, "\n%*s^\n", (int)caret, "");
}

void
complain_program(const char *command, const char *where, const char *text,
    size_t len, size_t offset, const char *message)
{
	struct buf b = {0};
	size_t number = 1, from = 0, to;

	if (offset > len)
		offset = len;
	for (size_t i = 0; i < offset; i++) {
		if (text[i] == '\n') {
			number++;
			from = i + 1;
		}
	}
	for (to = offset; to < len && text[to] != '\n'; to++)
		;
	buf_printf(&b, "%s: ", command);
	complain_visible(&b, where, strlen(where));
	buf_printf(&b, ":%zu:%zu: ", number,
	    utf8_count(text + from, offset - from) + 1);
	complain_visible(&b, message, strlen(message));
	buf_putc(&b, '\n');
	put_cut(&b, text + from, to - from, offset - from);
	if (buf_failed(&b))
		complain(command, "%s: %s", where, message);
	else
		complain_raw(b.p, b.len);
	buf_release(&b);
}
