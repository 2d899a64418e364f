/*
 * pen - lines for people, on a terminal or elsewhere.
 *
 * What is written comes from the data, so nothing of it reaches a terminal
 * as it is: control characters, and those that turn the direction of text,
 * are shown as \u escapes.  A line is cut at the paper's width.
 */
#ifndef BASE_TERMINAL_H
#define BASE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "value/value.h"

#define PEN_PLAIN  ""
#define PEN_BOLD   "1"
#define PEN_DIM    "2"
#define PEN_RED    "31"
#define PEN_GREEN  "32"
#define PEN_YELLOW "33"
#define PEN_CYAN   "36"

enum paper_colour { PAPER_AUTO, PAPER_ALWAYS, PAPER_NEVER };

struct paper {
	bool colour;
	size_t width; /* columns of a line; SIZE_MAX: it is never cut */
};

/* "auto", "always" or "never"; false for anything else. */
bool paper_choose(enum paper_colour *when, const char *text);

/*
 * Look at a descriptor: PAPER_AUTO is colour on a terminal unless NO_COLOR
 * is set; lines are cut to the width of a terminal, else not.
 */
void paper_init(struct paper *p, enum paper_colour when, int fd);

/* Writes one line, and knows how many columns are left of it. */
struct pen {
	struct buf *out;
	struct arena *a;
	const struct paper *paper;
	size_t left;
};

static inline void
pen_start(struct pen *p)
{
	p->left = p->paper->width;
}

static inline void
pen_end(struct pen *p)
{
	buf_putc(p->out, '\n');
}

/* Text is well-formed UTF-8. */
void pen_text(struct pen *p, const char *colour, const char *text, size_t n);
void pen_puts(struct pen *p, const char *colour, const char *text);
void pen_printf(struct pen *p, const char *colour, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A string's text, or a number as it is spelled; nothing else. */
void pen_value(struct pen *p, const char *colour, struct value v);

/* The JSON text of a value, cut at so many columns of the line. */
void pen_json(
    struct pen *p, const char *colour, struct value v, size_t columns);

enum { PEN_SPAN = 40 };

/* A length of time in the unit that suits it, as in "1.2ms". */
void pen_span(char text[PEN_SPAN], int64_t micros);

/* The same with its sign, as in "+1.2ms", in so many columns. */
void pen_delta(struct pen *p, const char *colour, int columns, int64_t micros);

#endif
