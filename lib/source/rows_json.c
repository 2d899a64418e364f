/*
 * NDJSON, and one array of objects.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json/scan.h"
#include "source/rows.h"
#include "value/object.h"
#include "value/string.h"

enum { PIECE = 1 << 20 }; /* bytes scanned at a time */

/* Drop the white space between tokens behind byte from, newlines above all. */
static void
compact(struct buf *b, size_t from)
{
	bool inside = false;
	size_t to = from;

	for (size_t i = from; i < b->len; i++) {
		char c = b->p[i];

		if (c == '"')
			inside = !inside;
		if (!inside &&
		    (c == ' ' || c == '\t' || c == '\n' || c == '\r'))
			continue;
		b->p[to++] = c;
		if (c == '\\' && i + 1 < b->len)
			b->p[to++] = b->p[++i];
	}
	b->len = to;
}

/* The members of the first object are the columns. */
static void
note_columns(struct rows *r, const struct doc *d, uint32_t root)
{
	uint32_t end = d->match[root];
	size_t n = 0;

	if (r->n > 1)
		return;
	for (uint32_t e = root + 1; e < end; e = doc_after(d, e + 2) + 1)
		n++;
	r->header = arena_array(&r->arena, n, sizeof(*r->header));
	for (uint32_t e = root + 1; e < end; e = doc_after(d, e + 2) + 1) {
		struct value name =
		    string_decoded(&r->arena, value_source(d, e));

		name.text = arena_copy(&r->arena, name.text, name.n);
		r->header[r->header_n++] = (struct rows_column){.name = name};
	}
	if (!r->chosen) {
		r->columns = r->header;
		r->columns_n = r->header_n;
	}
}

static void
write_chosen(struct rows *r, struct value object, struct buf *out)
{
	const char *before = "{";
	struct value v;

	for (size_t i = 0; i < r->columns_n; i++) {
		struct rows_column *c = &r->columns[i];

		if (!object_get(&r->work, object, c->name, &v))
			continue;
		buf_puts(out, before);
		value_write_string(out, c->name.text, c->name.n);
		buf_putc(out, ':');
		value_write(out, v);
		before = ",";
	}
	buf_puts(out, *before == '{' ? "{}" : "}");
}

/* The cells of an object by which it is found; their texts are its own. */
static void
take_cells(
    struct rows *r, struct arena *a, struct value object, struct value *cells)
{
	for (size_t i = 0; i < r->places; i++) {
		cells[i] = VALUE_OF(VALUE_NULL);
		if (object_get(a, object, r->place[i].name, &cells[i]))
			r->place[i].seen = true;
		if (value_is_string(cells[i]))
			cells[i] = string_decoded(a, cells[i]);
	}
}

/* Note which of the chosen columns are there. */
static void
see_columns(struct rows *r, struct value object)
{
	struct value v;

	for (size_t i = 0; r->chosen && i < r->columns_n; i++)
		if (!r->columns[i].seen)
			r->columns[i].seen = object_get(
			    &r->work, object, r->columns[i].name, &v);
}

static bool
read_row(struct rows *r, struct value object, const char *text, uint64_t line)
{
	struct value cells[ROWS_CELLS];

	arena_reset(&r->work);
	if (!rows_add(r, (size_t)(text - r->text), line))
		return false;
	note_columns(r, object.doc, object.n);
	see_columns(r, object);
	take_cells(r, &r->work, object, cells);
	return r->take(r->take_arg, r, cells);
}

/* The text of a row, as the file has it. */
static struct value
json_text(struct rows *r, uint32_t row)
{
	const char *p = r->text + r->at[row], *end = r->text + r->len;
	const char *newline;

	if (r->length != NULL)
		return value_text(p, r->length[row]);
	newline = memchr(p, '\n', (size_t)(end - p));
	if (newline != NULL)
		end = newline;
	if (end > p && end[-1] == '\r')
		end--;
	return value_text(p, (size_t)(end - p));
}

/* Scan the row again, for the work at hand. */
static bool
scan_row(struct rows *r, struct value text, struct value *object)
{
	struct line line;

	if (scan_text(&r->scan, text.text, text.n, &line) != SCAN_OK)
		return false;
	*object = value_source(&r->scan.doc, line.root);
	return true;
}

static struct value
json_write(struct rows *r, uint32_t row, struct buf *out)
{
	struct value text = json_text(r, row), object;

	arena_reset(&r->work);
	if (!r->chosen)
		buf_put(out, text.text, text.n);
	else if (scan_row(r, text, &object))
		write_chosen(r, object, out);
	if (memchr(out->p, '\n', out->len) != NULL)
		compact(out, 0);
	return text;
}

