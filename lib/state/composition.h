/*
 * composition - which events a result was made of: a record's "of".
 *
 * How many they were, the first and the last by id, the lines that they
 * came from, and a digest: the sum modulo 2^128 of XXH3-128 over each
 * event's id and fork path.  The digest doesn't depend on their order; it
 * finds mistakes, not forgery.  Where an event had no id there is none.
 *
 * Between two events it is kept as bytes, in front of the state: a
 * fixed part, then the ranges that are used.
 */
#ifndef STATE_COMPOSITION_H
#define STATE_COMPOSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "history/provenance.h"
#include "record/uuid.h"
#include "value/value.h"

enum { COMPOSITION_RANGES = 64 };

struct composition_range {
	uint32_t source; /* its number: see composition_names */
	uint32_t unused; /* so that there are no bytes of no meaning */
	int64_t from, to;
};

struct composition {
	uint64_t n;
	uint64_t digest[2]; /* low half first */
	char first[UUID_TEXT], last[UUID_TEXT];
	uint8_t no_ids; /* some event had none */
	uint8_t more;   /* lines that stand in no range */
	uint16_t ranges_n;
	uint32_t unused;
	struct composition_range ranges[COMPOSITION_RANGES];
};

/* The names of sources by their numbers, and back. */
struct composition_names {
	char **names;
	size_t *lens;
	uint32_t n;
};

/* Number of a source, which is made where it is new; false without memory. */
bool composition_source(struct composition_names *names, const char *name,
    size_t len, uint32_t *number);
void composition_names_release(struct composition_names *names);

/* One event, as it is added; what it doesn't have is NULL or 0. */
struct composition_event {
	const char *id; /* UUID_TEXT bytes */
	const char *forks;
	size_t forks_len;
	bool has_line;
	uint32_t source;
	int64_t line;
};

/*
 * What an event is in one: its fork path stands in forks until that is used
 * again, its id as long as the event.  False where memory is missing.
 */
bool composition_describe(struct composition_event *e, struct arena *a,
    const struct provenance *p, struct buf *forks,
    struct composition_names *names);

/* Add one more event that a result is made of. */
void composition_add(struct composition *c, const struct composition_event *e);

/* Bytes that c takes when it is kept. */
size_t composition_size(const struct composition *c);

/* Read it back from what was kept; bytes that it took, 0 where it is none. */
size_t composition_read(struct composition *c, const char *p, size_t len);

/* As JSON: {"n":42,"first":ID,"last":ID,"lines":{…},"digest":"…"}. */
void composition_write(struct buf *out, const struct composition *c,
    const struct composition_names *names);

/*
 * What tells one from another, as text that stays the same in every run: the
 * digest; without ids the place of the first event.
 */
void composition_put_identity(struct buf *out, const struct composition *c,
    const struct composition_names *names);

/* Read that JSON; false where it isn't so. */
bool composition_parse(struct composition *c, struct arena *a,
    struct composition_names *names, struct value v);

#endif
