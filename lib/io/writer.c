#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/writer.h"

enum { SIZE = 128 * 1024, PIPE_SIZE = 1024 * 1024, MODE = 0666 };

int
writer_attach(struct writer *w, int fd, const char *name)
{
	struct stat st;

	*w = (struct writer){.fd = fd, .name = name};
	w->buf = malloc(SIZE);
	if (w->buf == NULL)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
		(void)fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE); /* or as it is */
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

static int
open_path(const char *path)
{
	int fd = descriptor_at(path);

	if (fd != -1)
		return fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, MODE);
}

int
writer_open(struct writer *w, const char *path)
{
	int fd = open_path(path);

	if (fd == -1)
		return -1;
	if (writer_attach(w, fd, path) == -1) {
		(void)close(fd);
		w->fd = -1;
		return -1;
	}
	return 0;
}

/* A descriptor that somebody else made non-blocking: wait for room. */
static bool
wait_for_room(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	return poll(&p, 1, -1) != -1 || errno == EINTR;
}

static void
write_all(struct writer *w, const char *p, size_t n)
{
	while (n > 0 && w->error == 0) {
		ssize_t done = write(w->fd, p, n);

		if (done >= 0) {
			p += done;
			n -= (size_t)done;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if (!wait_for_room(w->fd))
				w->error = errno;
		} else if (errno != EINTR) {
			w->error = errno;
		}
	}
}

void
writer_flush(struct writer *w)
{
	write_all(w, w->buf, w->len);
	w->len = 0;
}

void
writer_put(struct writer *w, const char *p, size_t n)
{
	if (n > SIZE - w->len)
		writer_flush(w);
	if (n > SIZE / 2 && w->len == 0) {
		write_all(w, p, n); /* large enough without a copy */
		return;
	}
	if (n > 0)
		memcpy(w->buf + w->len, p, n);
	w->len += n;
}

int
writer_close(struct writer *w)
{
	if (w->fd == -1)
		return w->error;
	writer_flush(w);
	if (close(w->fd) == -1 && w->error == 0 && errno != EINTR)
		w->error = errno;
	w->fd = -1;
	free(w->buf);
	w->buf = NULL;
	return w->error;
}
