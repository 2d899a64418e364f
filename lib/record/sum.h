/*
 * sum - the digest of an event that its records carry.
 *
 * It is XXH3-64 over the event's canonical bytes: the event without white
 * space outside strings, and without the history and one comma beside it.
 * Order, duplicate keys and spelling count.  A record says with it how its
 * stage left the event, so that the next one can tell whether others changed
 * it in between.
 */
#ifndef RECORD_SUM_H
#define RECORD_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "value/value.h"

enum { SUM_TEXT = 16 };

struct sum {
	uint64_t hash;
};

/* As it is written, 16 hexadecimal digits; no NUL. */
void sum_digits(const struct sum *sum, char out[SUM_TEXT]);

/* Of the object as its doc has it, its history hidden. */
struct sum sum_read(struct value raw);

/*
 * Of an object's JSON text without a history; spaced: there may be white
 * space between tokens.
 */
struct sum sum_text(const char *text, size_t len, bool spaced);

/* Of an object of any kind; scratch is the buffer's.  False: no memory. */
bool sum_value(struct value v, struct sum *sum);

/* Is it that text, or a token of it with quotes? */
bool sum_is(const struct sum *sum, const char *text);

/*
 * The sum in the last record of a history, as 16 bytes; NULL where it has
 * none.
 */
const char *sum_last(struct value history);

/* Write ,"sum":"…", and ,"read":"…" unless read is NULL. */
void sum_put(struct buf *out, const struct sum *sum, const struct sum *read);

#endif
