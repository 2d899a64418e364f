/*
 * live_rows - rows that are appended to a followed file, or come through a
 * FIFO, one by one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/live_state.h"
#include "source/table.h"

void
live_fail(struct live *l, const struct source_error *e)
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

	if (n < LIVE_TAIL && b->len + n > LIVE_TAIL) {
		size_t keep = LIVE_TAIL - n < b->len ? LIVE_TAIL - n : b->len;

		memmove(b->p, b->p + b->len - keep, keep);
		b->len = keep;
	} else if (n >= LIVE_TAIL) {
		buf_clear(b);
		p += n - LIVE_TAIL;
		n = LIVE_TAIL;
	}
	buf_put(b, p, n);
}

size_t
live_whole_rows(const char *p, size_t n, bool quotes)
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

bool
live_may_quote(const char *p, size_t n)
{
	return n == 0 || (p[0] != '{' && p[0] != '[');
}

uint64_t
live_count_lines(const char *p, size_t n)
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
			live_fail(l, &error);
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
		text.before -= live_count_lines(text.text.p, text.text.len);
	}
	buf_put(&text.text, p, len);
	l->lines += live_count_lines(p, len);
	table = buf_failed(&text.text)
	    ? NULL
	    : table_of_text(l->options, &text, &error);
	if (table != NULL && n > 0)
		table = join_parts(l, table, &n);
	v = table == NULL ? NULL : version_new(l, now, n, table);
	if (v == NULL) {
		live_fail(l, &error);
		return false;
	}
	l->failed = false;
	l->appended++;
	live_publish(l, v);
	return true;
}

void
live_take_rows(struct live *l)
{
	struct version *now = atomic_load(&l->now);
	bool quotes = now == NULL || table_quotes(now->part[0]->table);
	size_t n;

	if (now == NULL)
		quotes = live_may_quote(l->more.p, l->more.len);
	n = live_whole_rows(l->more.p, l->more.len, quotes);
	if (n == 0)
		return;
	/* The row that was taken before its end may have had another key. */
	l->again = l->again || l->partial;
	if (l->partial && !l->merges)
		return; /* it would be there twice */
	l->partial = false;
	if (!add_rows(l, l->more.p, n) && !l->fifo) {
		/* What was missed is found when the whole file is read. */
		l->dirty = l->rewritten = true;
		l->since = live_milliseconds();
	}
	memmove(l->more.p, l->more.p + n, l->more.len - n);
	l->more.len -= n;
}

bool
live_read_some(struct live *l)
{
	ssize_t n;

	if (!buf_room(&l->more, LIVE_READ))
		return false;
	n = l->fifo
	    ? read(l->fd, l->more.p + l->more.len, LIVE_READ)
	    : pread(l->fd, l->more.p + l->more.len, LIVE_READ, l->offset);
	if (n <= 0)
		return false;
	keep_tail(l, l->more.p + l->more.len, (size_t)n);
	l->more.len += (size_t)n;
	l->offset += n;
	return true;
}
