/*
 * control - lines that are no events but speak to the stages.
 *
 * A line whose first member's key starts with "ms. is a control line.  Every
 * filter hands it on in its place, as it is, be its key known or not.  No
 * event can begin so, and no program can make one.  One kind is known here, a
 * line that says how many lines were sent before it:
 *
 *	{"ms.barrier":"slot-7-42","n":118}
 *
 * Whoever reads a barrier compares n with the lines, events and other control
 * lines, that came since the last one, writes out everything before it, and
 * hands it on with n rewritten to the lines that were written since the last
 * one.  All else of the line stays as it was.
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

static const char control_prefix[] = "\"ms.";

/*
 * Does the first token of an object begin a control line?  Four bytes from
 * text on must be readable.
 */
static inline bool
control_at(const char *text)
{
	return memcmp(text, control_prefix, sizeof(control_prefix) - 1) == 0;
}

/*
 * The same for a whole line, which nobody has scanned: where the key starts
 * in text, with its quote, or NULL where the line isn't a control line.
 */
const char *control_key(const char *text, size_t len);

/* Is the key at control_key() a barrier's?  The text goes to end. */
bool control_is_barrier(const char *key, const char *end);

/* Is it a time's, {"ms.time":"…"}? */
bool control_is_time(const char *key, const char *end);

/* Is it a signature's, {"ms.seal":{…}}? */
bool control_is_seal(const char *key, const char *end);

/* Is the line one JSON text?  Only with -R nobody knows already. */
bool control_is_json(const char *text, size_t len);

/* Read a barrier; false where the line isn't a well-formed one. */
bool control_read_barrier(struct barrier *b, const char *text, size_t len);

#endif
