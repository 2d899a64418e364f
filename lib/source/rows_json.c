/*
 * NDJSON, and one array of objects: their rows are scanned where they
 * stand, and copied.
 */
#include <errno.h>
#include <string.h>

#include "json/scan.h"
#include "source/rows.h"
#include "value/object.h"
#include "value/string.h"

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

	if (r->n > 0)
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
write_chosen(struct rows *r, struct value object)
{
	const char *before = "{";
	struct value v;

	for (size_t i = 0; i < r->columns_n; i++) {
		struct rows_column *c = &r->columns[i];

		if (!object_get(&r->arena, object, c->name, &v))
			continue;
		c->seen = true;
		buf_puts(&r->json, before);
		value_write_string(&r->json, c->name.text, c->name.n);
		buf_putc(&r->json, ':');
		value_write(&r->json, v);
		before = ",";
	}
	buf_puts(&r->json, *before == '{' ? "{}" : "}");
}

/* Append the text that makes v a key; false where it makes none. */
static bool
write_key(struct rows *r, struct value v)
{
	if (value_is_string(v)) {
		v = string_decoded(&r->arena, v);
		buf_put(&r->keys, v.text, v.n);
		return true;
	}
	if (v.kind == VALUE_NULL || value_is_array(v) || value_is_object(v))
		return false;
	value_write(&r->keys, v);
	return true;
}

static bool
read_row(struct rows *r, struct value object, const char *text, size_t len,
    uint64_t line)
{
	size_t key_at = r->keys.len, json_at = r->json.len;
	struct value key = value_cstring(r->options->key), v;
	bool keyed = object_get(&r->arena, object, key, &v);

	r->key_seen = r->key_seen || keyed;
	keyed = keyed && write_key(r, v);
	if (r->chosen)
		write_chosen(r, object);
	else
		buf_put(&r->json, text, len);
	if (memchr(text, '\n', len) != NULL)
		compact(&r->json, json_at);
	buf_putc(&r->json, '\n');
	note_columns(r, object.doc, object.n);
	return rows_end(r, text, len, line, key_at, keyed);
}

static bool
read_lines(struct rows *r, struct scan *s)
{
	enum scan_status status;
	struct line line;
	uint64_t n = 1;

	for (; (status = scan_line(s, &line)) != SCAN_END; n++) {
		if (status == SCAN_BAD)
			return rows_fail(
			    r, n, line.error.column, "%s", line.error.reason);
		if (status == SCAN_BLANK)
			continue;
		if (s->doc.text[s->doc.at[line.root]] != '{')
			return rows_fail(r, n, 1, "not an object");
		if (!read_row(r, value_source(&s->doc, line.root), line.text,
			line.len, n))
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

	for (uint32_t e = root + 1; e < end; e = doc_after(d, e) + 1) {
		const char *text = d->text + d->at[e];

		while ((at = memchr(at, '\n', (size_t)(text - at))) != NULL) {
			at++;
			line++;
		}
		at = text;
		if (*text != '{')
			return rows_fail_at(
			    r, d->text, d->at[e], "not an object");
		if (!read_row(r, value_source(d, e), text,
			(size_t)(doc_end(d, e) - text), line))
			return false;
	}
	return true;
}

static bool
read_array(struct rows *r, struct scan *s, const char *text, size_t len)
{
	struct line line;

	switch (scan_text(s, text, len, &line)) {
	case SCAN_OK:
		break;
	case SCAN_BLANK:
		return rows_fail(r, 1, 1, "there is no array");
	case SCAN_BAD:
		return rows_fail_at(
		    r, text, line.error.column - 1, line.error.reason);
	case SCAN_END:
		return rows_fail(r, 0, 0, "%s", strerror(errno));
	}
	if (text[s->doc.at[line.root]] != '[')
		return rows_fail_at(
		    r, text, s->doc.at[line.root], "not an array of objects");
	return read_elements(r, &s->doc, line.root);
}

/* Complain of a chosen column or key that no object has. */
static bool
check_columns(struct rows *r)
{
	if (r->n > 0 && !r->key_seen)
		return rows_fail_column(r, value_cstring(r->options->key));
	for (size_t i = 0; r->chosen && r->n > 0 && i < r->columns_n; i++)
		if (!r->columns[i].seen)
			return rows_fail_column(r, r->columns[i].name);
	return true;
}

bool
rows_read_ndjson(struct rows *r, const char *text, size_t len)
{
	if (scan_window(&r->source, text, len) < 0)
		return rows_fail(r, 0, 0, "%s", strerror(errno));
	return read_lines(r, &r->source) && check_columns(r);
}

bool
rows_read_json(struct rows *r, const char *text, size_t len)
{
	return read_array(r, &r->source, text, len) && check_columns(r);
}
