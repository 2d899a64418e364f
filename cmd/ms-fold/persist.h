/*
 * persist - the state of ms-fold outside of it: in a file, or as lines.
 */
#ifndef PERSIST_H
#define PERSIST_H

#include "fold.h"
#include "state/keep.h"

/* The JSON texts of an entry, and its time as RFC 3339 or nothing. */
struct persist_texts {
	struct buf key, value;
	char at[32];
	size_t at_len;
};

void persist_texts_release(struct persist_texts *t);

/* An entry of the store as texts; a value of null where it was forgotten. */
bool persist_encode(const struct fold *f, const struct store_entry *e,
    struct persist_texts *t);

/*
 * Put an entry that was read into the store.  False after a complaint in
 * *why (static text).
 */
bool persist_decode(struct fold *f, struct arena *a, struct value key,
    struct value value, struct value at, const char **why);

/* --- a file --- */

/*
 * Open --state FILE and read what it holds: STATUS_OK, or the status after a
 * complaint.
 */
int persist_open(struct fold *f, struct settings *set);

/* The lines of the last batch of the run before, to be written again. */
bool persist_last_output(struct fold *f, struct buf *out);

/* Commit what has changed, with the batch's output; false: *error says. */
bool persist_commit(
    struct fold *f, const char *output, size_t len, const char **error);

void persist_close(struct fold *f);

/* --dump: write all state in a file as lines; the status to exit with. */
int persist_dump(struct fold *f, struct settings *set);

/* --load FILE: read lines into the state; the status to exit with. */
int persist_load(struct fold *f, struct settings *set);

#endif
