/*
 * lineage - the history that an event carries, and its records.
 *
 * An event's history is the member named by the lineage key, an array of
 * records, oldest first, written as the last member (ms-lineage(5)).  This
 * module finds it, and writes events with one record more.
 */
#ifndef RECORD_LINEAGE_H
#define RECORD_LINEAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "json/scan.h"
#include "record/attest.h"
#include "record/record.h"
#include "value/value.h"

enum lineage_mode { LINEAGE_FULL, LINEAGE_COMPACT, LINEAGE_SLIM, LINEAGE_OFF };

enum { LINEAGE_RECORDS = 100000 }; /* that a history may have */

#define LINEAGE_NO_CAP SIZE_MAX /* an undo may be as long as it comes */

/* What is the same in every record that a stage writes. */
struct lineage {
	enum lineage_mode mode;
	size_t cap;      /* bytes that one undo may take, or LINEAGE_NO_CAP */
	bool parts;      /* its undo is undo_write_parts()'s */
	size_t depth;    /* levels that a line may have where it is read */
	const char *key; /* "_lineage", or what MS_LINEAGE_KEY says */
	size_t key_len;
	struct buf name; /* holds key */
	struct buf open; /* ,"_lineage":[ : a history's start */
	struct buf head; /* a record's start: op, stage and rule */
	struct attest_keys attest;
};

/*
 * Prepare a stage's records; key (NULL or empty: "_lineage"), stage and rule
 * may be NULL.  Any text will do: bytes that aren't UTF-8 are replaced.  -1
 * where memory is missing.
 */
int lineage_init(struct lineage *l, enum lineage_mode mode, const char *key,
    const char *op, const char *stage, const char *rule, size_t rule_len);

/* Seal the records with the first of these keys, which outlast them. */
void lineage_seal(struct lineage *l, const struct seal_keys *keys);

/* Free what lineage_init() made. */
void lineage_release(struct lineage *l);

/*
 * Find the history of the object at entry root: hides it in the doc (see
 * doc.hidden) and gives its array, an empty one where there is none.
 * NULL where all is well, or why it is no history (static text).
 */
const char *lineage_find(const struct lineage *l, struct arena *a,
    struct doc *d, uint32_t root, struct value *history);

/*
 * Write an event on one line with its newline: what it is now, its history
 * so far, and a new record (unless the mode is LINEAGE_OFF) whose undo turns
 * now back into before.  before is the object at line->root with its
 * history hidden.  now may be before itself: nothing changed, no undo.
 * line is NULL where there is no event before (ms-map -R): no undo then.
 * at is the time as 27 bytes of RFC 3339.  Scratch memory is the arena's.
 * False where the undo was left out, being above the cap or nested so deep
 * that the next filter wouldn't read the event; "truncated" says so then.
 */
bool lineage_write(struct buf *out, struct arena *a, const struct lineage *l,
    const struct line *line, struct value before, struct value now,
    struct value history, const struct record *record, const char *at);

/* One of several changes that a stage made one after another. */
struct lineage_step {
	const struct lineage *lineage; /* whose head its record has */
	struct record record;
	struct value before, now; /* before is an object in a doc */
};

/*
 * The same for n changes at least one, each of which gets a record: the event
 * is what the last one left, and what is hidden in the first one's before is
 * the history so far.  Gives how many undos were left out.
 */
size_t lineage_write_steps(struct buf *out, struct arena *a,
    const struct lineage_step *step, size_t n, struct value history,
    const char *at);

/*
 * Write the event on one line with exactly this history (its raw text is
 * copied), or without one where it is empty.
 */
void lineage_write_history(struct buf *out, struct arena *a,
    const struct lineage *l, struct value now, struct value history);

/* Write the line of the object root without its history. */
void lineage_strip(struct buf *out, const struct line *line, struct value root);

#endif
