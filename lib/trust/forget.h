/*
 * forget - values that are taken out of events, and of their histories.
 *
 * What is forgotten or masked is told once, by paths.  Then each event that
 * holds anything there is written anew (ms-lineage(5), "Forgetting"): the
 * event without it, a history that doesn't tell it either, and a record of
 * its own that says which paths.
 *
 * A struct forget is filled before the first event, and then shared by
 * threads; what it finds to tell people is kept in it, under a lock.
 */
#ifndef TRUST_FORGET_H
#define TRUST_FORGET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "record/lineage.h"
#include "trust/key_file.h"
#include "trust/needles.h"
#include "trust/policy.h"
#include "value/value.h"

struct forget;

/* Nothing is forgotten yet.  NULL where memory is missing. */
struct forget *forget_new(void);
void forget_free(struct forget *f); /* may be NULL; wipes its key */

/*
 * Forget what is at a path (as pointer_parse_pattern() has it), or mask it.
 * NULL, or why not: static text that goes behind the path.  The history has
 * the key history.
 */
const char *forget_path(
    struct forget *f, const char *path, bool mask, const char *history);

/*
 * The same for what a policy says, which lasts as long as f does: its paths to
 * be forgotten, and with masks those to be masked, but for what the event's
 * history shows to be masked already (masked.h).  Where it is wrong, *path is
 * the one.
 */
const char *forget_policy(struct forget *f, const struct policy *p, bool masks,
    const char *history, const char **path);

/* Mask under this secret key, which isn't needed any more then. */
void forget_key(struct forget *f, const struct key *key);

/* A path, and who says so. */
struct forget_said {
	struct pathspec path;
	bool mask, by_policy;
};

/* Path number i; false behind the last. */
bool forget_said(const struct forget *f, size_t i, struct forget_said *said);

/* Is there a path to be masked, with policy only by one? */
bool forget_masks(const struct forget *f, bool policy);

/* Is there a key to do so? */
bool forget_has_key(const struct forget *f);

/* The op and the rule of its records: "forget", ".email; mask .ip". */
const char *forget_op(const struct forget *f);
void forget_rule(const struct forget *f, struct buf *out);

enum forget_status {
	FORGET_NOTHING, /* neither the event nor its history holds it */
	FORGET_DONE,    /* out holds the line anew, with a newline */
	FORGET_FAILED,  /* error says why it can't be done */
};

/* An event that is to be written anew. */
struct forget_event {
	struct arena *a;
	struct value root, history;    /* as lineage_find() left them */
	const struct lineage *lineage; /* of the record, op and rule inside */
	const char *at;                /* the record's time */
	const char *error;             /* of FORGET_FAILED: static text */
	/* What is forgotten, in the arena: for forget_again(). */
	struct needles needles;
};

/* Append the event to out without what is to be forgotten. */
enum forget_status forget_event(
    struct forget *f, struct forget_event *e, struct buf *out);

/*
 * Look through the line of an event that forget_event() wrote anew, with
 * records that were written since: a rule or an undo may tell again what is
 * gone.  The line, which begins at byte from of out, is mended there.  Scratch
 * memory is the arena's.  False where memory is missing.
 */
bool forget_again(struct forget *f, struct arena *a,
    const struct needles *needles, const struct lineage *l, struct buf *out,
    size_t from);

/* What there is to tell: *i counts from 0. */
enum forget_told {
	FORGET_NO_MORE,
	FORGET_STAYS, /* at this path the same value stays */
	FORGET_RULE,  /* the rule of this hash spells a value */
};

/* The next of it, and its text, which lasts until forget_free(). */
enum forget_told forget_tell(
    struct forget *f, size_t *i, const char **text, size_t *len);

#endif
