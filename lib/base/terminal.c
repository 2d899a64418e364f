#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/utf8.h"
#include "base/terminal.h"
#include "value/string.h"

bool
paper_choose(enum paper_colour *when, const char *text)
{
	static const char *const NAMES[] = {"auto", "always", "never"};

	for (int i = 0; i < 3; i++) {
		if (strcmp(text, NAMES[i]) != 0)
			continue;
		*when = (enum paper_colour)i;
		return true;
	}
	return false;
}

static bool
wants_colour(int fd)
{
	const char *no = getenv("NO_COLOR");

	return isatty(fd) && (no == NULL || *no == '\0');
}

void
paper_init(struct paper *p, enum paper_colour when, int fd)
{
	struct winsize size;

	p->colour =
	    when == PAPER_ALWAYS || (when == PAPER_AUTO && wants_colour(fd));
	p->width = SIZE_MAX;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		p->width = size.ws_col;
}

static void
pen_colour(struct pen *p, const char *colour)
{
	if (!p->paper->colour || *colour == '\0')
		return;
	buf_puts(p->out, "\033[");
	buf_puts(p->out, colour);
	buf_putc(p->out, 'm');
}

static void
pen_plain(struct pen *p, const char *colour)
{
	if (*colour != '\0')
		pen_colour(p, "0");
}

/* Would a terminal obey this character, or let it turn the text around? */
static bool
harmful(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x61C ||
	    c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
	    (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF ||
	    (c >= 0xE0000 && c <= 0xE007F);
}

/* One character; false where the line has no room for it. */
static bool
pen_char(struct pen *p, const char *text, size_t *len)
{
	uint32_t c = utf8_decode(text, len);
	/* Wide ones take two; it does no harm to count some more as wide. */
	size_t columns = harmful(c) ? 6 : c >= 0x1100 ? 2 : 1;

	if (p->left == SIZE_MAX)
		columns = 0;
	if (columns > 0 && p->left <= columns) {
		buf_puts(p->out, p->left > 0 ? "…" : "");
		p->left = 0;
		return false;
	}
	p->left -= columns;
	if (harmful(c))
		buf_printf(p->out, "\\u%04" PRIX32, c);
	else
		buf_put(p->out, text, *len);
	return true;
}

/* Bytes at the start that are ASCII and harmless, a column each. */
static size_t
easy(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && text[i] >= 0x20 && text[i] < 0x7F)
		i++;
	return i;
}

void
pen_text(struct pen *p, const char *colour, const char *text, size_t n)
{
	size_t len;

	if (p->left == 0 || n == 0)
		return;
	pen_colour(p, colour);
	while (n > 0) {
		len = easy(text, n);
		if (len >= p->left)
			len = p->left - 1;
		if (len > 0) {
			buf_put(p->out, text, len);
			p->left -= p->left == SIZE_MAX ? 0 : len;
		} else if (!pen_char(p, text, &len)) {
			break;
		}
		text += len;
		n -= len;
	}
	pen_plain(p, colour);
}

void
pen_puts(struct pen *p, const char *colour, const char *text)
{
	pen_text(p, colour, text, strlen(text));
}

void
pen_printf(struct pen *p, const char *colour, const char *format, ...)
{
	char text[128];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	pen_puts(p, colour, text);
}

void
pen_value(struct pen *p, const char *colour, struct value v)
{
	if (value_is_string(v))
		v = string_decoded(p->a, v);
	if (v.kind == VALUE_STRING || v.kind == VALUE_NUMBER)
		pen_text(p, colour, v.text, v.n);
}

void
pen_json(struct pen *p, const char *colour, struct value v, size_t columns)
{
	struct buf text = {0};
	size_t left = p->left;

	value_write(&text, v);
	p->out->failed |= text.failed;
	if (p->left > columns)
		p->left = columns;
	columns = p->left;
	pen_text(p, colour, text.p, text.len);
	if (left != SIZE_MAX)
		p->left += left - columns;
	buf_release(&text);
}

void
pen_span(char text[PEN_SPAN], int64_t micros)
{
	static const struct {
		double below, unit;
		int digits;
		const char *name;
	} UNITS[] = {
	    {1e3, 1, 0, "us"},
	    {1e6, 1e3, 1, "ms"},
	    {60e6, 1e6, 2, "s"},
	    {3600e6, 60e6, 1, "min"},
	    {86400e6, 3600e6, 1, "h"},
	    {1e300, 86400e6, 1, "d"},
	};
	double size = micros < 0 ? -(double)micros : (double)micros;
	size_t i = 0;

	while (size >= UNITS[i].below)
		i++;
	snprintf(text, PEN_SPAN, "%.*f%s", UNITS[i].digits,
	    size / UNITS[i].unit, UNITS[i].name);
}

void
pen_delta(struct pen *p, const char *colour, int columns, int64_t micros)
{
	char text[PEN_SPAN + 1];

	text[0] = micros < 0 ? '-' : '+';
	pen_span(text + 1, micros);
	pen_printf(p, colour, "%*s", columns, text);
}
