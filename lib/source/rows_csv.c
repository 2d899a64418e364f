/*
 * CSV as RFC 4180 has it, with a header row.  Beyond the RFC: lines may end
 * in \n alone, blank lines are passed over, and a quote within a cell that
 * doesn't start with one is text.  TSV is the same without quotes.
 */
#include <string.h>

#include "base/utf8.h"
#include "source/rows.h"
#include "value/decimal.h"

struct cell {
	const char *text; /* between the quotes, if there are any */
	size_t len;
	bool quoted;
	bool doubled; /* quotes stand for themselves by two of them */
};

struct csv {
	struct rows *rows;
	const char *text, *at, *end;
	char separator;
	bool quotes;
	uint64_t line;
	struct cell *cells; /* of the record in hand */
	size_t n, cap;
	const char *from, *to; /* its text, without the line's end */
	size_t key;            /* cell that is the key */
	struct value *names;   /* what stands before each cell: ,"name": */
};

static bool
fail_here(struct csv *c, const char *at, const char *reason)
{
	return rows_fail_at(c->rows, c->text, (size_t)(at - c->text), reason);
}

/* Read a cell in quotes; the opening one is at c->at. */
static bool
quoted_cell(struct csv *c, struct cell *cell)
{
	const char *open = c->at, *p = open + 1;

	*cell = (struct cell){.text = p, .quoted = true};
	for (;; p++) {
		if (p == c->end)
			return fail_here(c, open, "a quote is not closed");
		if (*p == '\n')
			c->line++;
		if (*p != '"')
			continue;
		if (p + 1 == c->end || p[1] != '"')
			break;
		cell->doubled = true;
		p++;
	}
	cell->len = (size_t)(p - cell->text);
	c->at = ++p;
	if (p == c->end || *p == c->separator || *p == '\n' ||
	    (*p == '\r' && (p + 1 == c->end || p[1] == '\n')))
		return true;
	return fail_here(c, p, "text follows a closing quote");
}

/* Read a cell without quotes, which can't hold a carriage return. */
static bool
plain_cell(struct csv *c, struct cell *cell)
{
	const char *p = c->at;

	while (p < c->end && *p != c->separator && *p != '\n' && *p != '\r')
		p++;
	*cell = (struct cell){.text = c->at, .len = (size_t)(p - c->at)};
	c->at = p;
	if (p + 1 < c->end && *p == '\r' && p[1] != '\n')
		return fail_here(c, p,
		    "a line ends in CR alone, as on old Macs; "
		    "tr '\\r' '\\n' makes lines of them");
	return true;
}

static struct cell *
new_cell(struct csv *c)
{
	size_t cap = c->cap < 16 ? 16 : 2 * c->cap;
	struct cell *cells;

	if (c->n == c->cap) {
		cells = arena_array(&c->rows->arena, cap, sizeof(*cells));
		if (c->n > 0)
			memcpy(cells, c->cells, c->n * sizeof(*cells));
		c->cells = cells;
		c->cap = cap;
	}
	return &c->cells[c->n++];
}

/* Pass over \r\n or \n; false where a separator or nothing stands there. */
static bool
line_ends(struct csv *c)
{
	if (c->at < c->end && *c->at == '\r')
		c->at++;
	if (c->at < c->end && *c->at == '\n') {
		c->at++;
		c->line++;
		return true;
	}
	return c->at == c->end;
}

static bool
read_cell(struct csv *c, struct cell *cell)
{
	if (!c->quotes || c->at == c->end || *c->at != '"')
		return plain_cell(c, cell);
	return quoted_cell(c, cell);
}

/* Read the next record that isn't blank, from its line on. */
static bool
next_record(struct csv *c, uint64_t *line)
{
	do {
		c->n = 0;
		*line = c->line;
		c->from = c->at;
		for (;;) {
			if (!read_cell(c, new_cell(c)))
				return false;
			c->to = c->at;
			if (line_ends(c))
				break;
			c->at++;
		}
	} while (c->to == c->from && c->at < c->end);
	return true;
}

/* The cell's text, which lasts until the next call. */
static struct value
cell_text(struct csv *c, const struct cell *cell)
{
	struct buf *plain = &c->rows->scratch;

	if (!cell->doubled)
		return value_text(cell->text, cell->len);
	buf_clear(plain);
	for (size_t i = 0; i < cell->len; i++) {
		buf_putc(plain, cell->text[i]);
		i += cell->text[i] == '"';
	}
	return value_text(plain->p, plain->len);
}

static bool
is_word(const struct cell *cell)
{
	return (cell->len == 4 && memcmp(cell->text, "true", 4) == 0) ||
	    (cell->len == 5 && memcmp(cell->text, "false", 5) == 0);
}

