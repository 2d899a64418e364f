/*
 * writer - an output behind one large buffer.
 *
 * What is put is written when the buffer is full, at writer_flush(), and at
 * the end.  The first failure is remembered and later puts do nothing, so
 * that it is enough to ask writer_error() now and then, and to look at what
 * writer_close() says.  A line that a failure left unfinished at a file's end
 * is cut off.
 */
#ifndef IO_WRITER_H
#define IO_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct writer {
	int fd;           /* -1 where it isn't open */
	const char *name; /* as messages call it; borrowed */
	char *buf;
	size_t len;
	int error;         /* errno of the first failure, or 0 */
	bool regular;      /* a file, not a pipe or the like */
	bool fifo;         /* a pipe */
	bool shared;       /* others append to it as well */
	bool alone;        /* it is held against all others */
	uint64_t written;  /* bytes */
	size_t unfinished; /* bytes behind the last newline written */
};

enum writer_share {
	WRITER_ALONE,  /* nobody else may write to the file meanwhile */
	WRITER_SHARED, /* others may append to it, in whole lines as well */
};

/* Write to an open descriptor, which writer_close() will close. */
int writer_attach(struct writer *w, int fd, const char *name);

/*
 * Open the file at path to append to it; empty makes it empty before, which
 * a shared file isn't while somebody else writes to it.  EWOULDBLOCK: another
 * process holds it, who wants it alone, or shares it where we want it alone;
 * or one that wanted it alone has ended since, which may be NULL.
 * Only regular files are held; /dev/fd/N and the like is written to as it is.
 * This and writer_attach(): -1 and errno on failure.
 */
int writer_open(struct writer *w, const char *path, enum writer_share share,
    bool empty, const struct timespec *since);

/*
 * Add bytes.  To a shared file these must be whole lines: every write() holds
 * whole lines then.
 */
void writer_put(struct writer *w, const char *p, size_t n);

/* Write what is buffered. */
void writer_flush(struct writer *w);

/*
 * Where it is a pipe: wait until its reader has begun to read, or has gone,
 * for a second at most; a tenth of one where nothing was written.
 */
void writer_await_reader(const struct writer *w);

/* errno of the first failure, or 0. */
static inline int
writer_error(const struct writer *w)
{
	return w->error;
}

/* Write the rest and close: 0, or errno of the writer's first failure. */
int writer_close(struct writer *w);

#endif
