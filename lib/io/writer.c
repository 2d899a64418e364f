#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/writer.h"

enum { SIZE = 128 * 1024, PIPE_SIZE = 1024 * 1024, MODE = 0666 };

/* Milliseconds for a shared file, and for a reader. */
enum { PATIENCE = 200, LATEST = 1000, SOON = 100 };

/* Does the writing begin where a file that was just opened has its end? */
static bool
is_fresh(int fd, const struct stat *st)
{
	off_t at = lseek(fd, 0, SEEK_CUR);

	return at == 0 || at == st->st_size;
}

int
writer_attach(struct writer *w, int fd, const char *name)
{
	struct stat st;

	*w = (struct writer){.fd = fd, .name = name};
	w->buf = malloc(SIZE);
	if (w->buf == NULL)
		return -1;
	if (fstat(fd, &st) == -1)
		return 0;
	w->regular = S_ISREG(st.st_mode);
	w->fifo = S_ISFIFO(st.st_mode);
	if (w->fifo)
		(void)fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE); /* or as it is */
	/* Others may append to the same file: overwrite nothing of theirs. */
	if (w->regular && is_fresh(fd, &st))
		(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_APPEND);
	return 0;
}

/*
 * The descriptor that a path stands for, -1 where it is none.  Opened by its
 * path, a file behind it would be emptied, and written from its start.
 */
