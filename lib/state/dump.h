/*
 * dump - state as lines of JSON: {"key":…,"value":…,"at":…}.
 *
 * So it is dumped and loaded, and so it travels beside the stream.  A value
 * of null says that the key was forgotten; of lines with the same key the
 * last one counts.  Two more kinds of lines say how far a source was folded,
 * {"source":…,"number":…,"forks":…}, and, in a mark, what holds for the
 * state as a whole.
 */
#ifndef STATE_DUMP_H
#define STATE_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "state/position.h"
#include "value/value.h"

/* Append a line; key and value are JSON texts, at is RFC 3339 or empty. */
void dump_put(struct buf *out, const char *key, size_t key_len,
    const char *value, size_t value_len, const char *at, size_t at_len);

/* The same for a source, whose name is plain text. */
void dump_put_position(
    struct buf *out, const char *source, size_t len, const struct position *at);

/* What holds for a state as a whole. */
struct dump_facts {
	bool has_time;
	int64_t time;   /* of the stream, microseconds since 1970 */
	uint64_t order; /* that the next window gets */
};

/* Append members of a mark: ,"time":…,"order":…, or nothing. */
void dump_put_facts(struct buf *out, const struct dump_facts *f);

/* One line as it is read; what it doesn't have is VALUE_NULL. */
struct dump_entry {
	struct value key, value, at; /* of DUMP_ENTRY */
	struct value source;         /* of DUMP_POSITION, decoded */
	struct position position;
	struct value of;         /* of DUMP_MARK: whose state it is; */
	struct value barrier;    /* its barrier's name; */
	int64_t n;               /* changed keys before it; -1: it says none */
	struct dump_facts facts; /* the same; as they were, where it has none */
};

enum dump_status {
	DUMP_ENTRY,
	DUMP_POSITION,
	DUMP_MARK, /* it speaks of the state as a whole: no entry */
	DUMP_BAD,  /* *why says what is wrong, static text */
};

/* Read a line; memory is the arena's. */
enum dump_status dump_read(struct arena *a, const char *line, size_t len,
    struct dump_entry *e, const char **why);

#endif
