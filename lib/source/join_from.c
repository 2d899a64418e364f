/*
 * What a record says of the rows that were joined: its member "from".
 */
#include <string.h>

#include "source/join_state.h"
#include "value/number.h"

enum {
	LINE_DIGITS = 20,
};

bool
join_gives_several(const struct join *j)
{
	return j->options.all && !j->source->kind->answers;
}

bool
join_lists_rows(const struct join *j)
{
	return j->each != NULL || join_gives_several(j);
}

/* What "from" says behind the rows: which columns were taken. */
static void
put_columns(struct join_local *l)
{
	const struct join *j = l->join;
	struct buf *b = &l->columns;
	const struct value *columns;
	size_t n = 0;

	if (j->options.columns != NULL || j->merge)
		columns = l->view->kind->columns(l->view, &n);
	if (n > 0) {
		buf_puts(b, ",\"columns\":[");
		for (size_t i = 0; i < n; i++) {
			buf_puts(b, i > 0 ? "," : "");
			value_write_string(b, columns[i].text, columns[i].n);
		}
		buf_putc(b, ']');
	}
	buf_putc(b, '}');
}

/* What is the same in every record of a view. */
static void
spell(struct join_local *l)
{
	struct value origin = l->view->kind->origin(l->view);

	buf_clear(&l->head);
	buf_clear(&l->columns);
	buf_clear(&l->missed);
	buf_putc(&l->head, '{');
	buf_put(&l->head, origin.text, origin.n);
	buf_puts(&l->head, join_lists_rows(l->join) ? ",\"rows\":[" : ",");
	put_columns(l);
	buf_put(&l->missed, l->head.p, l->head.len);
	buf_puts(&l->missed, "\"miss\":true");
	buf_put(&l->missed, l->columns.p, l->columns.len);
}

void
join_take_view(struct join_local *l, struct arena *a)
{
	struct source *s = l->join->source;
	const struct source *view = s;

	if (s->kind->view != NULL)
		view = s->kind->view(s, l->view);
	if (view == l->view && !l->starved)
		return;
	l->view = view;
	spell(l);
	l->starved = buf_failed(&l->head) || buf_failed(&l->columns) ||
	    buf_failed(&l->missed);
	if (l->starved)
		arena_starve(a);
}

static void
put_row(struct buf *b, const struct source_row *row)
{
	static const char line[] = "\"line\":", hash[] = "\"hash\":\"";
	char *p;

	if (!buf_room(
		b, sizeof(line) + LINE_DIGITS + sizeof(hash) + SOURCE_HASH + 1))
		return;
	p = b->p + b->len;
	if (row->line > 0) {
		memcpy(p, line, sizeof(line) - 1);
		p += sizeof(line) - 1;
		p += number_format_int((int64_t)row->line, p);
		*p++ = ',';
	}
	memcpy(p, hash, sizeof(hash) - 1);
	p += sizeof(hash) - 1;
	memcpy(p, row->hash, SOURCE_HASH);
	p += SOURCE_HASH;
	*p++ = '"';
	b->len = (size_t)(p - b->p);
}

void
join_tell_rows(struct join_work *w, const struct source_row *row, size_t n)
{
	struct buf *b = &w->l->from;

	if (!w->several) {
		w->missed = n == 0;
		if (n > 0)
			put_row(b, row);
		return;
	}
	for (size_t i = 0; i < n || (n == 0 && i == 0); i++) {
		buf_puts(b, w->rows++ > 0 ? ",{" : "{");
		if (n > 0)
			put_row(b, &row[i]);
		else
			buf_puts(b, "\"miss\":true");
		buf_putc(b, '}');
	}
}

void
join_close_from(struct join_work *w)
{
	struct buf *b = &w->l->from;

	if (w->missed) {
		w->out->from = w->l->missed.p;
		w->out->from_len = w->l->missed.len;
		return;
	}
	if (w->several)
		buf_putc(b, ']');
	buf_put(b, w->l->columns.p, w->l->columns.len);
	if (buf_failed(b))
		arena_starve(w->a);
	w->out->from = b->p;
	w->out->from_len = b->len;
}
