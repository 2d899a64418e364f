#include "record/rulebook.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mac.h"
#include "record/record.h"
#include "value/object.h"
#include "value/string.h"
#include "value/value.h"

enum {
	CHUNK = 64 * 1024,
	LINE = 8 * 1024 * 1024,  /* bytes of the longest line */
	ROOM = 64 * 1024 * 1024, /* of all texts that are kept */
	CHAINS = 1024,
};

struct entry {
	struct entry *next;
	char hash[RULEBOOK_HASH + 1];
	size_t len;
	char text[];
};

struct rulebook {
	const char *path;
	pthread_mutex_t lock; /* over all below */
	int fd;               /* -1 before it is opened */
	off_t at;             /* that was read up to */
	struct buf rest;      /* of a line whose end isn't there yet */
	bool passing;         /* over a line that is too long */
	bool torn;            /* rest is no rule so far */
	size_t room;          /* that is taken */
	struct rulebook_faults faults;
	struct arena arena; /* for a line */
	jmp_buf overflow;
	struct entry *chain[CHAINS];
};

struct rulebook *
rulebook_new(const char *path)
{
	struct rulebook *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->path = path;
	b->fd = -1;
	pthread_mutex_init(&b->lock, NULL);
	arena_init(&b->arena, ROOM);
	b->arena.overflow = &b->overflow;
	return b;
}

void
rulebook_free(struct rulebook *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < CHAINS; i++) {
		struct entry *e = b->chain[i], *next;

		for (; e != NULL; e = next) {
			next = e->next;
			free(e);
		}
	}
	if (b->fd != -1)
		close(b->fd);
	buf_release(&b->rest);
	arena_release(&b->arena);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

static void
put_hash(char out[RULEBOOK_HASH + 1], const char *text, size_t len)
{
	memcpy(out, "b2:", 3);
	mac_blake2b_hex(out + 3, text, len);
	out[RULEBOOK_HASH] = '\0';
}

bool
rulebook_hash(char out[RULEBOOK_HASH + 1], const char *text, size_t len)
{
	struct buf b = {0};
	bool good;

	record_put_repaired(&b, text, len);
	good = !buf_failed(&b);
	if (good)
		put_hash(out, b.p, b.len);
	buf_release(&b);
	return good;
}

static bool
is_hash(const char *text, size_t len)
{
	return len == RULEBOOK_HASH && memcmp(text, "b2:", 3) == 0;
}

static struct entry **
chain_of(struct rulebook *b, const char *hash)
{
	unsigned h = 0;

	for (size_t i = 3; i < RULEBOOK_HASH; i++)
		h = h * 31 + (unsigned char)hash[i];
	return &b->chain[h % CHAINS];
}

static const struct entry *
entry_of(struct rulebook *b, const char *hash)
{
	const struct entry *e = *chain_of(b, hash);

	while (e != NULL && memcmp(e->hash, hash, RULEBOOK_HASH) != 0)
		e = e->next;
	return e;
}

/* Keep a rule; without room or memory, say so. */
static void
keep(struct rulebook *b, const char *hash, struct value text)
{
	struct entry *e, **chain = chain_of(b, hash);

	if (entry_of(b, hash) != NULL)
		return;
	e = text.n > ROOM - b->room ? NULL : malloc(sizeof(*e) + text.n);
	if (e == NULL) {
		b->faults.full = true;
		return;
	}
	b->room += text.n;
	memcpy(e->hash, hash, RULEBOOK_HASH + 1);
	memcpy(e->text, text.text, text.n);
	e->len = text.n;
	e->next = *chain;
	*chain = e;
}

static bool
member(struct rulebook *b, struct value line, const char *key, struct value *v)
{
	if (!object_get(&b->arena, line, value_text(key, strlen(key)), v))
		return false;
	*v = string_decoded(&b->arena, *v);
	return v->kind == VALUE_STRING;
}

/* Take a line in whose memory is the arena's; false where it is no rule. */
static bool
take_rule(struct rulebook *b, const char *text, size_t len)
{
	struct scan_error error;
	struct value line, rule, code;
	char hash[RULEBOOK_HASH + 1];

	if (!value_parse(&b->arena, text, len, &line, &error) ||
	    !value_is_object(line) || !member(b, line, "rule", &rule) ||
	    !member(b, line, "text", &code) || !is_hash(rule.text, rule.n))
		return false;
	put_hash(hash, code.text, code.n);
	if (memcmp(hash, rule.text, RULEBOOK_HASH) != 0)
		return false;
	keep(b, hash, code);
	return true;
}

/* The same for any line. */
static bool
take_line(struct rulebook *b, const char *text, size_t len)
{
	bool good;

	if (len == 0)
		return true;
	if (setjmp(b->overflow) != 0) {
		arena_reset(&b->arena);
		return false;
	}
	good = take_rule(b, text, len);
	arena_reset(&b->arena);
	return good;
}

