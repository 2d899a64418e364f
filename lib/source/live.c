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

#include "source/live_state.h"
#include "source/table.h"

enum {
	FIRST_PAUSE = 100, /* of a FIFO, in milliseconds */
	WAITING = 500,     /* for its first row, before that is told */
};

int64_t
live_milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * LIVE_SECOND + t.tv_nsec / 1000000;
}

/* --- versions ----------------------------------------------------------- */

void
live_publish(struct live *l, struct version *v)
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

/* Is what was taken of the file still there, byte for byte at its end? */
static bool
tail_stays(struct live *l)
{
	char now[LIVE_TAIL];
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
		l->since = live_milliseconds();
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
		while (live_read_some(l))
			live_take_rows(l);
		return;
	}
	if (stat(l->options->name, &st) == -1 || fstat(l->fd, &own) == -1)
		return;
	stays = same_file(&st, &own) && st.st_size >= l->offset &&
	    !l->rewritten && tail_stays(l);
	if (stays && st.st_size > l->offset && !l->options->mmdb &&
	    table_grows(now->part[0]->table)) {
		while (live_read_some(l))
			live_take_rows(l);
		l->dirty = l->rewritten;
		(void)fstat(l->fd, &l->seen);
	} else if (l->dirty || !same_state(&st, &l->seen)) {
		note_change(l, &st, news);
		/* A write that has begun sets the time before it adds. */
		l->rewritten = l->rewritten || !stays || st.st_size > l->offset;
	}
}

/* Is it time to read the file anew? */
static bool
is_due(const struct live *l)
{
	return l->again ||
	    (l->dirty &&
		((l->closed && l->rewritten) ||
		    live_milliseconds() - l->since >= LIVE_SECOND));
}

/* Read it anew; with the lock, which is let go meanwhile. */
static void
reload(struct live *l)
{
	struct live_load d;
	bool loaded, whole = l->again && !l->dirty;

	l->loading = true;
	pthread_mutex_unlock(&l->lock);
	loaded = live_load(l->options, whole, &d);
	pthread_mutex_lock(&l->lock);
	l->loading = false;
	l->dirty = l->rewritten = l->closed = l->again = false;
	if (loaded && live_adopt(l, &d)) {
		l->reloads++;
		return;
	}
	live_fail(l, &d.error);
	live_load_drop(&d);
}

/* Milliseconds that the thread may sleep. */
static int
patience(const struct live *l)
{
	return l->fifo ? -1 : l->dirty ? LIVE_SECOND / 10 : LIVE_SECOND;
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
		while (n > 0 && (p.revents & POLLIN) != 0 && live_read_some(l))
			n = poll(&p, 1, FIRST_PAUSE);
		live_take_rows(l);
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
	struct live_load d;
	struct stat st;

	if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode)) {
		if (l->options->mmdb) {
			snprintf(error->text, sizeof(error->text), "%s",
			    "is a FIFO, and a file is wanted");
			return false;
		}
		l->fifo = true;
		l->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		return l->fd != -1 && read_fifo(l, error);
	}
	watch_open(&l->watch, path);
	if (live_load(l->options, false, &d) && live_adopt(l, &d))
		return true;
	*error = d.error;
	live_load_drop(&d);
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
	buf_printf(out, ", %" PRIu64 " reloads", l->reloads);
	if (!l->options->mmdb)
		buf_printf(out, ", %" PRIu64 " appends", l->appended);
	buf_printf(out, ", %" PRIu64 " failures", l->failures);
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
