/*
 * record - one record of a history, as it is written.
 */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "value/value.h"

/*
 * The members that a record may have, in the order in which they stand
 * (ms-lineage(5)).  What reads records follows this list; what writes them,
 * record.c, keeps to its order.
 */
#define RECORD_MEMBERS(MEMBER)                                                 \
	MEMBER(OP, "op")                                                       \
	MEMBER(STAGE, "stage")                                                 \
	MEMBER(RULE, "rule")                                                   \
	MEMBER(REVERTS, "reverts")                                             \
	MEMBER(ID, "id")                                                       \
	MEMBER(FROM, "from")                                                   \
	MEMBER(FORK, "fork")                                                   \
	MEMBER(KEPT, "kept")                                                   \
	MEMBER(SAMPLE, "sample")                                               \
	MEMBER(FAILED, "failed")                                               \
	MEMBER(AT, "at")                                                       \
	MEMBER(UNDO, "undo")                                                   \
	MEMBER(TRUNCATED, "truncated")                                         \
	MEMBER(SUM, "sum")                                                     \
	MEMBER(READ, "read")                                                   \
	MEMBER(WINDOW, "window")                                               \
	MEMBER(OF, "of")                                                       \
	MEMBER(REV, "rev")                                                     \
	MEMBER(FORGOTTEN, "forgotten")                                         \
	MEMBER(SEAL, "seal")

/* What an event that many were made into says of them; JSON texts. */
struct record_made {
	const char *window, *of;
	size_t window_len, of_len;
	uint32_t rev; /* from 1, which isn't told */
};

/*
 * What a record says beside what is the same in all of its stage.  It is
 * zeroed for each event, which pays for its size.
 */
struct record {
	size_t reverts;   /* number of the record that it takes back, or 0 */
	const char *id;   /* identity of the event, a UUID's text, or NULL */
	const char *from; /* JSON text of the origin, or NULL */
	size_t from_len;
	size_t fork_i, fork_n; /* from 1; fork_n 0 where nothing forked */
	bool turned_away;      /* "kept":false */
	const char *sample;    /* the share that passes, as JSON, or NULL */
	const char *failed;    /* why the event passed unchanged, or NULL */
	const struct record_made *made; /* of many events, or NULL */
};

/* Append text with U+FFFD for each byte that isn't UTF-8. */
void record_put_repaired(struct buf *b, const char *text, size_t len);

/*
 * The start of a record, up to what is the same in all of a stage: op, and
 * stage and rule where they aren't NULL.  Any text will do.
 */
void record_put_head(struct buf *b, const char *op, const char *stage,
    const char *rule, size_t rule_len);

/*
 * A record behind that head up to its time, which is 27 bytes of RFC 3339;
 * r->from is JSON already, so whoever made it saw to its UTF-8.
 */
void record_put(struct buf *out, const struct buf *head, const struct record *r,
    const char *at);

/*
 * The undo that turns now into before, or nothing where they are written the
 * same.  False, and truncated instead, where it is longer than cap bytes or
 * nested so deep that no line of so many levels holds it: it stands three
 * levels down.  parts: by undo_write_parts().
 */
bool record_put_undo(struct buf *out, struct arena *a, struct value before,
    struct value now, size_t cap, size_t depth, bool parts);

/* Behind that: what the event was made of, where it was made of many. */
void record_put_made(struct buf *out, const struct record *r);

#endif