/* Take in all whole lines that are read, and keep the rest. */
static void
take_lines(struct rulebook *b)
{
	size_t from = 0;
	const char *end;

	while (b->rest.len > from &&
	    (end = memchr(b->rest.p + from, '\n', b->rest.len - from)) !=
		NULL) {
		size_t n = (size_t)(end - b->rest.p) - from;

		b->faults.wrong +=
		    b->passing || !take_line(b, b->rest.p + from, n);
		b->passing = false;
		from += n + 1;
	}
	if (from > 0) {
		memmove(b->rest.p, b->rest.p + from, b->rest.len - from);
		buf_back(&b->rest, b->rest.len - from);
	}
	if (b->passing || b->rest.len > LINE) {
		b->passing = true;
		buf_clear(&b->rest);
	}
}

/* A file that can be opened for the rules; -1 and errno. */
static int
open_regular(const char *path, int flags)
{
	struct stat st;
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0666);

	if (fd == -1 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return fd;
	close(fd);
	errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	return -1;
}

/* Read what the file has got since; errors are noted. */
static void
read_on(struct rulebook *b)
{
	ssize_t n = 1;

	if (b->fd == -1)
		b->fd = open_regular(b->path, O_RDONLY);
	b->faults.error = b->fd == -1 ? errno : 0;
	while (b->fd != -1 && n > 0 && !b->faults.full) {
		if (!buf_room(&b->rest, CHUNK)) {
			b->faults.full = true;
			return;
		}
		n = pread(b->fd, b->rest.p + b->rest.len, CHUNK, b->at);
		if (n == -1 && errno == EINTR) {
			n = 1;
		} else if (n == -1) {
			b->faults.error = errno;
		} else if (n > 0) {
			b->at += n;
			b->rest.len += (size_t)n;
			take_lines(b);
			b->torn = b->rest.len > 0 || b->passing;
		}
	}
	if (b->torn && !b->passing)
		b->torn = !take_line(b, b->rest.p, b->rest.len);
}

static const struct entry *
find(struct rulebook *b, const char *hash)
{
	const struct entry *e = entry_of(b, hash);

	if (e == NULL) {
		read_on(b);
		e = entry_of(b, hash);
	}
	return e;
}

bool
rulebook_find(struct rulebook *b, const char *hash, size_t hash_len,
    const char **text, size_t *len)
{
	const struct entry *e;

	if (!is_hash(hash, hash_len))
		return false;
	pthread_mutex_lock(&b->lock);
	e = find(b, hash);
	pthread_mutex_unlock(&b->lock);
	if (e == NULL)
		return false;
	*text = e->text;
	*len = e->len;
	return true;
}

/* Write a line at the end, whole or not at all; the file is locked. */
static int
append(int fd, struct buf *line)
{
	off_t end = lseek(fd, 0, SEEK_END);
	const char *from = line->p + 1;
	char last = '\n';
	size_t n = line->len - 1;
	ssize_t done;

	/* A torn line of another program ends first. */
	if (end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n') {
		from--;
		n++;
	}
	done = write(fd, from, n);
	if (done == (ssize_t)n)
		return 0;
	if (done >= 0)
		errno = ENOSPC;
	if (done > 0 && ftruncate(fd, end) == -1)
		errno = EIO;
	return -1;
}

static int
add(struct rulebook *b, const char *hash, const char *text, size_t len)
{
	int fd = open_regular(b->path, O_RDWR | O_APPEND | O_CREAT);
	int status = -1, error;
	struct buf line = {0};

	if (fd == -1)
		return -1;
	buf_printf(&line, "\n{\"rule\":\"%s\",\"text\":", hash);
	value_write_string(&line, text, len);
	buf_puts(&line, "}\n");
	if (buf_failed(&line))
		errno = ENOMEM;
	else if (flock(fd, LOCK_EX) == 0)
		status = find(b, hash) != NULL ? 0 : append(fd, &line);
	error = errno;
	buf_release(&line);
	if (close(fd) == -1 && status == 0)
		return -1;
	errno = error;
	return status;
}

int
rulebook_add(struct rulebook *b, const char *text, size_t len)
{
	char hash[RULEBOOK_HASH + 1];
	struct buf repaired = {0};
	int status = 0;

	if (len <= RULEBOOK_SHORT)
		return 0;
	record_put_repaired(&repaired, text, len);
	if (buf_failed(&repaired)) {
		buf_release(&repaired);
		errno = ENOMEM;
		return -1;
	}
	put_hash(hash, repaired.p, repaired.len);
	pthread_mutex_lock(&b->lock);
	status = add(b, hash, repaired.p, repaired.len);
	pthread_mutex_unlock(&b->lock);
	buf_release(&repaired);
	return status;
}

struct rulebook_faults
rulebook_faults(struct rulebook *b)
{
	struct rulebook_faults faults = b->faults;

	faults.wrong += b->torn;
	return faults;
}
