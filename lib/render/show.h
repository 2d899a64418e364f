/*
 * show - values, events and origins on a terminal's line.
 *
 * What the views for people have in common: the value is decoded, and
 * terminal.h cares for what a terminal would obey.
 */
#ifndef RENDER_SHOW_H
#define RENDER_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/terminal.h"
#include "history/view.h"
#include "value/value.h"

struct show {
	struct terminal_line line;
	struct arena *a; /* for what has to be decoded */
};

/* An event to be shown, and where it was read. */
struct show_event {
	struct value event;
	struct value history;
	const char *source; /* name of the input; any bytes */
	uint64_t line;
};

/* Append a string's text, or a number as it is spelled; nothing else. */
void show_value(struct show *s, const char *colour, struct value v);

/* Append the JSON text of a value, cut at so many columns of the line. */
void show_json(
    struct show *s, const char *colour, struct value v, size_t columns);

/*
 * Append the first part of a record's "from", as in "hosts.csv:2" or
 * "topic[3]@42", behind the text before; false where it has none.
 */
bool show_origin(struct show *s, const char *colour, const char *before,
    const struct view *v);

/*
 * Append the event's id and origin.  Without an id, the text anonymous and
 * where it was read.  v holds the n records of its history.
 */
void show_identity(struct show *s, const struct show_event *e,
    const struct view *v, size_t n, const char *anonymous);

/* The same on a line of its own. */
void show_header(
    struct show *s, const struct show_event *e, const struct view *v, size_t n);

/*
 * Keep a decoded text where there is room for so many bytes, with a NUL
 * behind; NUL itself, which would end it, becomes U+FFFD.
 */
void show_keep(char *out, size_t room, struct value text);

#endif
