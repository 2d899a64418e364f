#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/reader.h"

enum { BLOCK = 256 * 1024, LARGE = 8 * BLOCK, PIPE_SIZE = 1024 * 1024 };

void
reader_init(struct reader *r, size_t max_line, size_t block)
{
	*r = (struct reader){.fd = -1,
	    .max_line = max_line,
	    .block = block == 0 ? BLOCK : block};
}

/*
 * Open a file to read.  A FIFO would wait here for its writer, and no signal
 * could be heard meanwhile; opened so, it waits where its data are waited for.
 */
static int
open_path(const char *path)
{
	struct stat st;
	int fd;

	if (stat(path, &st) == -1 || !S_ISFIFO(st.st_mode))
		return open(path, O_RDONLY | O_CLOEXEC);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd != -1)
		(void)fcntl(fd, F_SETFL, 0);
	return fd;
}

int
reader_open(struct reader *r, const char *path)
{
	struct stat st;
	int fd = STDIN_FILENO;

	if (path != NULL)
		fd = open_path(path);
	if (fd == -1)
		return -1;
	r->fd = fd;
	if (fstat(fd, &st) == -1 || S_ISDIR(st.st_mode)) {
		int why = S_ISDIR(st.st_mode) ? EISDIR : errno;

		reader_close(r);
		errno = why;
		return -1;
	}
	r->steady = S_ISREG(st.st_mode);
	if (S_ISFIFO(st.st_mode))
		(void)fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE); /* or as it is */
	r->fresh = true;
	r->waited = r->ended = r->skipping = false;
	r->padding = 0;
	r->start = r->searched = r->end = 0;
	return 0;
}

void
reader_close(struct reader *r)
{
	if (r->fd > STDERR_FILENO)
		(void)close(r->fd); /* only read: nothing is lost */
	r->fd = -1;
}

/* Make a block hold want bytes; -1 where there is no memory. */
static int
resize(struct block *b, size_t want)
{
	char *p = realloc(b->p, want + READER_PADDING);

	if (p == NULL)
		return -1;
	b->p = p;
	b->cap = want;
	return 0;
}

void
reader_block_release(struct block *b)
{
	free(b->p);
	*b = (struct block){0};
}

/* Room for more behind what is kept; -1 where there is no memory. */
static int
make_room(struct reader *r)
{
	struct block *b = r->in;
	size_t kept = r->end - r->start;
	size_t want = b->cap;

	if (r->start > 0) {
		memmove(b->p, b->p + r->start, kept);
		r->searched -= r->start;
		r->start = 0;
		r->end = kept;
	}
	if (kept > want / 2)
		want *= 2;
	else if (want > LARGE && kept < r->block / 2)
		want = r->block; /* the line that it grew for is gone */
	if (want > r->max_line && want - r->max_line > r->block)
		want = r->max_line + r->block;
	return want == b->cap ? 0 : resize(b, want);
}

static bool
would_wait(const struct reader *r)
{
	struct pollfd p = {.fd = r->fd, .events = POLLIN};

	return poll(&p, 1, 0) == 0;
}

/* Read once.  READER_WINDOW where that went well, at the end too. */
static enum reader_status
fill(struct reader *r)
{
	ssize_t n;

	if (make_room(r) == -1)
		return READER_FAIL;
	if (!r->steady && !r->waited && would_wait(r)) {
		r->waited = true;
		return READER_WAIT;
	}
	do
		n = read(r->fd, r->in->p + r->end, r->in->cap - r->end);
	while (n == -1 && errno == EINTR);
	if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return READER_WAIT;
	if (n == -1)
		return READER_FAIL;
	r->waited = false;
	r->ended = n == 0;
	r->end += (size_t)n;
	memset(r->in->p + r->end, 0, READER_PADDING);
	return READER_WINDOW;
}

static enum reader_status
hand_out(struct reader *r, size_t to, const char **text, size_t *len)
{
	*text = r->in->p + r->start;
	*len = to - r->start;
	r->start = to;
	r->searched = r->end;
	if (r->fresh && *len >= 3 && memcmp(*text, "\xEF\xBB\xBF", 3) == 0) {
		*text += 3;
		*len -= 3;
	}
	r->fresh = false;
	return READER_WINDOW;
}

/* Forget what belongs to a line that is too long. */
static void
skip(struct reader *r)
{
	char *newline;

	if (r->start == r->end)
		return;
	newline = memchr(r->in->p + r->start, '\n', r->end - r->start);
	r->skipping = newline == NULL;
	r->start = newline == NULL ? r->end : (size_t)(newline + 1 - r->in->p);
	r->searched = r->start;
}

/*
 * Pass over NUL bytes where the next line starts, as a crash leaves them:
 * however many they are, the line behind them is one as any other.
 */
static void
pass_nuls(struct reader *r)
{
	size_t from = r->start;

	while (r->start < r->end && r->in->p[r->start] == '\0')
		r->start++;
	r->padding += r->start - from;
	r->fresh = false;
	if (r->searched < r->start)
		r->searched = r->start;
}

/* One past the last newline not handed out yet, 0 where there is none. */
static size_t
whole_lines(struct reader *r)
{
	char *newline;

	if (r->searched == r->end)
		return 0;
	newline = memrchr(r->in->p + r->searched, '\n', r->end - r->searched);
	r->searched = r->end;
	return newline == NULL ? 0 : (size_t)(newline + 1 - r->in->p);
}

/* Is what is here of a line too much, its end not counted? */
static bool
is_too_long(const struct reader *r)
{
	size_t n = r->end - r->start;

	return n > r->max_line + 1 ||
	    (n == r->max_line + 1 && r->in->p[r->end - 1] != '\r');
}

/* What is here of a line is too much: READER_WINDOW to go on reading. */
static enum reader_status
break_limit(struct reader *r)
{
	if (r->in->p[r->start] == '\0') {
		pass_nuls(r);
		return READER_WINDOW;
	}
	r->skipping = true;
	r->fresh = false;
	r->start = r->searched = r->end;
	return READER_LONG;
}

static enum reader_status
tell_nuls(struct reader *r, size_t *len)
{
	*len = r->padding;
	r->padding = 0;
	return READER_NULS;
}

enum reader_status
reader_next(struct reader *r, const char **text, size_t *len)
{
	for (;;) {
		enum reader_status status = READER_WINDOW;
		size_t to;

		if (r->skipping)
			skip(r);
		if (r->padding > 0)
			pass_nuls(r);
		if (r->padding > 0 && (r->start < r->end || r->ended))
			return tell_nuls(r, len);
		to = whole_lines(r);
		if (to > 0)
			return hand_out(r, to, text, len);
		if (is_too_long(r))
			status = break_limit(r);
		if (status != READER_WINDOW)
			return status;
		if (r->padding > 0 && r->start < r->end)
			continue;
		if (r->ended && r->start < r->end)
			return hand_out(r, r->end, text, len);
		if (r->ended)
			return READER_END;
		status = fill(r);
		if (status != READER_WINDOW)
			return status;
	}
}

int
reader_use(struct reader *r, struct block *b)
{
	size_t kept = r->end - r->start;
	size_t want = kept < r->block / 2 ? r->block : r->in->cap;

	if (b == r->in)
		return 0;
	if ((b->cap < want || b->cap > LARGE) && resize(b, want) == -1)
		return -1;
	if (kept > 0)
		memcpy(b->p, r->in->p + r->start, kept);
	r->in = b;
	r->searched -= r->start;
	r->start = 0;
	r->end = kept;
	return 0;
}
