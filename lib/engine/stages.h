/*
 * stages - the directory in which the stages of a pipeline keep their state,
 * for an engine that moves it.
 *
 * An engine keeps records of key and value, the later of one key in place of
 * the earlier:
 *
 *	["seen","ada"]  {"key":"ada","value":3,"at":"…"}     a key's state
 *	["seen","bob"]  (no value)                           forgotten
 *	["seen"]        {"stage":"seen","of":{…},"time":"…"} whose it is
 *
 * They are laid into the directory before the pipeline starts.  Whenever a
 * barrier is back, what the stages appended is taken as such records, and the
 * files begin anew.  See state/beside.h for what stages write.
 */
#ifndef ENGINE_STAGES_H
#define ENGINE_STAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "json/scan.h"
#include "state/dump.h"

enum { STAGES_ERROR = 400 };

struct stages_file {
	char *name; /* of the stage, and of the file */
	int fd;
	off_t taken;      /* bytes that were laid, or taken */
	bool claimed;     /* a stage has it */
	struct buf lines; /* being laid */
	struct buf of;    /* JSON: whose it is */
	struct buf mark;  /* the last one that the engine has, or gets */
	struct dump_facts facts;
};

struct stages {
	char *path;
	struct stages_file *v;
	size_t n;
	uint64_t laid;      /* records */
	uint64_t entries;   /* of keys that were laid, forgotten ones too */
	struct buf changes; /* see stages_change() */
	size_t keys;        /* of which are keys' */
	struct buf text, key;
	struct arena arena;
	struct scan scan;
	char error[STAGES_ERROR]; /* what the last failure was */
	bool unfit; /* it was of what was to be laid, not of the machine */
};

/* A record for the engine, borrowed until the changes are dropped. */
struct stages_change {
	const char *key;
	size_t key_len;
	const char *value; /* NULL: forgotten */
	size_t len;
};

/* Make the directory.  False: error; stages_close() is due all the same. */
bool stages_open(struct stages *s, const char *path);

/* Remove the directory and what is in it. */
void stages_close(struct stages *s);

/* Lay a record there; value NULL: forgotten.  False: error. */
bool stages_lay(struct stages *s, const char *key, size_t key_len,
    const char *value, size_t len);

/* All is laid: the pipeline may start. */
bool stages_laid(struct stages *s);

/*
 * A barrier of that name is back, or the pipeline has ended (NULL): add what
 * was appended to the changes.  False: error; then the state is of no use, and
 * the changes are those that were there before.
 */
bool stages_take(struct stages *s, const char *barrier);

/* A stage whose state was laid and that isn't in the pipeline, or NULL. */
const char *stages_unclaimed(const struct stages *s);

/* The change at *at, which starts as 0 and moves on; false: no more. */
bool stages_change(const struct stages *s, size_t *at, struct stages_change *c);

/*
 * No key has changed: what holds for stages as a whole, such as their time,
 * may wait for a key that does.  False: there is one, and nothing waits.
 */
bool stages_put_off(struct stages *s);

/* The engine has the changes. */
void stages_drop_changes(struct stages *s);

#endif