static void
write_cell(struct csv *c, const struct cell *cell)
{
	struct buf *out = &c->rows->json;
	struct value text;

	if (!cell->quoted && !c->rows->options->strings) {
		if (cell->len == 0) {
			buf_put(out, "null", 4);
			return;
		}
		if (is_word(cell) || decimal_is(cell->text, cell->len)) {
			buf_put(out, cell->text, cell->len);
			return;
		}
	}
	text = cell_text(c, cell);
	value_write_string(out, text.text, text.n);
}

static bool
write_row(struct csv *c, uint64_t line)
{
	struct rows *r = c->rows;
	const struct cell *key = &c->cells[c->key];
	size_t start = r->keys.len;
	struct value text;

	buf_putc(&r->json, '{');
	for (size_t i = 0; i < r->columns_n; i++) {
		buf_put(&r->json, c->names[i].text, c->names[i].n);
		write_cell(c, &c->cells[r->columns[i].source]);
	}
	buf_puts(&r->json, "}\n");
	text = cell_text(c, key);
	buf_put(&r->keys, text.text, text.n);
	return rows_end(r, c->from, (size_t)(c->to - c->from), line, start,
	    key->len > 0 || key->quoted || r->options->strings);
}

/* Find the key's column, and what --columns chose. */
static bool
settle_columns(struct csv *c, const struct rows_names *names)
{
	struct rows *r = c->rows;
	struct value key = value_cstring(r->options->key);

	c->key = rows_names_find(names, r->header, key);
	if (c->key == SIZE_MAX)
		return rows_fail_column(r, key);
	if (!r->chosen) {
		r->columns = r->header;
		r->columns_n = r->header_n;
		return true;
	}
	for (size_t i = 0; i < r->columns_n; i++) {
		struct rows_column *column = &r->columns[i];

		column->source =
		    rows_names_find(names, r->header, column->name);
		if (column->source == SIZE_MAX)
			return rows_fail_column(r, column->name);
	}
	return true;
}

static bool
read_header(struct csv *c)
{
	struct rows *r = c->rows;
	struct rows_names names;
	struct value name;
	uint64_t line;

	if (!next_record(c, &line))
		return false;
	if (c->to == c->from)
		return rows_fail(r, 1, 1, "there is no header row");
	r->header = arena_array(&r->arena, c->n, sizeof(*r->header));
	rows_names_init(r, &names, c->n);
	for (size_t i = 0; i < c->n; i++) {
		name = cell_text(c, &c->cells[i]);
		name.text = arena_copy(&r->arena, name.text, name.n);
		r->header[i] = (struct rows_column){.name = name, .source = i};
		r->header_n = i + 1;
		if (!rows_names_add(&names, r->header, i))
			return fail_here(c, c->cells[i].text,
			    "two columns have the same name");
	}
	return settle_columns(c, &names);
}

/* Spell what stands before each cell of a row once. */
static bool
spell_names(struct csv *c)
{
	struct rows *r = c->rows;
	struct buf *b = &r->scratch;

	c->names = arena_array(&r->arena, r->columns_n, sizeof(*c->names));
	for (size_t i = 0; i < r->columns_n; i++) {
		struct value name = r->columns[i].name;

		buf_clear(b);
		if (i > 0)
			buf_putc(b, ',');
		value_write_string(b, name.text, name.n);
		buf_putc(b, ':');
		if (buf_failed(b))
			return rows_fail(r, 0, 0, "out of memory");
		c->names[i] =
		    value_text(arena_copy(&r->arena, b->p, b->len), b->len);
	}
	return true;
}

static bool
read_rows(struct csv *c)
{
	uint64_t line;

	while (c->at < c->end) {
		if (!next_record(c, &line))
			return false;
		if (c->to == c->from)
			break;
		if (c->n != c->rows->header_n)
			return rows_fail(c->rows, line, 1,
			    "%zu cell%s where the header has %zu", c->n,
			    c->n == 1 ? "" : "s", c->rows->header_n);
		if (!write_row(c, line))
			return false;
	}
	return true;
}

static bool
read_all(struct csv *c)
{
	size_t len = (size_t)(c->end - c->text);
	size_t valid = utf8_check(c->text, len);

	if (valid < len)
		return rows_fail_at(c->rows, c->text, valid, "invalid UTF-8");
	return read_header(c) && spell_names(c) && read_rows(c);
}

bool
rows_read_csv(struct rows *r, const char *text, size_t len)
{
	struct csv c = {.rows = r,
	    .text = text,
	    .at = text,
	    .end = text + len,
	    .separator = ',',
	    .quotes = true,
	    .line = 1};

	return read_all(&c);
}

bool
rows_read_tsv(struct rows *r, const char *text, size_t len)
{
	struct csv c = {.rows = r,
	    .text = text,
	    .at = text,
	    .end = text + len,
	    .separator = '\t',
	    .line = 1};

	return read_all(&c);
}
