/*
 * terminal - lines of text for people, on a terminal or elsewhere.
 *
 * The text comes from the data, so nothing of it reaches a terminal as it
 * is: control characters, and those that turn the direction of text, are
 * shown as \u escapes.  A line is cut at the terminal's width.
 */
#ifndef BASE_TERMINAL_H
#define BASE_TERMINAL_H

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
#define TERMINAL_CYAN   "36"

enum terminal_colour { TERMINAL_AUTO, TERMINAL_ALWAYS, TERMINAL_NEVER };

/* What is known of where the lines go. */
struct terminal {
	bool colour;
	size_t width; /* columns of a line; SIZE_MAX: it is never cut */
};

/* "auto", "always" or "never"; false for anything else. */
bool terminal_choose(enum terminal_colour *when, const char *text);

/*
 * Look at a descriptor: TERMINAL_AUTO is colour on a terminal unless
 * NO_COLOR is set; lines are cut to the width of a terminal, else not.
 */
void terminal_init(struct terminal *t, enum terminal_colour when, int fd);

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

enum { TERMINAL_DURATION = 40 };

/* A length of time in the unit that suits it, as in "1.2ms". */
void terminal_duration(char text[TERMINAL_DURATION], int64_t micros);

/* Append the same with its sign, as in "+1.2ms", in so many columns. */
void terminal_delta(
    struct terminal_line *l, const char *colour, int columns, int64_t micros);

#endif
