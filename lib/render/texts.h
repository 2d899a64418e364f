/*
 * texts - texts that a page holds, each once, by their numbers.
 *
 * They are kept as JSON strings that may stand in an element that is a
 * script: what could end it, and what ends a line in JavaScript, is escaped.
 */
#ifndef RENDER_TEXTS_H
#define RENDER_TEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Append well-formed text as such a string. */
void texts_put(struct buf *out, const char *text, size_t len);

/* Starts as zero. */
struct texts {
	struct buf strings;
	struct texts_one {
		uint64_t hash;
		size_t at, len; /* in strings */
		bool used;      /* for texts_write() */
	} * one;
	size_t n, cap;
	uint32_t *slot; /* a number from 1, or 0 */
	size_t mask;
	bool failed; /* memory is missing */
};

/* The number of a text, which is kept if it is new. */
size_t texts_number(struct texts *t, const char *text, size_t len);

/* Append the array of those that are used; the others are 0. */
void texts_write(const struct texts *t, struct buf *out);
void texts_release(struct texts *t);

#endif