static int
descriptor_at(const char *path)
{
	static const char prefix[] = "/dev/fd/";
	const char *digits = path + sizeof(prefix) - 1;
	unsigned long n;
	char *end;

	if (strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	if (strncmp(path, prefix, sizeof(prefix) - 1) != 0)
		return -1;
	n = strtoul(digits, &end, 10);
	return end == digits || *end != '\0' || n > INT_MAX ? -1 : (int)n;
}

/* A regular file, or one that is still to be made. */
static bool
is_regular(const char *path)
{
	struct stat st;

	return stat(path, &st) == -1 || S_ISREG(st.st_mode);
}

/*
 * Open for appending.  Reading as well lets a shared file be looked at; what
 * is no regular file is only written, so that a FIFO waits for its reader.
 */
static int
open_path(const char *path)
{
	int flags = O_APPEND | O_CREAT | O_CLOEXEC;
	int fd = descriptor_at(path);

	if (fd != -1)
		return fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (is_regular(path))
		fd = open(path, O_RDWR | flags, MODE);
	return fd != -1 ? fd : open(path, O_WRONLY | flags, MODE);
}

/*
 * Hold a file against those who want it alone, or share it.  Only a lock that
 * somebody else holds is a failure: where a file system has none, there is
 * nothing to be done.
 */
static bool
hold(int fd, enum writer_share share)
{
	int how = share == WRITER_ALONE ? LOCK_EX : LOCK_SH;

	for (int i = 0; flock(fd, how | LOCK_NB) == -1; i++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return true;
		/* Who empties a shared file holds it alone for a moment. */
		if (how == LOCK_EX || i == PATIENCE)
			return false;
		(void)poll(NULL, 0, 1);
	}
	return true;
}

/* Empty a file, unless it is shared and somebody else writes to it. */
static int
make_empty(int fd, enum writer_share share)
{
	if (share == WRITER_ALONE)
		return ftruncate(fd, 0);
	if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		return 0;
	return ftruncate(fd, 0);
}

static bool
comes_before(const struct timespec *x, const struct timespec *y)
{
	return x->tv_sec != y->tv_sec ? x->tv_sec < y->tv_sec
				      : x->tv_nsec < y->tv_nsec;
}

/*
 * Is there something in it that was written since then?  A time that is still
 * to come says nothing: a clock was put back.
 */
static bool
was_written(const struct stat *st, const struct timespec *since)
{
	struct timespec now;

	return since != NULL && st->st_size > 0 &&
	    clock_gettime(CLOCK_REALTIME, &now) == 0 &&
	    !comes_before(&st->st_mtim, since) &&
	    !comes_before(&now, &st->st_mtim);
}

static int
settle(int fd, const char *path, enum writer_share share, bool empty,
    const struct timespec *since)
{
	struct stat st;

	if (descriptor_at(path) != -1 || fstat(fd, &st) == -1 ||
	    !S_ISREG(st.st_mode))
		return 0;
	if (share == WRITER_ALONE &&
	    (!hold(fd, share) || fstat(fd, &st) == -1 ||
		was_written(&st, since))) {
		errno = EWOULDBLOCK;
		return -1;
	}
	if (empty && make_empty(fd, share) == -1)
		return -1;
	if (share == WRITER_SHARED && !hold(fd, share)) {
		errno = EWOULDBLOCK;
		return -1;
	}
	return 0;
}

int
writer_open(struct writer *w, const char *path, enum writer_share share,
    bool empty, const struct timespec *since)
{
	int fd = open_path(path);

	if (fd == -1)
		return -1;
	if (settle(fd, path, share, empty, since) == -1 ||
	    writer_attach(w, fd, path) == -1) {
		int why = errno;

		(void)close(fd);
		w->fd = -1;
		errno = why;
		return -1;
	}
	w->shared = w->regular && share == WRITER_SHARED;
	w->alone = w->regular && share == WRITER_ALONE;
	return 0;
}

/* A descriptor that somebody else made non-blocking: wait for room. */
static bool
wait_for_room(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	return poll(&p, 1, -1) != -1 || errno == EINTR;
}

/*
 * A write failed within a line.  Where it is a file and the line's part is
 * at its end, cut it off: nothing stands behind the last whole line.
 */
static void
cut_back(struct writer *w)
{
	struct stat st;

	if (!w->regular || w->unfinished == 0 || fstat(w->fd, &st) == -1 ||
	    lseek(w->fd, 0, SEEK_CUR) != st.st_size ||
	    st.st_size < (off_t)w->unfinished)
		return;
	if (ftruncate(w->fd, st.st_size - (off_t)w->unfinished) == 0)
		w->unfinished = 0;
}

/* Note how much of a line without its end stands behind what was written. */
static void
note_written(struct writer *w, const char *p, size_t n)
{
	const char *newline = memrchr(p, '\n', n);

	w->written += n;
	if (newline == NULL)
		w->unfinished += n;
	else
		w->unfinished = (size_t)(p + n - newline - 1);
}

static void
write_all(struct writer *w, const char *p, size_t n)
{
	while (n > 0 && w->error == 0) {
		ssize_t done = write(w->fd, p, n);

		if (done >= 0) {
			note_written(w, p, (size_t)done);
			p += done;
			n -= (size_t)done;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if (!wait_for_room(w->fd))
				w->error = errno;
		} else if (errno != EINTR) {
			w->error = errno;
			cut_back(w);
		}
	}
}

/* Lock a shared file for one batch, or give it free again. */
static void
lock_batch(struct writer *w, short how)
{
	struct flock whole = {.l_type = how, .l_whence = SEEK_SET};

	while (fcntl(w->fd, F_OFD_SETLKW, &whole) == -1 && errno == EINTR)
		;
}

/* A neighbour was killed within a line: end it, so that ours stays whole. */
static void
end_torn_line(struct writer *w)
{
	struct stat st;
	char last;

	if (fstat(w->fd, &st) == 0 && st.st_size > 0 &&
	    pread(w->fd, &last, 1, st.st_size - 1) == 1 && last != '\n')
		write_all(w, "\n", 1);
}

/*
 * Write a batch of whole lines.  A shared file is locked meanwhile: should
 * write() be short, then no line of others gets in between.
 */
static void
write_batch(struct writer *w, const char *p, size_t n)
{
	if (n == 0 || w->error != 0)
		return;
	if (!w->shared) {
		write_all(w, p, n);
		return;
	}
	lock_batch(w, F_WRLCK);
	end_torn_line(w);
	write_all(w, p, n);
	lock_batch(w, F_UNLCK);
}

void
writer_flush(struct writer *w)
{
	write_batch(w, w->buf, w->len);
	w->len = 0;
}

void
writer_put(struct writer *w, const char *p, size_t n)
{
	if (n > SIZE - w->len)
		writer_flush(w);
	if (n > SIZE / 2 && w->len == 0) {
		write_batch(w, p, n); /* large enough without a copy */
		return;
	}
	if (n > 0)
		memcpy(w->buf + w->len, p, n);
	w->len += n;
}

/* Has somebody read of what was written to a pipe? */
static bool
is_read(const struct writer *w)
{
	int left;

	return ioctl(w->fd, FIONREAD, &left) == -1 ||
	    (uint64_t)left < w->written;
}

void
writer_await_reader(const struct writer *w)
{
	struct pollfd p = {.fd = w->fd};
	int left = w->written > 0 ? LATEST : SOON;

	if (w->fd == -1 || w->error != 0 || !w->fifo)
		return;
	/* POLLERR: nobody has it open any more. */
	while (left-- > 0 && !is_read(w) && poll(&p, 1, 1) == 0)
		;
}

/* The file system's own clock goes in steps of some milliseconds. */
static void
note_end(int fd)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};

	if (clock_gettime(CLOCK_REALTIME, &times[1]) == 0)
		(void)futimens(fd, times);
}

int
writer_close(struct writer *w)
{
	if (w->fd == -1)
		return w->error;
	writer_flush(w);
	if (w->alone)
		note_end(w->fd);
	if (close(w->fd) == -1 && w->error == 0 && errno != EINTR)
		w->error = errno;
	w->fd = -1;
	free(w->buf);
	w->buf = NULL;
	return w->error;
}
