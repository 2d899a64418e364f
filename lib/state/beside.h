/*
 * beside - state beside the stream: a file of lines that grows at barriers.
 *
 * MS_STATE=DIR has an engine keep the state of the stages between its
 * topics.  Each stage reads DIR/NAME at its start, and before it hands a
 * barrier on it appends there what has changed since the last one, then a
 * mark: {"stage":NAME,"barrier":…,"n":…}, n being the lines before it.
 * Where the end of the input changes the state (ms-fold --close), a mark with
 * the barrier null follows.
 *
 * What stands behind the last mark belongs to no barrier: it is cut off at
 * the start.  In a file without any mark, as an engine lays it there, every
 * line counts.  The stage then adds a mark that says whose state it is.
 *
 * The file is only appended to, so who has read it while a barrier is back
 * may truncate it.
 */
#ifndef STATE_BESIDE_H
#define STATE_BESIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "state/dump.h"

struct beside;

/* Whose state it is; another one's is refused. */
struct beside_owner {
	const char *stage; /* its name; NULL: made of the rest */
	const char *op;
	const char *program, *key, *window; /* NULL where there is none */
};

enum { BESIDE_ERROR = 512 };

enum beside_status {
	BESIDE_OK,
	BESIDE_DIFFERS, /* the name can't be a file's, or another's state */
	BESIDE_FAILED,
};

/*
 * Takes an entry that counts; gives NULL, or why that isn't possible.  What
 * is in e lasts until it returns; scratch memory is the arena's.
 */
typedef const char *beside_take(
    void *arg, struct arena *a, const struct dump_entry *e);

/*
 * Open the file of a stage in dir, or make it, lock it, and have take() get
 * what it holds.  *facts is what its last mark says.  error says what is
 * wrong, in words, with the path.
 */
enum beside_status beside_open(struct beside **made, const char *dir,
    const struct beside_owner *owner, beside_take *take, void *arg,
    struct dump_facts *facts, char error[BESIDE_ERROR]);
void beside_close(struct beside *b);

/* Lines that were behind the last mark, and are cut off. */
uint64_t beside_cut(const struct beside *b);

/* The file's path, for messages. */
const char *beside_path(const struct beside *b);

/* Add a change, which beside_mark() writes; as dump_put(). */
void beside_put(struct beside *b, const char *key, size_t key_len,
    const char *value, size_t value_len, const char *at, size_t at_len);

/*
 * Append the changes and a mark for a barrier, whose name is JSON.  False
 * where that fails: why is in error, and the file is as it was.
 */
bool beside_mark(struct beside *b, const char *barrier, size_t len,
    const struct dump_facts *facts, char error[BESIDE_ERROR]);

#endif
