/*
 * persist - the state of ms-fold outside of it: in a file, or as lines.
 *
 * There a state is JSON for people: the key's text and the state's, or for a
 * window {"key","from"} and the state with what else belongs to it.
 */
#ifndef PERSIST_H
#define PERSIST_H

#include "fold.h"

/* --- persist.c: entries as texts --- */

/* End the texts' memory. */
void persist_texts_release(struct persist_texts *t);

/* False where memory is missing. */
bool persist_encode(
    const struct fold *f, const struct state_entry *e, struct persist_texts *t);

/*
 * Put an entry that was read into the state, or forget its key where value
 * is null; persist_plan() follows the last one.  Gives NULL, or why that isn't
 * possible.  at is RFC 3339 or VALUE_NULL; scratch memory is the arena's.
 */
const char *persist_decode(struct fold *f, struct arena *a, struct value key,
    struct value value, struct value at);

/* Have the windows that were read closed in time; false without memory. */
bool persist_plan(struct fold *f);

/* What holds for the state as a whole, and back. */
struct dump_facts persist_facts(const struct fold *f);
void persist_take_facts(struct fold *f, const struct dump_facts *facts);

/* Whose state it is: texts that persist_owner_release() frees. */
struct persist_owner {
	struct buf program, key, window;
};
bool persist_owner(const struct fold *f, struct persist_owner *o);
void persist_owner_release(struct persist_owner *o);

/* --- kept_file.c: --state FILE --- */

/*
 * Open the file and read what it holds into the state: STATUS_OK, or the
 * status to exit with after a complaint.
 */
int kept_file_open(struct fold *f);

/* What a file says of the state as a whole; false where reading fails. */
bool kept_file_facts(struct keep *k, struct dump_facts *facts);

/* How many uses it has numbered: 0 where their order is of no matter. */
bool kept_file_uses(struct keep *k, uint64_t *uses);

/* Tell what was skipped, and close it. */
void kept_file_close(struct fold *f);

/* resume(), commit() and tidy() of the command: see driver/command.h. */
bool kept_file_resume(void *arg, struct buf *lines);
bool kept_file_commit(void *arg, const char *lines, size_t len);
void kept_file_tidy(void *arg);

/*
 * Was the event folded before?  VERDICT_PASS: it is new; *known says whether
 * kept_file_note() is to note it, once it is folded.
 */
enum verdict kept_file_judge(struct fold *f, struct event *ev, bool *known);
void kept_file_note(struct fold *f);

/* --- beside_stream.c: MS_STATE --- */

/* STATUS_OK, or the status to exit with after a complaint. */
int beside_stream_open(struct fold *f, struct settings *set);

/* barrier() of the command: see driver/command.h. */
bool beside_stream_barrier(void *arg, const char *name, size_t len);

/* --- state_lines.c: --dump and --load; the status to exit with --- */

/* Write the state as lines, or read it from such; both complain. */
int state_lines_dump(const struct fold *f, const struct settings *set);
int state_lines_load(struct fold *f);

#endif
