#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "render/svg_text.h"

/* Is it to be spelled, since it would be obeyed or is no character of XML? */
static bool
harmful(uint32_t c)
{
	return terminal_harmful(c) || c == 0xFFFE || c == 0xFFFF;
}

void
svg_text_char(struct buf *out, char c)
{
	if (strchr("<>&\"'", c) != NULL && c != '\0')
		buf_printf(out, "&#%d;", (int)(unsigned char)c);
	else
		buf_putc(out, c);
}

static void
put(struct buf *out, const char *text, size_t n, uint32_t c)
{
	if (harmful(c)) {
		buf_printf(out, "U+%04" PRIX32, c);
		return;
	}
	for (size_t i = 0; i < n; i++)
		svg_text_char(out, text[i]);
}

static double
advance(uint32_t c, enum svg_font font)
{
	static const double MONO = 6.95, EM[] = {14, 12, 11.5};
	double em = EM[font];

	if (harmful(c))
		return 6 * (font == SVG_MONO ? MONO : em * 0.66);
	if (c >= 0x1100)
		return em * 1.05;
	if (font == SVG_MONO)
		return MONO;
	if (c == 'm' || c == 'w' || c == 'M' || c == 'W' || c == '@')
		return em * (font == SVG_NAME ? 1.06 : 0.98);
	if (c < 0x80 && strchr("iljtfrI .,:;'|![]()/-", (int)c) != NULL)
		return em * 0.42;
	if (c >= 'A' && c <= 'Z')
		return em * (font == SVG_NAME ? 0.78 : 0.7);
	return em * (font == SVG_NAME ? 0.7 : 0.63);
}

/* A newline counts as the space that it is shown as. */
static uint32_t
next(const char *text, size_t *n)
{
	uint32_t c = utf8_decode(text, n);

	return c == '\n' || c == '\t' ? ' ' : c;
}

double
svg_text_width(const char *text, enum svg_font font)
{
	double width = 0;
	size_t n;

	for (; *text != '\0'; text += n)
		width += advance(next(text, &n), font);
	return width;
}

void
svg_text_fit(struct buf *out, const char *text, double room, enum svg_font font)
{
	bool whole = svg_text_width(text, font) <= room;
	double left = room - advance(0x2026 & 0x7F, font);
	size_t n;

	for (; *text != '\0'; text += n) {
		uint32_t c = next(text, &n);

		left -= advance(c, font);
		if (!whole && left < 0) {
			buf_puts(out, "…");
			return;
		}
		put(out, c == ' ' ? " " : text, c == ' ' ? 1 : n, c);
	}
}

void
svg_text_lines(struct buf *out, const char *text)
{
	size_t n;

	for (; *text != '\0'; text += n) {
		uint32_t c = utf8_decode(text, &n);

		if (c == '\n' || c == '\t')
			buf_putc(out, (char)c);
		else
			put(out, text, n, c);
	}
}

const char *
svg_text_line(struct buf *out, const char *text, int columns)
{
	size_t n;
	bool full = false;

	for (; *text != '\0' && *text != '\n'; text += n) {
		uint32_t c = utf8_decode(text, &n);

		columns -= harmful(c) && c != '\t' ? 6 : c >= 0x1100 ? 2 : 1;
		if (!full && columns <= 0 && text[n] != '\0' && text[n] != '\n')
			buf_puts(out, "…");
		full |= columns <= 0;
		if (full)
			continue;
		put(out, c == '\t' ? " " : text, n, c == '\t' ? ' ' : c);
	}
	return *text == '\n' ? text + 1 : NULL;
}
