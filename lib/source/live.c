#include "source/live.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "source/table.h"
#include "source/version.h"
#include "source/watch.h"

enum {
	READ_SIZE = 64 * 1024,
	TAIL = 4096,       /* bytes that tell whether a file was appended to */
	SECOND = 1000,     /* milliseconds */
	FIRST_PAUSE = 100, /* of a FIFO */
	WAITING = 500,     /* for its first row, before that is told */
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
	bool dirty;        /* the file must be read anew */
	bool rewritten;    /* and what was taken of it isn't there any more */
	struct stat seen;  /* as it was when it was last seen to change */
	int64_t since;     /* when that was, in milliseconds */
	bool closed;       /* its writer closed it then */
	bool failed;       /* and that was told */
	uint64_t reloads, failures, appended;
};

static int64_t
milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec / 1000000;
}

/* --- versions ----------------------------------------------------------- */

/* From now on that one is seen. */
static void
publish(struct live *l, struct version *v)
{
	struct version *before = atomic_load(&l->now);

	atomic_store(&l->now, v);
	version_drop(before);
}

static const struct source *
live_view(struct source *s, const struct source *last)
{
	struct version *held = (struct version *)(uintptr_t)last;
	struct live *l = s != NULL ? (struct live *)s : held->owner;
	struct version *v;

	if (s != NULL && last != NULL &&
	    atomic_load_explicit(&l->now, memory_order_acquire) == held)
		return last;
	pthread_mutex_lock(&l->lock);
	v = s == NULL ? NULL : atomic_load(&l->now);
	if (v != NULL)
		v->holders++;
	version_drop(held);
	pthread_mutex_unlock(&l->lock);
	return v == NULL ? NULL : &v->source;
}

/* --- rows that are appended --------------------------------------------- */

/* Tell it once, until a load goes well again. */
static void
fail(struct live *l, const struct source_error *e)
{
	const struct source_options *o = l->options;
	char text[SOURCE_NOTE + 128];

	l->failures++;
	if (l->failed)
		return;
	l->failed = true;
	if (e->line > 0)
		snprintf(text, sizeof(text),
		    "%zu:%zu: %s; what was known "
		    "before stays",
		    e->line, e->column, e->text);
	else
		snprintf(text, sizeof(text), "%s; what was known before stays",
		    e->text);
	if (o->tell != NULL)
		o->tell(o->tell_arg, text);
}

/* Keep the end of what was taken, to know it again. */
static void
keep_tail(struct live *l, const char *p, size_t n)
{
	struct buf *b = &l->tail;

	if (n < TAIL && b->len + n > TAIL) {
		size_t keep = TAIL - n < b->len ? TAIL - n : b->len;

		memmove(b->p, b->p + b->len - keep, keep);
		b->len = keep;
	} else if (n >= TAIL) {
		buf_clear(b);
		p += n - TAIL;
		n = TAIL;
	}
	buf_put(b, p, n);
}

/* Bytes of whole rows: up to the last newline that is in no quotes. */
static size_t
whole_rows(const char *p, size_t n, bool quotes)
{
	bool inside = false;
	size_t whole = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '"')
			inside = quotes && !inside;
		else if (p[i] == '\n' && !inside)
			whole = i + 1;
	}
	return whole;
}

static uint64_t
count_lines(const char *p, size_t n)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += p[i] == '\n';
	return lines;
}

/*
 * Join the newest parts while the one before isn't much larger, so that
 * there are few; all of them where rows can't be merged by key.
 */
static struct source *
join_parts(struct live *l, struct source *table, size_t *n)
{
	const struct version *v = atomic_load(&l->now);
	struct source_error error;
	struct table_text text;

	while (*n > 0) {
		struct source *before = v->part[*n - 1]->table;
		struct source *joined;

		if (l->merges && *n < VERSION_PARTS - 1 &&
		    table_rows(before) > 2 * table_rows(table))
			break;
		if (!table_join(before, table, l->merges, &text))
			break;
		joined = table_of_text(l->options, &text, &error);
		if (joined == NULL) {
			fail(l, &error);
			if (!l->merges) {
				source_close(table);
				return NULL;
			}
			break;
		}
		source_close(table);
		table = joined;
		--*n;
	}
	return table;
}

