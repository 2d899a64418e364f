/*
 * svg_text - text in SVG, escaped, and cut to the room that there is.
 *
 * How wide a text is depends on the reader's fonts; the widths here are those
 * of common ones, rounded up.
 */
#ifndef RENDER_SVG_TEXT_H
#define RENDER_SVG_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/terminal.h"

enum svg_font { SVG_NAME, SVG_SMALL, SVG_MONO };

/* A character, as XML has it. */
void svg_text_char(struct buf *out, char c);

/* Pixels that the text takes. */
double svg_text_width(const char *text, enum svg_font font);

/* The text on one line, cut at so many pixels. */
void svg_text_fit(
    struct buf *out, const char *text, double room, enum svg_font font);

/* All of it, newlines as they are. */
void svg_text_lines(struct buf *out, const char *text);

/* A line of it, cut at so many columns; gives the next one, or NULL. */
const char *svg_text_line(struct buf *out, const char *text, int columns);

#endif
