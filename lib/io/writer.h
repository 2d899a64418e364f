/*
 * writer - an output behind one large buffer.
 *
 * What is put is written when the buffer is full, at writer_flush(), and at
 * the end.  The first failure is remembered and later puts do nothing, so
 * that it is enough to ask writer_error() now and then, and to look at what
 * writer_close() says.
 */
#ifndef IO_WRITER_H
#define IO_WRITER_H

#include <stddef.h>

struct writer {
	int fd;           /* -1 where it isn't open */
	const char *name; /* as messages call it; borrowed */
	char *buf;
	size_t len;
	int error; /* errno of the first failure, or 0 */
};

/* Write to an open descriptor, which writer_close() will close. */
int writer_attach(struct writer *w, int fd, const char *name);

/*
 * Create or empty the file at path; /dev/fd/N and the like is written to
 * as it is.  Both: -1 and errno on failure.
 */
int writer_open(struct writer *w, const char *path);

/* Append n bytes to what is to be written. */
void writer_put(struct writer *w, const char *p, size_t n);

/* Write what was put so far. */
void writer_flush(struct writer *w);

/* errno of the first failure, or 0. */
static inline int
writer_error(const struct writer *w)
{
	return w->error;
}

/* Write the rest and close: 0, or errno of the writer's first failure. */
int writer_close(struct writer *w);

#endif
