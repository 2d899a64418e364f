#include "source/table.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/matcher.h"
#include "source/rows.h"
#include "value/string.h"

enum {
	READ_SIZE = 1 << 20,
	WAITING =
	    500, /* milliseconds for a FIFO's first row, before it's told */
};

typedef _Atomic(struct rows_made *) made_row;

struct table {
	struct source source;
	struct value origin;   /* "table":"hosts.csv" */
	struct value *columns; /* their names */
	struct buf file;
	struct rows rows;
	struct matcher matcher;
	uint32_t *lines;      /* of the rows, where they were given */
	made_row *made;       /* of each row, or NULL */
	pthread_mutex_t lock; /* held by who makes a row */
	struct arena pair[2]; /* cells of two rows, while it is read */
	struct value cells[2][ROWS_CELLS];
	unsigned turn;
};

/*
 * Open the file.  The writer of a FIFO may still have to come: that it is
 * waited for is told then.
 */
static int
open_file(const struct source_options *o)
{
	struct stat st;
	struct pollfd p = {.events = POLLIN};

	if (stat(o->name, &st) == -1 || !S_ISFIFO(st.st_mode))
		return open(o->name, O_RDONLY | O_CLOEXEC);
	p.fd = open(o->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (p.fd == -1)
		return -1;
	if (poll(&p, 1, WAITING) == 0 && o->tell != NULL)
		o->tell(o->tell_arg, "is a FIFO: events wait for its rows");
	while (poll(&p, 1, -1) == -1 && errno == EINTR)
		continue;
	(void)fcntl(p.fd, F_SETFL, 0);
	return p.fd;
}

/* Read the whole file; false and errno where that fails. */
static bool
read_file(const struct source_options *o, struct buf *b)
{
	int fd = open_file(o);
	ssize_t n = -1;
	int saved;

	if (fd < 0)
		return false;
	while (buf_room(b, READ_SIZE)) {
		n = read(fd, b->p + b->len, READ_SIZE - SCAN_PADDING);
		if (n > 0)
			b->len += (size_t)n;
		else if (n == 0 || errno != EINTR)
			break;
	}
	saved = buf_failed(b) ? ENOMEM : errno;
	close(fd);
	errno = saved;
	return n == 0;
}

static const struct rows_format *
format_by_content(const char *text, size_t len)
{
	const char *newline = memchr(text, '\n', len);
	size_t header = newline != NULL ? (size_t)(newline - text) : len;
	size_t i = 0;

	while (i < len && strchr(" \t\r\n", text[i]) != NULL)
		i++;
	if (i < len && text[i] == '{')
		return &rows_ndjson;
	if (i < len && text[i] == '[')
		return &rows_array;
	return memchr(text, '\t', header) != NULL &&
		memchr(text, ',', header) == NULL
	    ? &rows_tsv
	    : &rows_csv;
}

static const struct rows_format *
choose_format(const char *path, const char *text, size_t len)
{
	const char *dot = strrchr(path, '.');
	const struct rows_format *guess = format_by_content(text, len);

	if (dot == NULL)
		return guess;
	if (strcasecmp(dot, ".csv") == 0)
		return &rows_csv;
	if (strcasecmp(dot, ".tsv") == 0)
		return &rows_tsv;
	if (strcasecmp(dot, ".ndjson") == 0 || strcasecmp(dot, ".jsonl") == 0)
		return &rows_ndjson;
	if (strcasecmp(dot, ".json") == 0 && guess != &rows_ndjson)
		return &rows_array;
	return guess;
}

static bool
take(void *arg, struct rows *r, const struct value *cells)
{
	struct table *t = arg;
	char why[SOURCE_NOTE];

	switch (matcher_add(&t->matcher, cells, why)) {
	case MATCHER_OK:
		return true;
	case MATCHER_WRONG:
		return rows_fail_row(r, (uint32_t)r->n - 1, "%s", why);
	case MATCHER_STARVED:
		break;
	}
	return rows_fail(r, 0, 0, "out of memory");
}

static bool
read_rows(struct table *t)
{
	struct rows *r = &t->rows;
	struct buf *file = &t->file;
	const char *foreign = rows_foreign(file->p, file->len);
	size_t skip = 0;

	if (foreign != NULL)
		return rows_fail(r, 0, 0, "%s", foreign);
	if (file->len >= UINT32_MAX - SCAN_PADDING)
		return rows_fail(r, 0, 0, "is larger than 4 GiB");
	if (file->len >= 3 && memcmp(file->p, "\xEF\xBB\xBF", 3) == 0)
		skip = 3;
	memset(file->p + file->len, 0, SCAN_PADDING);
	r->text = file->p + skip;
	r->len = file->len - skip;
	r->take = take;
	r->take_arg = t;
	r->format = choose_format(r->options->name, r->text, r->len);
	return rows_choose(r) && r->format->read(r);
}

/* A row's cells, while the table is read; they last one call more. */
static const struct value *
cells_again(void *arg, uint32_t row)
{
	struct table *t = arg;
	unsigned i = t->turn++ % 2;

	arena_reset(&t->pair[i]);
	t->rows.format->cells(&t->rows, &t->pair[i], row, t->cells[i]);
	return t->cells[i];
}

static bool
match_rows(struct table *t)
{
	uint32_t row;

	switch (matcher_finish(&t->matcher, cells_again, t, &row)) {
	case MATCHER_OK:
		return true;
	case MATCHER_WRONG:
		return rows_fail_row(&t->rows, row,
		    "its key came before, which --repeated refuse refuses");
	case MATCHER_STARVED:
		break;
	}
	return rows_fail(&t->rows, 0, 0, "out of memory");
}

/* Say how many rows give way to others. */
static void
note_repeated(struct table *t)
{
	const struct source_options *o = t->rows.options;
	size_t n = t->matcher.index.repeated;
	struct source_name key = o->keys[0].column;

	if (n == 0 || o->all)
		return;
	snprintf(t->source.note, sizeof(t->source.note),
	    "%.*s%s is repeated: %zu of %zu rows give way to %s ones",
	    (int)key.len, key.text, o->keys_n > 1 ? " with the other keys" : "",
	    n, t->rows.n, o->repeated == SOURCE_FIRST ? "earlier" : "later");
}

/* What is asked of it once it is there: its columns, and its origin. */
static bool
describe(struct table *t)
{
	struct rows *r = &t->rows;
	const char *path = r->options->name;
	struct value name = string_repair(&r->arena, path, strlen(path));

	t->columns = arena_array(&r->arena, r->columns_n, sizeof(*t->columns));
	for (size_t i = 0; i < r->columns_n; i++)
		t->columns[i] = r->columns[i].name;
	buf_clear(&r->scratch);
	buf_puts(&r->scratch, "\"table\":");
	value_write_string(&r->scratch, name.text, name.n);
	t->made = calloc(r->n + 1, sizeof(*t->made));
	if (buf_failed(&r->scratch) || t->made == NULL)
		return rows_fail(r, 0, 0, "out of memory");
	t->origin =
	    value_text(arena_copy(&r->arena, r->scratch.p, r->scratch.len),
		r->scratch.len);
	note_repeated(t);
	return true;
}

static void
set_overflow(struct table *t, jmp_buf *overflow)
{
	t->rows.arena.overflow = overflow;
	t->rows.work.overflow = overflow;
	t->pair[0].overflow = t->pair[1].overflow = overflow;
}

static bool
load(struct table *t)
{
	jmp_buf overflow;
	bool ok;

	set_overflow(t, &overflow);
	if (setjmp(overflow) == 0)
		ok = read_rows(t) && match_rows(t) && describe(t);
	else
		ok = rows_fail(&t->rows, 0, 0, "out of memory");
	set_overflow(t, NULL);
	arena_release(&t->pair[0]);
	arena_release(&t->pair[1]);
	return ok;
}

static void
table_close(struct source *s)
{
	struct table *t = (struct table *)s;
	struct rows *r = &t->rows;

	matcher_release(&t->matcher);
	scan_release(&r->scan);
	free(t->made);
	free(r->at);
	free(r->line);
	free(r->length);
	free(t->lines);
	buf_release(&r->scratch);
	buf_release(&r->json);
	buf_release(&t->file);
	arena_release(&t->pair[0]);
	arena_release(&t->pair[1]);
	arena_release(&r->work);
	arena_release(&r->arena);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

struct source *
table_of_text(const struct source_options *o, struct table_text *text,
    struct source_error *error)
{
	struct table *t = calloc(1, sizeof(*t));

	*error = (struct source_error){.text = "out of memory"};
	if (t == NULL) {
		buf_release(&text->text);
		free(text->lines);
		return NULL;
	}
	t->source.kind = &table_source;
	t->file = text->text;
	t->lines = text->lines;
	pthread_mutex_init(&t->lock, NULL);
	arena_init(&t->rows.arena, SIZE_MAX / 2);
	arena_init(&t->rows.work, SIZE_MAX / 2);
	arena_init(&t->pair[0], SIZE_MAX / 2);
	arena_init(&t->pair[1], SIZE_MAX / 2);
	t->rows.options = o;
	t->rows.error = error;
	t->rows.lines_before = text->before;
	t->rows.given = t->lines;
	*text = (struct table_text){0};
	matcher_init(&t->matcher, o);
	if (!buf_room(&t->file, SCAN_PADDING) ||
	    scan_init(&t->rows.scan, SCAN_DEPTH) == -1 || !load(t)) {
		table_close(&t->source);
		return NULL;
	}
	t->rows.error = NULL;
	return &t->source;
}

static struct source *
table_open(const struct source_options *o, struct source_error *error)
{
	struct table_text file = {.before = 0};

	*error = (struct source_error){0};
	if (read_file(o, &file.text))
		return table_of_text(o, &file, error);
	snprintf(error->text, sizeof(error->text), "%s", strerror(errno));
	buf_release(&file.text);
	return NULL;
}

bool
table_grows(const struct source *s)
{
	return ((const struct table *)s)->rows.format != &rows_array;
}

bool
table_quotes(const struct source *s)
{
	return ((const struct table *)s)->rows.format == &rows_csv;
}

struct value
table_text_of(const struct source *s)
{
	const struct table *t = (const struct table *)s;

	return value_text(t->file.p, t->file.len);
}

struct value
table_header(const struct source *s)
{
	const struct rows *r = &((const struct table *)s)->rows;

	return value_text(r->text, r->header_end);
}

size_t
table_rows(const struct source *s)
{
	return ((const struct table *)s)->rows.n;
}

/* Append the rows of a table that last, none where newer has their key. */
static bool
put_rows(struct table *t, struct table *newer, bool drop,
    struct table_text *out, size_t *n)
{
	struct rows *r = &t->rows;
	struct value text;

	for (uint32_t i = 0; i < r->n; i++) {
		const struct value *keys = drop ? cells_again(t, i) : NULL;

		if (drop &&
		    (!matcher_counts(&t->matcher, i, keys) ||
			(newer != NULL &&
			    matcher_holds(&newer->matcher, &t->pair[0], keys,
				cells_again, newer))))
			continue;
		text = r->format->row_text(r, i);
		buf_put(&out->text, text.text, text.n);
		buf_putc(&out->text, '\n');
		out->lines[(*n)++] = (uint32_t)rows_line(r, i);
	}
	return !buf_failed(&out->text);
}

bool
table_join(struct source *older, struct source *newer, bool drop,
    struct table_text *out)
{
	struct table *x = (struct table *)older, *y = (struct table *)newer;
	struct value header = table_header(older);
	jmp_buf overflow;
	size_t n = 0;
	volatile bool ok = false;

	*out = (struct table_text){.before = 0};
	out->lines = calloc(x->rows.n + y->rows.n + 1, sizeof(*out->lines));
	if (out->lines == NULL)
		return false;
	buf_put(&out->text, header.text, header.n);
	if (header.n > 0 && header.text[header.n - 1] != '\n')
		buf_putc(&out->text, '\n');
	pthread_mutex_lock(&x->lock);
	pthread_mutex_lock(&y->lock);
	set_overflow(x, &overflow);
	set_overflow(y, &overflow);
	if (setjmp(overflow) == 0)
		ok = put_rows(x, y, drop, out, &n) &&
		    put_rows(y, NULL, drop, out, &n);
	pthread_mutex_unlock(&y->lock);
	pthread_mutex_unlock(&x->lock);
	if (!ok) {
		buf_release(&out->text);
		free(out->lines);
	}
	return ok;
}

static const struct value *
table_columns(const struct source *s, size_t *n)
{
	const struct table *t = (const struct table *)s;

	*n = t->rows.columns_n;
	return t->columns;
}

static struct value
table_origin(const struct source *s)
{
	return ((const struct table *)s)->origin;
}

/* Make a row that nobody found before, with the lock; NULL: no memory. */
static struct rows_made *
make_locked(struct table *t, uint32_t row)
{
	jmp_buf overflow;
	struct rows_made *m = atomic_load(&t->made[row]);

	if (m != NULL)
		return m;
	set_overflow(t, &overflow);
	if (setjmp(overflow) != 0)
		return NULL;
	m = rows_make(&t->rows, row);
	atomic_store(&t->made[row], m);
	return m;
}

/* What asks: the table, and the arena that jumps where memory ends. */
struct asking {
	struct table *t;
	struct arena *a;
};

static const struct rows_made *
made_of(const struct asking *k, uint32_t row)
{
	struct rows_made *m =
	    atomic_load_explicit(&k->t->made[row], memory_order_acquire);

	if (m != NULL)
		return m;
	pthread_mutex_lock(&k->t->lock);
	m = make_locked(k->t, row);
	pthread_mutex_unlock(&k->t->lock);
	if (m == NULL)
		arena_starve(k->a);
	return m;
}

static const struct value *
made_cells(void *arg, uint32_t row)
{
	return made_of(arg, row)->cells;
}

static void
give(const struct asking *k, uint32_t i, struct source_row *row)
{
	const struct rows_made *m = made_of(k, i);

	row->value = m->value;
	row->line = m->line;
	row->hash = m->hash;
}

static enum source_status
table_find(const struct source *s, struct arena *a,
    const struct source_query *q, struct source_rows *rows)
{
	/* Only what the lock guards is changed. */
	struct asking k = {(struct table *)(uintptr_t)s, a};
	uint32_t *all, row;
	size_t n;

	row = matcher_find(&k.t->matcher, a, q, made_cells, &k, &all, &n);
	if (row == INDEX_NONE)
		return SOURCE_MISS;
	if (row == MATCHER_DELETED)
		return SOURCE_DELETED;
	rows->row = &rows->first;
	rows->n = 1;
	if (!k.t->rows.options->all) {
		give(&k, row, &rows->first);
		return SOURCE_FOUND;
	}
	rows->row = arena_array(a, n, sizeof(*rows->row));
	rows->n = n;
	for (size_t i = 0; i < n; i++)
		give(&k, all[i], &rows->row[i]);
	return SOURCE_FOUND;
}

const struct source_kind table_source = {
    .open = table_open,
    .find = table_find,
    .columns = table_columns,
    .origin = table_origin,
    .close = table_close,
};