/* A table of whole rows behind those that are there; true where it's seen. */
static bool
add_rows(struct live *l, const char *p, size_t len)
{
	struct version *now = atomic_load(&l->now), *v;
	struct value header = {0};
	struct table_text text = {.before = l->lines};
	struct source_error error = {.text = "out of memory"};
	struct source *table;
	size_t n = now == NULL ? 0 : now->n;

	if (now != NULL) {
		header = table_header(now->part[0]->table);
		buf_put(&text.text, header.text, header.n);
		if (header.n > 0 && header.text[header.n - 1] != '\n')
			buf_putc(&text.text, '\n');
		text.before -= count_lines(text.text.p, text.text.len);
	}
	buf_put(&text.text, p, len);
	l->lines += count_lines(p, len);
	table = buf_failed(&text.text)
	    ? NULL
	    : table_of_text(l->options, &text, &error);
	if (table != NULL && n > 0)
		table = join_parts(l, table, &n);
	v = table == NULL ? NULL : version_new(l, now, n, table);
	if (v == NULL) {
		fail(l, &error);
		return false;
	}
	l->failed = false;
	l->appended++;
	publish(l, v);
	return true;
}

/* Take the whole rows of what came, and keep the rest. */
static void
take_rows(struct live *l)
{
	struct version *now = atomic_load(&l->now);
	bool quotes = now == NULL || table_quotes(now->part[0]->table);
	size_t n;

	if (now == NULL && l->more.len > 0 &&
	    (l->more.p[0] == '{' || l->more.p[0] == '['))
		quotes = false;
	n = whole_rows(l->more.p, l->more.len, quotes);
	if (n == 0)
		return;
	if (!add_rows(l, l->more.p, n) && !l->fifo) {
		/* What was missed is found when the whole file is read. */
		l->dirty = l->rewritten = true;
		l->since = milliseconds();
	}
	memmove(l->more.p, l->more.p + n, l->more.len - n);
	l->more.len -= n;
}

/* Read what there is; false at the end, with *failed where it can't be. */
static bool
read_some(struct live *l)
{
	ssize_t n;

	if (!buf_room(&l->more, READ_SIZE))
		return false;
	n = l->fifo
	    ? read(l->fd, l->more.p + l->more.len, READ_SIZE)
	    : pread(l->fd, l->more.p + l->more.len, READ_SIZE, l->offset);
	if (n <= 0)
		return false;
	keep_tail(l, l->more.p + l->more.len, (size_t)n);
	l->more.len += (size_t)n;
	l->offset += n;
	return true;
}

/* Is what was taken of the file still there, byte for byte at its end? */
static bool
tail_stays(struct live *l)
{
	char now[TAIL];
	size_t n = l->tail.len;

	return pread(l->fd, now, n, l->offset - (off_t)n) == (ssize_t)n &&
	    memcmp(now, l->tail.p, n) == 0;
}

/* --- the file ------------------------------------------------------------ */

static bool
same_file(const struct stat *x, const struct stat *y)
{
	return x->st_dev == y->st_dev && x->st_ino == y->st_ino;
}

static bool
same_state(const struct stat *x, const struct stat *y)
{
	return same_file(x, y) && x->st_size == y->st_size &&
	    x->st_mtim.tv_sec == y->st_mtim.tv_sec &&
	    x->st_mtim.tv_nsec == y->st_mtim.tv_nsec;
}

/* Note that the file isn't what was read, and how it is now. */
static void
note_change(struct live *l, const struct stat *st, unsigned news)
{
	if (!l->dirty || !same_state(st, &l->seen)) {
		l->since = milliseconds();
		l->closed = false;
	}
	l->dirty = true;
	l->seen = *st;
	l->closed = l->closed || (news & (WATCH_CLOSED | WATCH_MOVED)) != 0;
}

/* Take what was appended; else note what changed.  With the lock. */
static void
look(struct live *l)
{
	unsigned news = watch_read(&l->watch, l->options->name);
	struct version *now = atomic_load(&l->now);
	struct stat st, own;
	bool stays;

	if (l->fifo) {
		while (read_some(l))
			take_rows(l);
		return;
	}
	if (stat(l->options->name, &st) == -1 || fstat(l->fd, &own) == -1)
		return;
	stays = same_file(&st, &own) && st.st_size >= l->offset &&
	    !l->rewritten && tail_stays(l);
	if (stays && st.st_size > l->offset &&
	    table_grows(now->part[0]->table)) {
		while (read_some(l))
			take_rows(l);
		l->dirty = l->rewritten;
		(void)fstat(l->fd, &l->seen);
	} else if (l->dirty || !same_state(&st, &l->seen)) {
		note_change(l, &st, news);
		/* A write that has begun sets the time before it adds. */
		l->rewritten = l->rewritten || !stays || st.st_size > l->offset;
	}
}

