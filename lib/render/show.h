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
 * Append where the event came from, or else where it was read, as in
 * "from access.ndjson:2", "of 42 events, access.ndjson:1-40", "at -:1"; the
 * text behind stands between the first word and the rest.
 */
void show_place(struct show *s, const struct show_event *e,
    const struct view *v, size_t n, const char *behind);

/*
 * "event 01a2…, from access.ndjson:2" on a line of its own.  v holds the n
 * records of its history.
 */
void show_header(
    struct show *s, const struct show_event *e, const struct view *v, size_t n);

/* The record's stage as it is called: its name, else its op, else "?". */
struct value show_stage(struct show *s, const struct view *v);

/* Its op, where it has a name besides; else an empty text. */
struct value show_op(struct show *s, const struct view *v);

/* A text in so many columns, cut or filled up, and two spaces. */
void show_column(
    struct show *s, const char *colour, struct value text, size_t columns);

/*
 * The next line of a text, without what ends it; *text is what follows.
 * False where nothing is left.
 */
bool show_next_line(struct value *text, struct value *line);

/* Append a line of a program, with its tabs as spaces. */
void show_code(struct show *s, const char *colour, struct value line);

/* Append its first line, and how many more there are. */
void show_rule(struct show *s, const char *colour, struct value rule);

/* All of it, a line a line, indented. */
void show_rule_lines(
    struct show *s, const char *colour, struct value rule, size_t indent);

/*
 * Keep a decoded text where there is room for so many bytes, with a NUL
 * behind; NUL itself, which would end it, becomes U+FFFD.
 */
void show_keep(char *out, size_t room, struct value text);

#endif
