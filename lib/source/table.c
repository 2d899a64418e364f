#include "source/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/hash.h"
#include "source/rows.h"
#include "value/decimal.h"
#include "value/number.h"
#include "value/string.h"

enum {
	READ_SIZE = 1 << 20,
	ROWS_MAX = 1 << 30,
	LINE_DIGITS = 20,
};

static const char hash_member[] = ",\"hash\":\"";

/* Open addressing over the rows; row counts from 1, 0 is a free slot. */
struct slot {
	uint32_t tag; /* upper half of the hash */
	uint32_t row;
};

struct index {
	uint64_t seed;
	size_t mask;
	struct slot *slots;
};

struct table {
	struct source source;
	struct buf origin;     /* a "from" up to the line's number */
	struct value *columns; /* their names */
	struct rows rows;
	struct scan scan;     /* of rows.json */
	struct index texts;   /* keys by their text */
	struct index numbers; /* keys that are numbers, by their value */
	size_t duplicates;
};

static bool
read_file(const char *path, struct buf *b)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
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

typedef bool reader(struct rows *r, const char *text, size_t len);

static reader *
reader_by_content(const char *text, size_t len)
{
	const char *newline = memchr(text, '\n', len);
	size_t header = newline != NULL ? (size_t)(newline - text) : len;
	size_t i = 0;

	while (i < len && strchr(" \t\r\n", text[i]) != NULL)
		i++;
	if (i < len && text[i] == '{')
		return rows_read_ndjson;
	if (i < len && text[i] == '[')
		return rows_read_json;
	return memchr(text, '\t', header) != NULL &&
		memchr(text, ',', header) == NULL
	    ? rows_read_tsv
	    : rows_read_csv;
}

static reader *
choose_reader(const char *path, const char *text, size_t len)
{
	const char *dot = strrchr(path, '.');
	reader *guess = reader_by_content(text, len);

	if (dot == NULL)
		return guess;
	if (strcasecmp(dot, ".csv") == 0)
		return rows_read_csv;
	if (strcasecmp(dot, ".tsv") == 0)
		return rows_read_tsv;
	if (strcasecmp(dot, ".ndjson") == 0 || strcasecmp(dot, ".jsonl") == 0)
		return rows_read_ndjson;
	if (strcasecmp(dot, ".json") == 0 && guess != rows_read_ndjson)
		return rows_read_json;
	return guess;
}

static bool
read_rows(struct table *t, const char *path, struct buf *file)
{
	struct rows *r = &t->rows;
	const char *foreign;
	size_t skip;

	if (!read_file(path, file))
		return rows_fail(r, 0, 0, "%s", strerror(errno));
	foreign = rows_foreign(file->p, file->len);
	if (foreign != NULL)
		return rows_fail(r, 0, 0, "%s", foreign);
	skip = file->len >= 3 && memcmp(file->p, "\xEF\xBB\xBF", 3) == 0;
	skip *= 3;
	return rows_choose(r) &&
	    choose_reader(path, file->p + skip, file->len - skip)(
		r, file->p + skip, file->len - skip);
}

/* Scan the rows' objects, which then are the values that are found. */
static bool
scan_rows(struct table *t)
{
	struct rows *r = &t->rows;
	struct line line;

	if (r->n > ROWS_MAX)
		return rows_fail(r, 0, 0, "too many rows");
	if (!buf_room(&r->json, SCAN_PADDING) ||
	    scan_window(&t->scan, r->json.p, r->json.len) < 0)
		return rows_fail(r, 0, 0, "%s", strerror(errno));
	for (size_t i = 0; i < r->n; i++) {
		if (scan_line(&t->scan, &line) != SCAN_OK)
			return rows_fail(r, r->row[i].line, 0, "%s",
			    "the row can't be read back");
		r->row[i].root = line.root;
	}
	return true;
}

