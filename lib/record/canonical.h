/*
 * canonical - the bytes of an event that its digests are taken of.
 *
 * They are the event without white space outside strings, and without the
 * history and one comma beside it.  They come in runs, as they stand in the
 * line or in what was written: nothing is copied.
 */
#ifndef RECORD_CANONICAL_H
#define RECORD_CANONICAL_H

#include <stddef.h>
#include <stdint.h>

#include "value/value.h"

/* Takes a run of bytes. */
typedef void canonical_sink(void *arg, const char *p, size_t n);

/* Entries of an object, its history left out: [first, cut) and [on, end). */
struct canonical_kept {
	const struct doc *doc;
	uint32_t first, cut, on, end;
};

/* Of the object as its doc has it, its history hidden. */
struct canonical_kept canonical_keep(struct value raw);

/* The tokens of such entries, without what is between them. */
void canonical_tokens(
    const struct canonical_kept *k, canonical_sink *put, void *arg);

/* All of the object, in as few runs as may be. */
void canonical_read(struct value raw, canonical_sink *put, void *arg);

/* The same with its history. */
void canonical_whole(struct value raw, canonical_sink *put, void *arg);

/* Of JSON text without a history. */
void canonical_text(
    const char *text, size_t len, canonical_sink *put, void *arg);

#endif
