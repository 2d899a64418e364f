#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/terminal.h"
#include "base/utf8.h"

bool
terminal_choose(enum terminal_colour *when, const char *text)
{
	static const char *const NAMES[] = {"auto", "always", "never"};

	for (int i = 0; i < 3; i++) {
		if (strcmp(text, NAMES[i]) != 0)
			continue;
		*when = (enum terminal_colour)i;
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
terminal_init(struct terminal *t, enum terminal_colour when, int fd)
{
	struct winsize size;

	t->colour = when == TERMINAL_ALWAYS ||
	    (when == TERMINAL_AUTO && wants_colour(fd));
	t->width = SIZE_MAX;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		t->width = size.ws_col;
}

static void
put_colour(struct terminal_line *l, const char *colour)
{
	if (!l->terminal->colour || *colour == '\0')
		return;
	buf_puts(l->out, "\033[");
	buf_puts(l->out, colour);
	buf_putc(l->out, 'm');
}

static void
put_plain(struct terminal_line *l, const char *colour)
{
	if (*colour != '\0')
		put_colour(l, "0");
}

bool
terminal_harmful(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x61C ||
	    c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
	    (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF ||
	    (c >= 0xE0000 && c <= 0xE007F);
}

/* One character; false where the line has no room for it. */
static bool
put_char(struct terminal_line *l, const char *text, size_t *len)
{
	uint32_t c = utf8_decode(text, len);
	/* Wide ones take two; it does no harm to count some more as wide. */
	size_t columns = terminal_harmful(c) ? 6 : c >= 0x1100 ? 2 : 1;

	if (l->left == SIZE_MAX)
		columns = 0;
	if (columns > 0 && l->left <= columns) {
		buf_puts(l->out, l->left > 0 ? "…" : "");
		l->left = 0;
		return false;
	}
	l->left -= columns;
	if (terminal_harmful(c))
		buf_printf(l->out, "\\u%04" PRIX32, c);
	else
		buf_put(l->out, text, *len);
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
terminal_text(
    struct terminal_line *l, const char *colour, const char *text, size_t n)
{
	size_t len;

	if (l->left == 0 || n == 0)
		return;
	put_colour(l, colour);
	while (n > 0) {
		len = easy(text, n);
		if (len >= l->left)
			len = l->left - 1;
		if (len > 0) {
			buf_put(l->out, text, len);
			l->left -= l->left == SIZE_MAX ? 0 : len;
		} else if (!put_char(l, text, &len)) {
			break;
		}
		text += len;
		n -= len;
	}
	put_plain(l, colour);
}

void
terminal_puts(struct terminal_line *l, const char *colour, const char *text)
{
	terminal_text(l, colour, text, strlen(text));
}

void
terminal_printf(
    struct terminal_line *l, const char *colour, const char *format, ...)
{
	char text[128];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	terminal_puts(l, colour, text);
}

void
terminal_field(struct terminal_line *l, const char *colour, const char *text,
    size_t n, size_t columns)
{
	size_t left = l->left;

	l->left = columns + 1; /* where the cut text would end */
	terminal_text(l, colour, text, n);
	if (l->left > 0)
		terminal_printf(l, TERMINAL_PLAIN, "%*s", (int)l->left - 1, "");
	if (left != SIZE_MAX)
		left = left > columns ? left - columns : 0;
	l->left = left;
}

void
terminal_duration(char text[TERMINAL_DURATION], int64_t micros)
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
	snprintf(text, TERMINAL_DURATION, "%.*f%s", UNITS[i].digits,
	    size / UNITS[i].unit, UNITS[i].name);
}

void
terminal_delta(
    struct terminal_line *l, const char *colour, int columns, int64_t micros)
{
	char text[TERMINAL_DURATION + 1];

	text[0] = micros < 0 ? '-' : '+';
	terminal_duration(text + 1, micros);
	terminal_printf(l, colour, "%*s", columns, text);
}
