/*
 * CSV as RFC 4180 has it, with a header row.  Beyond the RFC: lines may end
 * in LF or CR alone, blank lines are passed over, and a quote within a cell
 * that doesn't start with one is text.  TSV is the same without quotes.
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
	struct arena *arena; /* of the cells */
	const char *at, *end;
	char separator;
	bool quotes, cr;
	uint64_t line;
	struct cell *cells; /* of the record in hand */
	size_t n, cap;
	const char *from, *to; /* its text, without the line's end */
};

static void
start(struct csv *c, struct rows *r, struct arena *a, size_t at)
{
	*c = (struct csv){.rows = r,
	    .arena = a,
	    .at = r->text + at,
	    .end = r->text + r->len,
	    .separator = r->separator,
	    .quotes = r->format == &rows_csv,
	    .cr = r->cr,
	    .line = 1};
}

static bool
fail_here(struct csv *c, const char *at, const char *reason)
{
	return rows_fail_at(c->rows, (size_t)(at - c->rows->text), reason);
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
		if (*p == '\n' || (c->cr && *p == '\r'))
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
	    (*p == '\r' && (c->cr || p + 1 == c->end || p[1] == '\n')))
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
	if (!c->cr && p + 1 < c->end && *p == '\r' && p[1] != '\n')
		return fail_here(c, p,
		    "a CR stands in a cell without quotes, and other lines "
		    "end in LF");
	return true;
}

static struct cell *
new_cell(struct csv *c)
{
	size_t cap = c->cap < 16 ? 16 : 2 * c->cap;
	struct cell *cells;

	if (c->n == c->cap) {
		cells = arena_array(c->arena, cap, sizeof(*cells));
		if (c->n > 0)
			memcpy(cells, c->cells, c->n * sizeof(*cells));
		c->cells = cells;
		c->cap = cap;
	}
	return &c->cells[c->n++];
}

