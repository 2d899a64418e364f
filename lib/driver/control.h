/*
 * barrier - a line that says how many lines were sent before it.
 *
 * A line whose first member is "ms.barrier", as in
 *
 *	{"ms.barrier":"slot-7-42","n":118}
 *
 * is no event.  Whoever reads it compares n with the lines that came since
 * the last barrier, writes out everything before it, and hands it on with
 * n rewritten to the lines that were written since the last one.  All else
 * of the line stays as it was.
 */
#ifndef DRIVER_CONTROL_H
#define DRIVER_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Where things stand in a barrier's line, and what it says. */
struct barrier {
	size_t name, name_len; /* of its value, as it is spelled */
	size_t n, n_len;       /* of the number */
	uint64_t sent;         /* lines, as the number says */
};

static const char barrier_key[] = "\"ms.barrier\"";

/* Does text, of which a whole key is readable, start with the key? */
static inline bool
barrier_at(const char *text)
{
	return memcmp(text, barrier_key, sizeof(barrier_key) - 1) == 0;
}

/* The same for an object's whole text, which nobody has scanned yet. */
bool barrier_starts(const char *text, size_t len);

/* Read a barrier; false where the line isn't a well-formed one. */
bool barrier_read(struct barrier *b, const char *text, size_t len);

#endif
