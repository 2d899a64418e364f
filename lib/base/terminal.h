/*
 * terminal - lines of text for people, on a terminal or elsewhere.
 *
 * The text comes from the data, so nothing of it reaches a terminal as it
 * is: control characters, and those that turn the direction of text, are
 * shown as \u escapes.  A line is cut at the terminal's width.  Where the
 * locale isn't UTF-8, our own marks are ASCII; the data stays as it is.
 */
#ifndef BASE_TERMINAL_H
#define BASE_TERMINAL_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Colours: parameters of the escape sequence that selects them. */
#define TERMINAL_PLAIN  ""
#define TERMINAL_BOLD   "1"
#define TERMINAL_DIM    "2"
#define TERMINAL_RED    "31"
#define TERMINAL_GREEN  "32"
#define TERMINAL_YELLOW "33"
#define TERMINAL_BLUE   "34"
#define TERMINAL_LINED  "4" /* underlined; before another: "4;34" */
#define TERMINAL_STRUCK "9;31"

enum terminal_colour { TERMINAL_AUTO, TERMINAL_ALWAYS, TERMINAL_NEVER };

/* What is known of where the lines go. */
struct terminal {
	bool colour;
	bool ascii;       /* our marks are: the locale isn't UTF-8 */
	size_t width;     /* columns of a line; SIZE_MAX: it is never cut */
	locale_t unicode; /* knows how wide characters are; 0: nothing does */
};

/* "auto", "always" or "never"; false for anything else. */
bool terminal_choose(enum terminal_colour *when, const char *text);

/*
 * Look at a descriptor: TERMINAL_AUTO is colour on a terminal unless
 * NO_COLOR is set; lines are cut to COLUMNS, or to the width of a terminal,
 * else not.
 */
void terminal_init(struct terminal *t, enum terminal_colour when, int fd);
void terminal_release(struct terminal *t);

/* A mark of ours, or its spelling in ASCII. */
static inline const char *
terminal_mark(const struct terminal *t, const char *mark, const char *ascii)
{
	return t->ascii ? ascii : mark;
}

/* Would a terminal obey this character, or let it turn the text around? */
bool terminal_harmful(uint32_t c);

/* A line that is being written, and the columns that are left of it. */
struct terminal_line {
	struct buf *out;
	const struct terminal *terminal;
	size_t left;
};

/* Begin a line: all of its columns are left. */
static inline void
terminal_start(struct terminal_line *l)
{
	l->left = l->terminal->width;
}

/* Take back spaces at its end; from is where the line starts in out. */
void terminal_trim(struct terminal_line *l, size_t from);

/* End it with a newline. */
static inline void
terminal_end(struct terminal_line *l)
{
	buf_putc(l->out, '\n');
}

/* Append n bytes of text, which must be well-formed UTF-8. */
void terminal_text(
    struct terminal_line *l, const char *colour, const char *text, size_t n);

/* The same of a text that ends with a NUL. */
void terminal_puts(
    struct terminal_line *l, const char *colour, const char *text);

/* The same of what the format gives, of which 127 bytes are kept. */
void terminal_printf(struct terminal_line *l, const char *colour,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Text in so many columns: it is cut to them, or filled up with spaces. */
void terminal_field(struct terminal_line *l, const char *colour,
    const char *text, size_t n, size_t columns);

/* So many spaces, as far as there is room. */
void terminal_spaces(struct terminal_line *l, size_t n);

/* Columns that the text takes. */
size_t terminal_columns(const struct terminal *t, const char *text, size_t n);

/*
 * Bytes of the text that fit so many columns; it is taken not to hold a
 * newline.
 */
size_t terminal_fitting(
    const struct terminal *t, const char *text, size_t n, size_t columns);

enum { TERMINAL_DURATION = 40, TERMINAL_NUMBER = 32 };

/* A length of time in three digits and the unit that suits, as "1.20 ms". */
void terminal_duration(
    char text[TERMINAL_DURATION], int64_t micros, bool unicode);

/* The number with commas: "9,999"; gives its length. */
size_t terminal_number(char text[TERMINAL_NUMBER], uint64_t n);

#endif