static void
json_cells(struct rows *r, struct arena *a, uint32_t row, struct value *cells)
{
	struct value object;

	/* Containers are no keys, and end with this scan: they are dropped. */
	if (scan_row(r, json_text(r, row), &object))
		take_cells(r, a, object, cells);
	for (size_t i = 0; i < r->places; i++)
		if (value_is_array(cells[i]) || value_is_object(cells[i]))
			cells[i] = VALUE_OF(VALUE_NULL);
}

static bool
read_lines(struct rows *r, struct scan *s, uint64_t *n)
{
	enum scan_status status;
	struct line line;

	for (; (status = scan_line(s, &line)) != SCAN_END; ++*n) {
		if (status == SCAN_BAD)
			return rows_fail(r, r->lines_before + *n,
			    line.error.column, "%s", line.error.reason);
		if (status == SCAN_BLANK)
			continue;
		if (s->doc.text[s->doc.at[line.root]] != '{')
			return rows_fail(
			    r, r->lines_before + *n, 1, "not an object");
		if (!read_row(
			r, value_source(&s->doc, line.root), line.text, *n))
			return false;
	}
	return true;
}

static bool
read_elements(struct rows *r, const struct doc *d, uint32_t root)
{
	uint32_t end = d->match[root];
	const char *at = d->text;
	uint64_t line = 1;

	r->length = malloc(sizeof(*r->length));
	if (r->length == NULL)
		return rows_fail(r, 0, 0, "out of memory");
	for (uint32_t e = root + 1; e < end; e = doc_after(d, e) + 1) {
		const char *text = d->text + d->at[e];

		while ((at = memchr(at, '\n', (size_t)(text - at))) != NULL) {
			at++;
			line++;
		}
		at = text;
		if (*text != '{')
			return rows_fail_at(r, d->at[e], "not an object");
		if (!read_row(r, value_source(d, e), text, line))
			return false;
		r->length[r->n - 1] = (uint32_t)(doc_end(d, e) - text);
	}
	return true;
}

/* Complain of a chosen column or key that no object has. */
static bool
check_columns(struct rows *r)
{
	for (size_t i = 0; r->n > 0 && i < r->places; i++)
		if (!r->place[i].seen && !(r->deletes && i + 1 == r->places))
			return rows_fail_column(r, r->place[i].name);
	for (size_t i = 0; r->chosen && r->n > 0 && i < r->columns_n; i++)
		if (!r->columns[i].seen)
			return rows_fail_column(r, r->columns[i].name);
	return true;
}

/* --types and --strings say what cells of text are. */
static bool
refuse_types(struct rows *r)
{
	r->error->usage = true;
	return rows_fail(r, 0, 0,
	    "--types and --separator are for CSV and TSV; JSON says itself "
	    "what its values are");
}

static bool
ndjson_read(struct rows *r)
{
	uint64_t line = 1;

	if (r->typed_n > 0 || r->options->separator != '\0')
		return refuse_types(r);
	/* A piece at a time, so that its entries are few. */
	for (size_t at = 0, n; at < r->len; at += n) {
		const char *p = r->text + at, *newline;

		n = r->len - at < PIECE ? r->len - at : PIECE;
		newline = memchr(p + n, '\n', r->len - at - n);
		n = newline == NULL ? r->len - at : (size_t)(newline + 1 - p);
		if (scan_window(&r->scan, p, n) < 0)
			return rows_fail(r, 0, 0, "%s", strerror(errno));
		if (!read_lines(r, &r->scan, &line))
			return false;
	}
	return check_columns(r);
}

static bool
array_read(struct rows *r)
{
	struct scan *s = &r->scan;
	struct line line;

	if (r->typed_n > 0 || r->options->separator != '\0')
		return refuse_types(r);
	switch (scan_text(s, r->text, r->len, &line)) {
	case SCAN_OK:
		break;
	case SCAN_BLANK:
		return rows_fail(r, 1, 1, "there is no array");
	case SCAN_BAD:
		return rows_fail_at(
		    r, line.error.column - 1, line.error.reason);
	case SCAN_END:
		return rows_fail(r, 0, 0, "%s", strerror(errno));
	}
	if (r->text[s->doc.at[line.root]] != '[')
		return rows_fail_at(
		    r, s->doc.at[line.root], "not an array of objects");
	return read_elements(r, &s->doc, line.root) && check_columns(r);
}

const struct rows_format rows_ndjson = {
    ndjson_read, json_cells, json_write, json_text};
const struct rows_format rows_array = {
    array_read, json_cells, json_write, json_text};