static bool
index_init(struct rows *r, struct index *x)
{
	size_t size = 16;

	while (size < 2 * r->n)
		size *= 2;
	x->seed = hash_seed();
	x->mask = size - 1;
	x->slots = calloc(size, sizeof(*x->slots));
	return x->slots != NULL || rows_fail(r, 0, 0, "out of memory");
}

/* Is key what the index knows that row by? */
static bool
row_has_key(const struct table *t, const struct index *x, uint32_t row,
    const char *key, size_t len)
{
	const struct rows_row *r = &t->rows.row[row - 1];
	const char *text = t->rows.keys.p + r->key;

	if (x == &t->numbers)
		return decimal_is(text, r->key_len) &&
		    decimal_compare(text, r->key_len, key, len) == 0;
	return r->key_len == len && memcmp(text, key, len) == 0;
}

/* The slot of that key, or the free one where it would go. */
static struct slot *
index_slot(const struct table *t, const struct index *x, const char *key,
    size_t len, uint32_t *tag)
{
	uint64_t hash = x == &t->numbers ? decimal_hash(x->seed, key, len)
					 : hash_seeded(x->seed, key, len);
	size_t i = hash & x->mask;

	*tag = (uint32_t)(hash >> 32);
	for (; x->slots[i].row != 0; i = (i + 1) & x->mask)
		if (x->slots[i].tag == *tag &&
		    row_has_key(t, x, x->slots[i].row, key, len))
			break;
	return &x->slots[i];
}

/* Put a row in an index; true where it takes another's place. */
static bool
index_put(const struct table *t, struct index *x, const char *key, size_t len,
    uint32_t row)
{
	uint32_t tag;
	struct slot *slot = index_slot(t, x, key, len, &tag);
	bool taken = slot->row != 0;

	*slot = (struct slot){.tag = tag, .row = row};
	return taken;
}

static bool
index_rows(struct table *t)
{
	struct rows *r = &t->rows;

	if (!index_init(r, &t->texts) || !index_init(r, &t->numbers))
		return false;
	if (r->keys.p == NULL && !buf_room(&r->keys, 1))
		return rows_fail(r, 0, 0, "out of memory");
	for (uint32_t i = 0; i < r->n; i++) {
		const struct rows_row *row = &r->row[i];
		const char *key = r->keys.p + row->key;

		if (row->key_len == ROWS_NO_KEY)
			continue;
		t->duplicates +=
		    index_put(t, &t->texts, key, row->key_len, i + 1);
		if (decimal_is(key, row->key_len))
			index_put(t, &t->numbers, key, row->key_len, i + 1);
	}
	return true;
}

/* What is asked of it once it is there: its columns, and its origin. */
static bool
describe(struct table *t, const struct source_options *o)
{
	struct rows *r = &t->rows;
	struct source *s = &t->source;
	struct value name = string_repair(&r->arena, o->name, strlen(o->name));

	t->columns = arena_array(&r->arena, r->columns_n, sizeof(*t->columns));
	for (size_t i = 0; i < r->columns_n; i++)
		t->columns[i] = r->columns[i].name;
	buf_puts(&t->origin, "\"table\":");
	value_write_string(&t->origin, name.text, name.n);
	buf_puts(&t->origin, ",\"line\":");
	if (buf_failed(&t->origin))
		return rows_fail(r, 0, 0, "out of memory");
	s->origin_max =
	    t->origin.len + LINE_DIGITS + sizeof(hash_member) + SOURCE_HASH + 1;
	if (t->duplicates > 0)
		snprintf(s->note, sizeof(s->note),
		    "%s is repeated: %zu of %zu rows give way to later ones",
		    o->key, t->duplicates, r->n);
	return true;
}

static bool
load(struct table *t, const struct source_options *o, struct buf *file)
{
	struct rows *r = &t->rows;
	jmp_buf overflow;
	bool ok;

	r->arena.overflow = &overflow;
	if (setjmp(overflow) == 0)
		ok = read_rows(t, o->name, file) && scan_rows(t) &&
		    index_rows(t) && describe(t, o);
	else
		ok = rows_fail(r, 0, 0, "out of memory");
	r->arena.overflow = NULL;
	return ok;
}

