#include <inttypes.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

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

/* Does the locale of the environment write UTF-8? */
static bool
writes_utf8(void)
{
	static const char *const NAMES[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	const char *name = NULL;
	bool utf8;

	if (locale != (locale_t)0) {
		utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
		freelocale(locale);
		return utf8;
	}
	/* One that isn't installed here says it by its name. */
	for (int i = 0; i < 3 && (name == NULL || *name == '\0'); i++)
		name = getenv(NAMES[i]);
	return name != NULL &&
	    (strcasestr(name, "utf-8") != NULL ||
		strcasestr(name, "utf8") != NULL);
}

/* What COLUMNS says, else what the terminal does. */
static size_t
width_of(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	char *end;
	unsigned long n;

	if (columns != NULL && *columns >= '1' && *columns <= '9') {
		n = strtoul(columns, &end, 10);
		if (*end == '\0' && n < UINT16_MAX)
			return n;
	}
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return SIZE_MAX;
}

void
terminal_init(struct terminal *t, enum terminal_colour when, int fd)
{
	t->colour = when == TERMINAL_ALWAYS ||
	    (when == TERMINAL_AUTO && wants_colour(fd));
	t->ascii = !writes_utf8();
	t->width = width_of(fd);
	if (t->unicode == (locale_t)0)
		t->unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

void
terminal_release(struct terminal *t)
{
	if (t->unicode != (locale_t)0)
		freelocale(t->unicode);
	t->unicode = (locale_t)0;
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

/* Columns of a character that isn't ASCII, as it is shown. */
static size_t
columns_of(const struct terminal *t, uint32_t c)
{
	locale_t before;
	int n;

	if (terminal_harmful(c))
		return c > 0xFFFF ? 7 : 6;
	if (c < 0x80)
		return 1;
	if (t->unicode == (locale_t)0) /* rather too many than too few */
		return c >= 0x1100 ? 2 : 1;
	before = uselocale(t->unicode);
	n = wcwidth((wchar_t)c);
	uselocale(before);
	return n < 0 ? 1 : (size_t)n;
}

/* The end of a line that has no room for what follows. */
static void
put_cut(struct terminal_line *l)
{
	buf_puts(l->out, terminal_mark(l->terminal, "…", "..."));
	l->left = 0;
}

/* Three dots need more room than one: leave it where they will be needed. */
static void
reserve(struct terminal_line *l, const char *text, size_t n)
{
	if (!l->terminal->ascii || l->left == SIZE_MAX || l->left < 3 ||
	    terminal_columns(l->terminal, text, n) < l->left)
		return;
	l->left -= 2;
}

/* One character; false where the line has no room for it. */
static bool
put_char(struct terminal_line *l, const char *text, size_t *len)
{
	uint32_t c = utf8_decode(text, len);
	size_t columns = 0;

	if (l->left != SIZE_MAX)
		columns = columns_of(l->terminal, c);
	if (columns > 0 && l->left <= columns) {
		put_cut(l);
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
	reserve(l, text, n);
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
		terminal_spaces(l, l->left - 1);
	if (left != SIZE_MAX)
		left = left > columns ? left - columns : 0;
	l->left = left;
}

void
terminal_spaces(struct terminal_line *l, size_t n)
{
	static const char SPACES[] = "                                ";
	size_t part;

	for (; n > 0 && l->left > 0; n -= part) {
		part = n < sizeof(SPACES) - 1 ? n : sizeof(SPACES) - 1;
		terminal_text(l, TERMINAL_PLAIN, SPACES, part);
	}
}

void
terminal_trim(struct terminal_line *l, size_t from)
{
	size_t n = l->out->len;

	while (n > from && l->out->p[n - 1] == ' ')
		n--;
	l->out->len = n;
}

size_t
terminal_columns(const struct terminal *t, const char *text, size_t n)
{
	size_t columns = 0, len;

	for (size_t i = 0; i < n; i += len) {
		len = easy(text + i, n - i);
		columns += len;
		if (len == 0)
			columns += columns_of(t, utf8_decode(text + i, &len));
	}
	return columns;
}

size_t
terminal_fitting(
    const struct terminal *t, const char *text, size_t n, size_t columns)
{
	size_t i = 0, len;

	while (i < n) {
		size_t c = columns_of(t, utf8_decode(text + i, &len));

		if (c > columns)
			break;
		columns -= c;
		i += len;
	}
	return i;
}

void
terminal_duration(char text[TERMINAL_DURATION], int64_t micros, bool unicode)
{
	static const struct {
		double below, unit;
		const char *name;
	} UNITS[] = {
	    {999.5, 1, "µs"},
	    {999.5e3, 1e3, "ms"},
	    {59.95e6, 1e6, "s"},
	    {3597e6, 60e6, "min"},
	    {86400e6, 3600e6, "h"},
	    {1e300, 86400e6, "d"},
	};
	double size = micros < 0 ? -(double)micros : (double)micros, in;
	size_t i = 0;

	while (size >= UNITS[i].below)
		i++;
	in = size / UNITS[i].unit;
	snprintf(text, TERMINAL_DURATION, "%.*f %s",
	    i == 0 || in >= 99.95 ? 0
		: in >= 9.995     ? 1
				  : 2,
	    in, i == 0 && !unicode ? "us" : UNITS[i].name);
}

size_t
terminal_number(char text[TERMINAL_NUMBER], uint64_t n)
{
	char digits[TERMINAL_NUMBER];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, n);
	size_t k = 0;

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			text[k++] = ',';
		text[k++] = digits[i];
	}
	text[k] = '\0';
	return k;
}
