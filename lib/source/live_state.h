/*
 * live_state - a followed file as live.c, live_rows.c and live_load.c see it.
 */
#ifndef SOURCE_LIVE_STATE_H
#define SOURCE_LIVE_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/stat.h>

#include "source/source.h"
#include "source/version.h"
#include "source/watch.h"

enum {
	LIVE_READ = 64 * 1024,
	LIVE_TAIL = 4096, /* bytes that tell whether a file was appended to */
	LIVE_SECOND = 1000,
};

struct live {
	struct source source;
	const struct source_options *options;
	pthread_t thread;
	bool running;
	int wake; /* tells the thread to look, or to end */

	pthread_mutex_t lock; /* for what follows */
	_Atomic(struct version *) now;
	bool ending;
	bool loading; /* the thread reads the whole file, without the lock */
	struct watch watch;
	int fd;            /* the file that the version is of */
	int keep;          /* a FIFO's other end: writers may come and go */
	bool fifo, merges; /* rows are merged by key, table by table */
	struct buf more;   /* of a row that has no newline yet */
	struct buf tail;   /* what stood before the offset, TAIL at most */
	off_t offset;      /* bytes taken of the file */
	uint64_t lines;    /* in those */
	bool partial;      /* what is in more was taken as a row already */
	bool again;        /* the file must be read anew, whole rows only */
	bool dirty;        /* the file has changed: it must be read anew */
	bool rewritten;    /* and what was taken of it isn't there any more */
	struct stat seen;  /* as it was when it was last seen to change */
	int64_t since;     /* when that was, in milliseconds */
	bool closed;       /* its writer closed it then */
	bool failed;       /* and that was told */
	uint64_t reloads, failures, appended;
};

/* What a whole load gives, before it is seen. */
struct live_load {
	struct source *table;
	struct source_error error;
	int fd;
	struct stat seen;
	struct buf tail;
	struct buf rest; /* behind the last newline */
	bool partial;    /* which is a row of the table, too */
	off_t size;
	uint64_t lines;
};

/* On a clock that nobody sets. */
int64_t live_milliseconds(void);

/* From now on that version is seen; with the lock. */
void live_publish(struct live *l, struct version *v);

/* Count a failure, and tell it once, until a load goes well again. */
void live_fail(struct live *l, const struct source_error *e);

/* --- live_rows.c: rows that are appended; with the lock ------------------ */

/*
 * Bytes of whole rows: up to the last newline that is in no quotes, where
 * there are such.
 */
size_t live_whole_rows(const char *p, size_t n, bool quotes);

/* Lines that end in n bytes. */
uint64_t live_count_lines(const char *p, size_t n);

/* May a text that starts so have quotes around newlines? */
bool live_may_quote(const char *p, size_t n);

/* Take the whole rows of what came, and keep the rest. */
void live_take_rows(struct live *l);

/* Read what there is to read now; false where that is nothing. */
bool live_read_some(struct live *l);

/* --- live_load.c: the whole file ----------------------------------------- */

/*
 * Read the whole file, without the lock.  With whole, what stands behind the
 * last newline is no row yet; else it is one where it can be.
 */
bool live_load(const struct source_options *o, bool whole, struct live_load *d);
void live_load_drop(struct live_load *d);

/* Let what was loaded be seen; with the lock.  False: no memory. */
bool live_adopt(struct live *l, struct live_load *d);

#endif
