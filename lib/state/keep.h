/*
 * keep - state in an SQLite file, which survives.
 *
 * The file is for people as well: the table state(key, value, at, used, sum)
 * holds JSON texts, RFC 3339 times, and numbers in the order of use where keys
 * are forgotten by it; meta(name, value, sum) has what the state belongs to,
 * position(source, number, forks, sum) how far each source was folded, and
 * output(id, text, sum) the lines of the last batch, and in a second row their
 * sum.  Sums find bytes that have changed.
 *
 * All that belongs to a batch is committed together, the batch's own output
 * lines included, before any of them is written.  After a kill the last
 * batch's lines are written again, so nothing is lost, and what is
 * repeated is the same, byte for byte.
 */
#ifndef STATE_KEEP_H
#define STATE_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct keep;

/* What state belongs to; another one's is refused. */
struct keep_owner {
	const char *program;
	const char *key;    /* NULL where there is none, as below */
	const char *window; /* and its options */
};

enum { KEEP_ERROR = 512 };

enum keep_status {
	KEEP_OK,
	KEEP_DIFFERS, /* it holds another owner's state, or none of ours */
	KEEP_FAILED,
};

/*
 * Open the file, or make it; with reset all state in it is forgotten, whose
 * ever it was.  A database that is no state is left as it is, even then.
 * error says what is wrong, in words.
 */
enum keep_status keep_open(struct keep **made, const char *path,
    const struct keep_owner *owner, bool reset, char error[KEEP_ERROR]);

/* The file as it stands, whoever owns it; it must be there. */
enum keep_status keep_look(
    struct keep **made, const char *path, char error[KEEP_ERROR]);
void keep_close(struct keep *k);

/* Why the last call failed. */
const char *keep_error(const struct keep *k);

/*
 * One row of state; false to stop.  In the order of their keys, or of their
 * use, behind those of which that isn't known, by their times.
 */
typedef bool keep_row(void *arg, const char *key, size_t key_len,
    const char *value, size_t value_len, const char *at, size_t at_len);
bool keep_each(struct keep *k, bool by_use, keep_row *row, void *arg);

/* The same for what is known of each source's position. */
typedef bool keep_position_row(void *arg, const char *source, size_t source_len,
    int64_t number, const char *forks, size_t forks_len);
bool keep_each_position(struct keep *k, keep_position_row *row, void *arg);

enum { KEEP_FACT = 64 };

/* What the owner noted under a name, "" where nothing; false: it fails. */
bool keep_fact(struct keep *k, const char *name, char out[KEEP_FACT]);

/* Append the lines of the last batch. */
bool keep_last_output(struct keep *k, struct buf *out);

/*
 * A batch: begin, any number of the calls below, then end.  False where one
 * fails: then keep_cancel(), and nothing of the batch is in the file.
 */
bool keep_begin(struct keep *k);
/* used: 0 where the order of use is of no matter. */
bool keep_put(struct keep *k, const char *key, size_t key_len,
    const char *value, size_t value_len, const char *at, size_t at_len,
    uint64_t used);
bool keep_forget(struct keep *k, const char *key, size_t key_len);
bool keep_put_position(struct keep *k, const char *source, size_t source_len,
    int64_t number, const char *forks, size_t forks_len);
bool keep_put_fact(struct keep *k, const char *name, const char *text);
/* Lines without a NUL. */
bool keep_put_output(struct keep *k, const char *text, size_t len);
bool keep_end(struct keep *k);
void keep_cancel(struct keep *k);

/*
 * Between batches, when no line waits: what takes longer than a commit, now
 * and then.
 */
void keep_tidy(struct keep *k);

#endif
