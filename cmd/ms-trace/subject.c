#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "subject.h"

enum { PIECE = 64 * 1024 };

_Noreturn void
subject_exec(char *const *command)
{
	static char shell[] = "/bin/sh", option[] = "-c";
	char *const by_shell[] = {shell, option, command[0], NULL};
	sigset_t none;
	bool plain = command[1] != NULL ||
	    strpbrk(command[0], " \t\n|&;<>()$`\\\"'*?[#~=%") == NULL;
	int status;

	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
	if (plain)
		execvp(command[0], command);
	else
		execv(shell, by_shell);
	status = errno == ENOENT ? 127 : 126;
	dprintf(
	    STDERR_FILENO, "ms-trace: %s: %s\n", command[0], strerror(errno));
	_exit(status);
}

static _Noreturn void
become(const int in[2], const int out[2], char *const *command)
{
	dup2(in[0], STDIN_FILENO);
	dup2(out[1], STDOUT_FILENO);
	subject_exec(command);
}

bool
subject_start(struct subject *c, char *const *command)
{
	int in[2], out[2];

	*c = (struct subject){.in = -1, .out = -1};
	if (pipe2(in, O_CLOEXEC) == -1)
		return false;
	if (pipe2(out, O_CLOEXEC) == -1) {
		close(in[0]);
		close(in[1]);
		return false;
	}
	c->pid = fork();
	if (c->pid == 0)
		become(in, out, command);
	close(in[0]);
	close(out[1]);
	c->in = in[1];
	c->out = out[0];
	fcntl(c->in, F_SETFL, O_NONBLOCK);
	if (c->pid != -1)
		return true;
	c->pid = 0;
	subject_release(c);
	return false;
}

/* write() without the signal where nobody reads: EPIPE says it. */
static ssize_t
write_quietly(int fd, const char *text, size_t len)
{
	static const struct timespec now = {0, 0};
	sigset_t pipe, before;
	ssize_t n;
	int error;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, &before);
	n = write(fd, text, len);
	error = errno;
	if (n == -1 && error == EPIPE)
		while (sigtimedwait(&pipe, NULL, &now) == -1 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return n;
}

/* Read what is there; false at the end, or errno says what failed. */
static bool
read_piece(struct subject *c)
{
	struct buf *b = &c->got;
	ssize_t n;

	if (c->taken > 0) {
		memmove(b->p, b->p + c->taken, b->len - c->taken);
		b->len -= c->taken;
		c->taken = 0;
	}
	if (!buf_room(b, PIECE)) {
		errno = ENOMEM;
		return false;
	}
	do
		n = read(c->out, b->p + b->len, PIECE);
	while (n == -1 && errno == EINTR);
	if (n > 0)
		b->len += (size_t)n;
	else if (n == 0)
		errno = 0;
	return n > 0;
}

/* At the end of what it writes, or where reading failed: errno. */
static void
end_output(struct subject *c)
{
	c->error = errno;
	close(c->out);
	c->out = -1;
}

/* Write a part, or wait until that can be done, and read meanwhile. */
static bool
feed(struct subject *c, const char *text, size_t len, size_t *done)
{
	struct pollfd ready[2] = {
	    {.fd = c->in, .events = POLLOUT}, {.fd = c->out, .events = POLLIN}};
	ssize_t n = write_quietly(c->in, text + *done, len - *done);

	if (n >= 0) {
		*done += (size_t)n;
		return true;
	}
	if (errno == EINTR)
		return true;
	if (errno != EAGAIN) {
		errno = errno == EPIPE ? 0 : errno;
		return false;
	}
	if (poll(ready, 2, -1) == -1)
		return errno == EINTR;
	if (ready[1].revents != 0 && !read_piece(c))
		end_output(c);
	return true;
}

bool
subject_write(struct subject *c, const char *text, size_t len)
{
	size_t done = 0;

	while (done < len)
		if (!feed(c, text, len, &done))
			return false;
	return true;
}

bool
subject_line(struct subject *c, const char **line, size_t *len)
{
	const char *from = c->got.p + c->taken, *end;
	size_t left = c->got.len - c->taken;

	if (left == 0)
		return false;
	end = memchr(from, '\n', left);
	if (end == NULL && c->out != -1)
		return false;
	*line = from;
	*len = end == NULL ? left : (size_t)(end - from);
	c->taken += *len + (end != NULL);
	return true;
}

void
subject_close(struct subject *c)
{
	if (c->in != -1)
		close(c->in);
	c->in = -1;
}

bool
subject_read(struct subject *c)
{
	if (c->out == -1)
		return false;
	if (!read_piece(c))
		end_output(c);
	return true; /* a last line may lack its newline */
}

int
subject_wait(struct subject *c)
{
	int status = 0;

	subject_close(c);
	while (c->pid > 0 && waitpid(c->pid, &status, 0) == -1)
		if (errno != EINTR)
			break;
	c->pid = 0;
	return status;
}

void
subject_release(struct subject *c)
{
	subject_close(c);
	if (c->out != -1)
		close(c->out);
	c->out = -1;
	if (c->pid > 0)
		kill(c->pid, SIGTERM);
	subject_wait(c);
	buf_release(&c->got);
}
