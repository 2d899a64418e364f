/*
 * live_load - a followed file, read whole beside the version that serves.
 *
 * Its writer may be in the middle of a row.  What stands behind the last
 * newline is a row where it can be one, since many a file ends so; what comes
 * behind it goes on with it in any case.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "source/live_state.h"
#include "source/mmdb.h"
#include "source/table.h"

static bool
read_all(int fd, struct buf *b)
{
	ssize_t n = 1;

	while (n > 0 && buf_room(b, LIVE_READ)) {
		n = read(fd, b->p + b->len, LIVE_READ);
		if (n > 0)
			b->len += (size_t)n;
	}
	return n == 0;
}

/* Open the file and read it; false, and error. */
static bool
read_file(const struct source_options *o, struct live_load *d, struct buf *b)
{
	d->fd = open(o->name, O_RDONLY | O_CLOEXEC);
	if (d->fd != -1 && fstat(d->fd, &d->seen) == 0 && read_all(d->fd, b))
		return true;
	snprintf(d->error.text, sizeof(d->error.text), "%s",
	    strerror(buf_failed(b) ? ENOMEM : errno));
	buf_release(b);
	return false;
}

/* The first n bytes of the file again; false where they aren't there. */
static bool
read_again(const struct live_load *d, size_t n, struct buf *b)
{
	if (buf_room(b, n) && pread(d->fd, b->p, n, 0) == (ssize_t)n) {
		b->len = n;
		return true;
	}
	buf_release(b);
	return false;
}

/* Bytes of whole rows, or all where they aren't in lines. */
static size_t
whole_part(const struct buf *b)
{
	size_t n;

	if (b->len == 0 || b->p[0] == '[' || b->p[b->len - 1] == '\n')
		return b->len;
	n = live_whole_rows(b->p, b->len, live_may_quote(b->p, b->len));
	return n == 0 ? b->len : n;
}

/* Make the table; without the last row, where that can't be one yet. */
static void
make_table(const struct source_options *o, struct live_load *d,
    struct table_text *text, size_t whole)
{
	struct source_error error;

	d->table = table_of_text(o, text, &d->error);
	d->partial = d->table != NULL && d->rest.len > 0;
	if (d->table != NULL || d->rest.len == 0)
		return;
	*text = (struct table_text){.before = 0};
	if (read_again(d, whole, &text->text))
		d->table = table_of_text(o, text, &error);
}

/* A MaxMind database, which has no rows. */
static bool
load_mmdb(const struct source_options *o, struct live_load *d, struct buf *b)
{
	d->size = (off_t)b->len;
	d->table = mmdb_of_bytes(o, b, &d->error);
	return d->table != NULL;
}

bool
live_load(const struct source_options *o, bool whole, struct live_load *d)
{
	struct table_text text = {.before = 0};
	size_t n, rows;

	*d = (struct live_load){.fd = -1};
	if (!read_file(o, d, &text.text))
		return false;
	n = text.text.len < LIVE_TAIL ? text.text.len : LIVE_TAIL;
	buf_put(&d->tail, text.text.p + text.text.len - n, n);
	if (o->mmdb)
		return load_mmdb(o, d, &text.text);
	d->size = (off_t)text.text.len;
	d->lines = live_count_lines(text.text.p, text.text.len);
	rows = whole_part(&text.text);
	buf_put(&d->rest, text.text.p + rows, text.text.len - rows);
	if (whole) {
		text.text.len = rows;
		d->table = table_of_text(o, &text, &d->error);
	} else
		make_table(o, d, &text, rows);
	return d->table != NULL;
}

void
live_load_drop(struct live_load *d)
{
	source_close(d->table);
	buf_release(&d->tail);
	buf_release(&d->rest);
	if (d->fd != -1)
		(void)close(d->fd);
}

bool
live_adopt(struct live *l, struct live_load *d)
{
	struct version *v = version_new(l, NULL, 0, d->table);

	if (v == NULL)
		return false;
	live_publish(l, v);
	if (l->fd != -1)
		(void)close(l->fd);
	buf_release(&l->tail);
	buf_release(&l->more);
	l->fd = d->fd;
	l->tail = d->tail;
	l->more = d->rest;
	l->partial = d->partial;
	l->seen = d->seen;
	l->offset = d->size;
	l->lines = d->lines;
	l->failed = l->dirty = l->rewritten = l->again = false;
	return true;
}