/* What a whole load gives, before it is seen. */
struct load {
	struct source *table;
	struct source_error error;
	int fd;
	struct stat seen;
	struct buf tail;
	off_t size;
	uint64_t lines;
};

static bool
read_all(int fd, struct buf *b)
{
	ssize_t n = 1;

	while (n > 0 && buf_room(b, READ_SIZE)) {
		n = read(fd, b->p + b->len, READ_SIZE);
		if (n > 0)
			b->len += (size_t)n;
	}
	return n == 0;
}

/* Read the whole file anew, without the lock. */
static bool
load_file(const struct source_options *o, struct load *d)
{
	struct table_text text = {.before = 0};
	size_t n;

	*d = (struct load){.fd = open(o->name, O_RDONLY | O_CLOEXEC)};
	if (d->fd == -1 || fstat(d->fd, &d->seen) == -1 ||
	    !read_all(d->fd, &text.text)) {
		snprintf(d->error.text, sizeof(d->error.text), "%s",
		    strerror(buf_failed(&text.text) ? ENOMEM : errno));
		buf_release(&text.text);
		return false;
	}
	n = text.text.len < TAIL ? text.text.len : TAIL;
	buf_put(&d->tail, text.text.p + text.text.len - n, n);
	d->size = (off_t)text.text.len;
	d->lines = count_lines(text.text.p, text.text.len);
	d->table = table_of_text(o, &text, &d->error);
	return d->table != NULL;
}

static void
load_drop(struct load *d)
{
	source_close(d->table);
	buf_release(&d->tail);
	if (d->fd != -1)
		(void)close(d->fd);
}

/* Let what was loaded be seen; with the lock. */
static bool
adopt(struct live *l, struct load *d)
{
	struct version *v = version_new(l, NULL, 0, d->table);

	if (v == NULL)
		return false;
	publish(l, v);
	if (l->fd != -1)
		(void)close(l->fd);
	buf_release(&l->tail);
	buf_clear(&l->more);
	l->fd = d->fd;
	l->tail = d->tail;
	l->seen = d->seen;
	l->offset = d->size;
	l->lines = d->lines;
	l->failed = l->dirty = l->rewritten = false;
	return true;
}

/* Is it time to read the file anew? */
static bool
is_due(const struct live *l)
{
	return l->dirty &&
	    ((l->closed && l->rewritten) ||
		milliseconds() - l->since >= SECOND);
}

/* Read it anew; with the lock, which is let go meanwhile. */
static void
reload(struct live *l)
{
	struct load d;
	bool loaded;

	l->loading = true;
	pthread_mutex_unlock(&l->lock);
	loaded = load_file(l->options, &d);
	pthread_mutex_lock(&l->lock);
	l->loading = false;
	l->dirty = l->rewritten = l->closed = false;
	if (loaded && adopt(l, &d)) {
		l->reloads++;
		return;
	}
	fail(l, &d.error);
	load_drop(&d);
}

/* Milliseconds that the thread may sleep. */
static int
patience(const struct live *l)
{
	return l->fifo ? -1 : l->dirty ? SECOND / 10 : SECOND;
}