/* Pass over a line's end; false where a separator or nothing stands there. */
static bool
line_ends(struct csv *c)
{
	bool ends = c->at < c->end && *c->at == '\r' && c->cr;

	if (c->at < c->end && *c->at == '\r')
		c->at++;
	if (c->at < c->end && *c->at == '\n') {
		c->at++;
		ends = true;
	}
	c->line += ends;
	return ends || c->at == c->end;
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

/* The cell's text, in the arena where it isn't the table's own. */
static struct value
cell_text(struct arena *a, const struct cell *cell)
{
	size_t n = 0;
	char *plain;

	if (!cell->doubled)
		return value_text(cell->text, cell->len);
	plain = arena_alloc(a, cell->len);
	for (size_t i = 0; i < cell->len; i++) {
		plain[n++] = cell->text[i];
		i += cell->text[i] == '"';
	}
	return value_text(plain, n);
}

static bool
is_word(const struct cell *cell, const char *word)
{
	return cell->len == strlen(word) &&
	    memcmp(cell->text, word, cell->len) == 0;
}

/* A number that a table means as one: 12e4567 is an identifier. */
static bool
is_plain_number(const struct cell *cell)
{
	return memchr(cell->text, 'e', cell->len) == NULL &&
	    memchr(cell->text, 'E', cell->len) == NULL &&
	    decimal_is(cell->text, cell->len);
}

static struct value
scalar(enum value_kind kind, const struct cell *cell)
{
	struct value v = value_text(cell->text, cell->len);

	v.kind = (uint8_t)kind;
	return v;
}

/*
 * What a cell is, of its type; false where it can't be.  The value has its
 * text in any case.
 */
static bool
cell_value(struct arena *a, const struct cell *cell, enum cell_type type,
    struct value *v)
{
	bool plain = !cell->quoted;

	*v = VALUE_OF(VALUE_NULL);
	if (type != CELL_STRING && plain && cell->len == 0)
		return true;
	*v = scalar(VALUE_TRUE, cell);
	if (type != CELL_NUMBER && type != CELL_STRING &&
	    (plain || type == CELL_BOOLEAN) && is_word(cell, "true"))
		return true;
	v->kind = VALUE_FALSE;
	if (type != CELL_NUMBER && type != CELL_STRING &&
	    (plain || type == CELL_BOOLEAN) && is_word(cell, "false"))
		return true;
	v->kind = VALUE_NUMBER;
	if ((type == CELL_NUMBER && decimal_is(cell->text, cell->len)) ||
	    (type == CELL_AUTO && plain && is_plain_number(cell)))
		return true;
	*v = cell_text(a, cell);
	return type == CELL_STRING || type == CELL_AUTO;
}

static void
write_cell(struct csv *c, struct buf *out, const struct rows_column *column)
{
	struct rows *r = c->rows;
	struct value v;

	(void)cell_value(&r->work, &c->cells[column->source], column->type, &v);
	if (v.kind == VALUE_NULL)
		buf_put(out, "null", 4);
	else if (v.kind == VALUE_STRING)
		value_write_string(out, v.text, v.n);
	else
		buf_put(out, v.text, v.n);
}

/* The row in hand as an object. */
static void
write_object(struct csv *c, struct buf *out)
{
	struct rows *r = c->rows;

	buf_putc(out, '{');
	for (size_t i = 0; i < r->columns_n; i++) {
		buf_put(out, r->names[i].text, r->names[i].n);
		write_cell(c, out, &r->columns[i]);
	}
	buf_putc(out, '}');
}

static struct value
csv_write(struct rows *r, uint32_t row, struct buf *out)
{
	struct csv c;
	struct cell few[16];
	uint64_t line;

	arena_reset(&r->work);
	start(&c, r, &r->work, r->at[row]);
	c.cells = few;
	c.cap = sizeof(few) / sizeof(*few);
	if (next_record(&c, &line))
		write_object(&c, out);
	return value_text(c.from, (size_t)(c.to - c.from));
}

static void
take_cells(struct csv *c, struct arena *a, struct value *cells)
{
	const struct rows *r = c->rows;

	for (size_t i = 0; i < r->places; i++) {
		cells[i] = VALUE_OF(VALUE_NULL);
		if (r->place[i].source != SIZE_MAX)
			(void)cell_value(a, &c->cells[r->place[i].source],
			    r->place[i].type, &cells[i]);
	}
}

static void
csv_cells(struct rows *r, struct arena *a, uint32_t row, struct value *cells)
{
	struct csv c;
	struct cell few[16];
	uint64_t line;

	arena_reset(&r->work);
	start(&c, r, &r->work, r->at[row]);
	c.cells = few;
	c.cap = sizeof(few) / sizeof(*few);
	if (next_record(&c, &line))
		take_cells(&c, a, cells);
}

/* All columns of the header but the one that says of a row that it goes. */
static void
take_columns(struct rows *r)
{
	size_t gone = r->deletes ? r->place[r->places - 1].source : SIZE_MAX;

	r->columns = r->header;
	r->columns_n = r->header_n;
	if (gone == SIZE_MAX)
		return;
	r->columns = arena_array(&r->arena, r->header_n, sizeof(*r->columns));
	r->columns_n = 0;
	for (size_t i = 0; i < r->header_n; i++)
		if (i != gone)
			r->columns[r->columns_n++] = r->header[i];
}

/* The column of that name in the header. */
static bool
find_column(
    struct rows *r, const struct rows_names *names, struct rows_column *column)
{
	size_t i = rows_names_find(names, r->header, column->name);

	if (i == SIZE_MAX)
		return rows_fail_column(r, column->name);
	column->source = i;
	if (column->type == CELL_AUTO)
		column->type = r->header[i].type;
	return true;
}

/* Find the cells that rows are found by, and what --columns chose. */
static bool
settle_columns(struct csv *c, const struct rows_names *names)
{
	struct rows *r = c->rows;

	for (size_t i = 0; i < r->typed_n; i++) {
		struct rows_column column = {.name = r->typed[i].name};

		if (!find_column(r, names, &column))
			return false;
		r->header[column.source].type = r->typed[i].type;
	}
	for (size_t i = 0; i < r->places; i++) {
		struct rows_column *place = &r->place[i];

		place->source = SIZE_MAX;
		if (r->deletes && i + 1 == r->places &&
		    rows_names_find(names, r->header, place->name) == SIZE_MAX)
			continue;
		if (!find_column(r, names, place))
			return false;
	}
	if (!r->chosen) {
		take_columns(r);
		return true;
	}
	for (size_t i = 0; i < r->columns_n; i++)
		if (!find_column(r, names, &r->columns[i]))
			return false;
	return true;
}

static bool
read_header(struct csv *c)
{
	struct rows *r = c->rows;
	struct rows_names names;
	enum cell_type type = r->options->strings ? CELL_STRING : CELL_AUTO;
	struct value name;
	uint64_t line;

	if (!next_record(c, &line))
		return false;
	if (c->to == c->from)
		return rows_fail(r, 1, 1, "there is no header row");
	r->header = arena_array(&r->arena, c->n, sizeof(*r->header));
	rows_names_init(r, &names, c->n);
	for (size_t i = 0; i < c->n; i++) {
		name = cell_text(&r->arena, &c->cells[i]);
		name.text = arena_copy(&r->arena, name.text, name.n);
		r->header[i] = (struct rows_column){
		    .name = name, .source = i, .type = type};
		r->header_n = i + 1;
		if (!rows_names_add(&names, r->header, i))
			return fail_here(c, c->cells[i].text,
			    "two columns have the same name");
	}
	return settle_columns(c, &names);
}

/* Spell what stands before each cell of a row once. */
static bool
spell_names(struct rows *r)
{
	struct buf *b = &r->scratch;

	r->names = arena_array(&r->arena, r->columns_n, sizeof(*r->names));
	for (size_t i = 0; i < r->columns_n; i++) {
		struct value name = r->columns[i].name;

		buf_clear(b);
		if (i > 0)
			buf_putc(b, ',');
		value_write_string(b, name.text, name.n);
		buf_putc(b, ':');
		if (buf_failed(b))
			return rows_fail(r, 0, 0, "out of memory");
		r->names[i] =
		    value_text(arena_copy(&r->arena, b->p, b->len), b->len);
	}
	return true;
}

/* Is each cell of what --types says it is? */
static bool
check_types(struct csv *c, uint64_t line)
{
	struct rows *r = c->rows;
	struct value v;

	for (size_t i = 0; r->typed_n > 0 && i < c->n; i++) {
		const struct cell *cell = &c->cells[i];

		if (!cell_value(&r->work, cell, r->header[i].type, &v))
			return rows_fail(r, r->lines_before + line,
			    (size_t)(cell->text - c->from) + 1,
			    "'%.*s' is no %s, as --types says of %.*s",
			    cell->len < 60 ? (int)cell->len : 60, cell->text,
			    r->header[i].type == CELL_NUMBER ? "number"
							     : "boolean",
			    (int)r->header[i].name.n, r->header[i].name.text);
	}
	return true;
}

static bool
read_row(struct csv *c, uint64_t line)
{
	struct rows *r = c->rows;
	struct value cells[ROWS_CELLS];

	if (c->n != r->header_n)
		return rows_fail(r, r->lines_before + line, 1,
		    "%zu cell%s where the header has %zu", c->n,
		    c->n == 1 ? "" : "s", r->header_n);
	arena_reset(&r->work);
	if (!check_types(c, line) ||
	    !rows_add(r, (size_t)(c->from - r->text), line))
		return false;
	take_cells(c, &r->work, cells);
	return r->take(r->take_arg, r, cells);
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
		if (!read_row(c, line))
			return false;
	}
	return true;
}

