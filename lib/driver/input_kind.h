/*
 * input_kind - what an input is that isn't lines of JSON objects.
 *
 * Most inputs that are rejected line by line are one thing as a whole, which
 * one message says better than ten.  A kind is told once for each input.
 */
#ifndef DRIVER_INPUT_KIND_H
#define DRIVER_INPUT_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum input_kind {
	INPUT_EVENTS, /* nothing is known but the line's own error */
	INPUT_GZIP,
	INPUT_ZSTD,
	INPUT_XZ,
	INPUT_BZIP2,
	INPUT_ZIP,
	INPUT_UTF16,
	INPUT_UTF16LE,
	INPUT_UTF16BE,
	INPUT_UTF32,
	INPUT_PRETTY,
	INPUT_ARRAY_LINES, /* an array over several lines */
	INPUT_ARRAY,       /* a line that is an array */
	INPUT_SEVERAL,     /* several objects on a line */
	INPUT_COMMA,       /* an object with a comma behind it */
	INPUT_PADDED, /* NUL bytes before an event; the message says more */
	INPUT_NULS,
	INPUT_BOM,
	INPUT_SEQ, /* RFC 7464 */
	INPUT_KINDS,
};

/*
 * What a line that can't be an event says about its input, of which it is
 * the first line or not; column (from 1) is where it is wrong, or 0.
 */
enum input_kind input_kind_of(
    const char *text, size_t len, bool first, size_t column);

/* Is all of the input of that kind, so that no other line need be told? */
bool input_kind_is_whole(enum input_kind k);

/* The kinds that were told of an input. */
struct kinds {
	uint32_t told; /* a bit each */
	bool whole;    /* one of them is all that is to be told */
};

/* Note one; false where it, or what it is part of, was told before. */
bool kinds_note(struct kinds *kinds, enum input_kind k);

/*
 * Say what the input is, and how a command turns it into events; path is
 * its file, or NULL.
 */
void input_kind_tell(
    struct buf *out, enum input_kind k, const char *path, const char *command);

#endif
