/*
 * dump - state as lines of JSON: {"key":…,"value":…,"at":…}.
 *
 * So it is dumped and loaded, and so it travels beside the stream.  A value
 * of null says that the key was forgotten; of lines with the same key the
 * last one counts.
 */
#ifndef STATE_DUMP_H
#define STATE_DUMP_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "value/value.h"

/* Append a line; key and value are JSON texts, at is RFC 3339 or empty. */
void dump_put(struct buf *out, const char *key, size_t key_len,
    const char *value, size_t value_len, const char *at, size_t at_len);

/* One line as it is read: at is VALUE_NULL where there is none. */
struct dump_entry {
	struct value key, value, at;
};

enum dump_status {
	DUMP_ENTRY,
	DUMP_MARK, /* it says how much was written at a barrier: no entry */
	DUMP_BAD,  /* *why says what is wrong, static text */
};

/* Read a line; memory is the arena's. */
enum dump_status dump_read(struct arena *a, const char *line, size_t len,
    struct dump_entry *e, const char **why);

#endif