static void *
run(void *arg)
{
	struct live *l = arg;

	pthread_mutex_lock(&l->lock);
	while (!l->ending) {
		struct pollfd p[2] = {
		    {.fd = l->wake, .events = POLLIN},
		    {.fd = l->fifo ? l->fd : l->watch.fd, .events = POLLIN},
		};
		int wait = patience(l);

		pthread_mutex_unlock(&l->lock);
		(void)poll(p, 2, wait);
		pthread_mutex_lock(&l->lock);
		if (!l->ending)
			look(l);
		if (!l->ending && is_due(l))
			reload(l);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

/* --- the source ---------------------------------------------------------- */

static void
live_refresh(struct source *s)
{
	struct live *l = (struct live *)s;

	pthread_mutex_lock(&l->lock);
	if (!l->loading)
		look(l);
	pthread_mutex_unlock(&l->lock);
}

/* Read a FIFO to its first pause: its writer may still have to come. */
static bool
read_fifo(struct live *l, struct source_error *error)
{
	const struct source_options *o = l->options;
	struct pollfd p = {.fd = l->fd, .events = POLLIN};
	int n = poll(&p, 1, WAITING);

	if (n == 0 && o->tell != NULL)
		o->tell(
		    o->tell_arg, "is a FIFO: events wait for its first rows");
	while (atomic_load(&l->now) == NULL && !l->failed) {
		n = poll(&p, 1, -1);
		while (n > 0 && (p.revents & POLLIN) != 0 && read_some(l))
			n = poll(&p, 1, FIRST_PAUSE);
		take_rows(l);
		if (n > 0 && atomic_load(&l->now) == NULL &&
		    (p.revents & POLLHUP) != 0)
			break; /* the writer left, and no row came */
	}
	snprintf(error->text, sizeof(error->text), "%s",
	    "the writer of the FIFO left before its first row came");
	if (l->failed)
		snprintf(error->text, sizeof(error->text), "%s",
		    "the FIFO's first rows are no table");
	l->keep = open(o->name, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
	return atomic_load(&l->now) != NULL;
}

static bool
read_first(struct live *l, struct source_error *error)
{
	const char *path = l->options->name;
	struct load d;
	struct stat st;

	if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode)) {
		l->fifo = true;
		l->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		return l->fd != -1 && read_fifo(l, error);
	}
	watch_open(&l->watch, path);
	if (load_file(l->options, &d) && adopt(l, &d))
		return true;
	*error = d.error;
	load_drop(&d);
	return false;
}

static void
live_close(struct source *s)
{
	struct live *l = (struct live *)s;
	uint64_t one = 1;

	pthread_mutex_lock(&l->lock);
	l->ending = true;
	pthread_mutex_unlock(&l->lock);
	if (l->running && write(l->wake, &one, sizeof(one)) > 0)
		pthread_join(l->thread, NULL);
	version_drop(atomic_load(&l->now));
	if (l->fd != -1)
		(void)close(l->fd);
	if (l->keep != -1)
		(void)close(l->keep);
	if (l->wake != -1)
		(void)close(l->wake);
	watch_close(&l->watch);
	buf_release(&l->more);
	buf_release(&l->tail);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

/* No signal is for the thread that watches. */
static bool
start(struct live *l)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	l->running = pthread_create(&l->thread, NULL, run, l) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return l->running;
}

static struct source *
live_open(const struct source_options *o, struct source_error *error)
{
	struct live *l = calloc(1, sizeof(*l));

	*error = (struct source_error){.text = "out of memory"};
	if (l == NULL)
		return NULL;
	l->source.kind = &live_source;
	l->options = o;
	l->fd = l->keep = l->watch.fd = -1;
	l->merges = o->match == SOURCE_EXACT && o->valid == NULL && !o->all &&
	    o->repeated == SOURCE_LAST;
	pthread_mutex_init(&l->lock, NULL);
	l->wake = eventfd(0, EFD_CLOEXEC);
	if (l->wake == -1 || !read_first(l, error) || !start(l)) {
		live_close(&l->source);
		return NULL;
	}
	return &l->source;
}

static const struct value *
live_columns(const struct source *s, size_t *n)
{
	const struct live *l = (const struct live *)s;

	return version_columns(&atomic_load(&l->now)->source, n);
}

static struct value
live_origin(const struct source *s)
{
	const struct live *l = (const struct live *)s;

	return version_origin(&atomic_load(&l->now)->source);
}

static void
live_count(struct source *s, struct buf *out)
{
	struct live *l = (struct live *)s;

	pthread_mutex_lock(&l->lock);
	buf_printf(out,
	    ", %" PRIu64 " reloads, %" PRIu64 " appends, %" PRIu64 " failures",
	    l->reloads, l->appended, l->failures);
	pthread_mutex_unlock(&l->lock);
}

const struct source_kind live_source = {
    .open = live_open,
    .view = live_view,
    .refresh = live_refresh,
    .columns = live_columns,
    .origin = live_origin,
    .count = live_count,
    .close = live_close,
};
