/*
 * candidate - an input that is made smaller and smaller: lines, of those
 * that are events their members and elements, and of these the values.
 *
 * A part can be taken out, and a value spelled otherwise; what remains is
 * written as it was read, but for spaces.  All memory is the arena's.
 */
#ifndef CANDIDATE_H
#define CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "value/value.h"

enum candidate_kind {
	CANDIDATE_LINES, /* all of the input */
	CANDIDATE_OBJECT,
	CANDIDATE_ARRAY,
	CANDIDATE_VALUE, /* a scalar, or a line that is no event */
};

struct candidate {
	enum candidate_kind kind;
	bool out;         /* it was taken out */
	struct value key; /* of a member, as it is spelled; or VALUE_NULL */
	const char *text; /* of a CANDIDATE_VALUE */
	size_t len;
	struct candidate *parts;
	size_t n;
};

/* A line; its parts are found by candidate_open(). */
struct candidate candidate_line(const char *text, size_t len);

/* Find the members of a line that is an event; others stay as they are. */
void candidate_open(struct candidate *c, struct arena *a);

/* Append what is left of it; of lines each with its newline. */
void candidate_write(struct buf *out, const struct candidate *c);

#endif