/* Does the first line that ends outside of quotes end in CR alone? */
static bool
ends_in_cr(const char *p, const char *end, bool quotes)
{
	bool inside = false;

	for (; p < end; p++) {
		if (*p == '"')
			inside = quotes && !inside;
		if (!inside && (*p == '\n' || *p == '\r'))
			return *p == '\r' && p + 1 < end && p[1] != '\n';
	}
	return false;
}

static bool
csv_read(struct rows *r)
{
	size_t valid = utf8_check(r->text, r->len);
	bool quotes = r->format == &rows_csv;
	struct csv c;

	if (valid < r->len)
		return rows_fail_at(r, valid, "invalid UTF-8");
	r->separator = quotes ? ',' : '\t';
	if (r->options->separator != '\0')
		r->separator = r->options->separator;
	r->cr = ends_in_cr(r->text, r->text + r->len, quotes);
	start(&c, r, &r->arena, 0);
	if (!read_header(&c))
		return false;
	r->header_end = (size_t)(c.at - r->text);
	return spell_names(r) && read_rows(&c);
}

static struct value
csv_text(struct rows *r, uint32_t row)
{
	struct csv c;
	uint64_t line;

	arena_reset(&r->work);
	start(&c, r, &r->work, r->at[row]);
	(void)next_record(&c, &line);
	return value_text(c.from, (size_t)(c.to - c.from));
}

const struct rows_format rows_csv = {csv_read, csv_cells, csv_write, csv_text};
const struct rows_format rows_tsv = {csv_read, csv_cells, csv_write, csv_text};