static void
table_close(struct source *s)
{
	struct table *t = (struct table *)s;

	scan_release(&t->scan);
	free(t->texts.slots);
	free(t->numbers.slots);
	free(t->rows.row);
	buf_release(&t->rows.json);
	buf_release(&t->rows.keys);
	buf_release(&t->rows.scratch);
	buf_release(&t->origin);
	arena_release(&t->rows.arena);
	free(t);
}

static struct source *
table_open(const struct source_options *o, struct source_error *error)
{
	struct table *t = calloc(1, sizeof(*t));
	struct buf file = {0};
	bool ok;

	*error = (struct source_error){.text = "out of memory"};
	if (t == NULL)
		return NULL;
	t->source.kind = &table_source;
	arena_init(&t->rows.arena, SIZE_MAX / 2);
	t->rows.options = o;
	t->rows.error = error;
	ok = scan_init(&t->rows.source, SCAN_DEPTH) == 0 &&
	    scan_init(&t->scan, SCAN_DEPTH) == 0 && load(t, o, &file);
	scan_release(&t->rows.source);
	buf_release(&file);
	if (!ok) {
		table_close(&t->source);
		return NULL;
	}
	t->rows.options = NULL;
	t->rows.error = NULL;
	return &t->source;
}

static const struct value *
table_columns(const struct source *s, size_t *n)
{
	const struct table *t = (const struct table *)s;

	*n = t->rows.columns_n;
	return t->columns;
}

static size_t
table_origin(const struct source *s, const struct source_row *row, char *out)
{
	const struct table *t = (const struct table *)s;
	size_t n = t->origin.len;

	memcpy(out, t->origin.p, n);
	n += number_format_int((int64_t)row->line, out + n);
	memcpy(out + n, hash_member, sizeof(hash_member) - 1);
	n += sizeof(hash_member) - 1;
	memcpy(out + n, row->hash, SOURCE_HASH);
	n += SOURCE_HASH;
	out[n++] = '"';
	return n;
}

static uint32_t
find_text(const struct table *t, const char *key, size_t len)
{
	uint32_t tag;

	return index_slot(t, &t->texts, key, len, &tag)->row;
}

static uint32_t
find_number(const struct table *t, const char *number, size_t len)
{
	uint32_t tag;

	if (!decimal_is(number, len)) /* NaN */
		return 0;
	return index_slot(t, &t->numbers, number, len, &tag)->row;
}

static uint32_t
find_row(const struct table *t, struct arena *a, struct value key)
{
	char text[32];

	switch ((enum value_kind)key.kind) {
	case VALUE_TRUE:
		return find_text(t, "true", 4);
	case VALUE_FALSE:
		return find_text(t, "false", 5);
	case VALUE_INT:
		return find_number(t, text, number_format_int(key.i, text));
	case VALUE_DOUBLE:
		return find_number(t, text, number_format(key.d, text));
	case VALUE_NUMBER:
		return find_number(t, key.text, key.n);
	case VALUE_STRING:
	case VALUE_ESCAPED:
		key = string_decoded(a, key);
		return find_text(t, key.text, key.n);
	default:
		return 0;
	}
}

static enum source_status
table_find(const struct source *s, struct arena *a, struct value key,
    struct source_row *row)
{
	const struct table *t = (const struct table *)s;
	uint32_t i = find_row(t, a, key);
	const struct rows_row *r;

	if (i == 0)
		return SOURCE_MISS;
	r = &t->rows.row[i - 1];
	row->value = value_source(&t->scan.doc, r->root);
	row->line = r->line;
	row->hash = r->hash;
	return SOURCE_FOUND;
}

const struct source_kind table_source = {
    .open = table_open,
    .find = table_find,
    .columns = table_columns,
    .origin = table_origin,
    .close = table_close,
};
