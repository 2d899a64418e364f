#include "source/rows.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
rows_fail(struct rows *r, size_t line, size_t column, const char *format, ...)
{
	struct table_error *e = r->error;
	va_list args;

	e->line = line;
	e->column = column;
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	return false;
}

bool
rows_fail_at(struct rows *r, const char *text, size_t at, const char *reason)
{
	size_t line = 1, start = 0;

	for (size_t i = 0; i < at; i++) {
		if (text[i] == '\n') {
			line++;
			start = i + 1;
		}
	}
	return rows_fail(r, line, at - start + 1, "%s", reason);
}

bool
rows_fail_column(struct rows *r, struct value name)
{
	struct table_error *e = r->error;
	size_t at;

	e->choice = true;
	rows_fail(r, 0, 0, "no column \"%.*s\"; the columns are", (int)name.n,
	    name.text);
	for (size_t i = 0; i < r->header_n; i++) {
		name = r->header[i].name;
		at = strlen(e->text);
		snprintf(e->text + at, sizeof(e->text) - at, "%s %.*s",
		    i > 0 ? "," : "", (int)name.n, name.text);
	}
	return false;
}

size_t
rows_find_column(const struct column *columns, size_t n, struct value name)
{
	size_t i = 0;

	while (i < n &&
	    (columns[i].name.n != name.n ||
		memcmp(columns[i].name.text, name.text, name.n) != 0))
		i++;
	return i;
}

bool
rows_choose(struct rows *r)
{
	const char *p = r->options->columns;
	size_t n = 1, len;
	struct value name;

	if (p == NULL)
		return true;
	for (const char *q = p; *q != '\0'; q++)
		n += *q == ',';
	r->columns = arena_array(&r->arena, n, sizeof(*r->columns));
	for (;; p += len + 1) {
		len = strcspn(p, ",");
		name = value_text(arena_copy(&r->arena, p, len), len);
		if (rows_find_column(r->columns, r->columns_n, name) <
		    r->columns_n) {
			r->error->choice = true;
			return rows_fail(r, 0, 0,
			    "column \"%s\" is chosen twice", name.text);
		}
		r->columns[r->columns_n++] = (struct column){.name = name};
		if (p[len] == '\0')
			break;
	}
	r->chosen = true;
	return true;
}

static bool
make_room(struct rows *r)
{
	size_t cap = r->cap < 64 ? 64 : r->cap * 2;
	struct rows_row *row;

	if (r->n < r->cap)
		return true;
	row = reallocarray(r->row, cap, sizeof(*row));
	if (row == NULL)
		return false;
	r->row = row;
	r->cap = cap;
	return true;
}

bool
rows_end(struct rows *r, const char *text, size_t len, uint64_t line,
    size_t key, bool keyed)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char hash[crypto_hash_sha256_BYTES];
	struct rows_row *row;

	if (buf_failed(&r->json) || buf_failed(&r->keys) ||
	    buf_failed(&r->scratch) || !make_room(r))
		return rows_fail(r, 0, 0, "out of memory");
	crypto_hash_sha256(hash, (const unsigned char *)text, len);
	row = &r->row[r->n++];
	*row = (struct rows_row){
	    .key = key,
	    .key_len = keyed ? (uint32_t)(r->keys.len - key) : NO_KEY,
	    .line = line,
	};
	for (size_t i = 0; i < ROW_HASH; i++)
		row->hash[i] = hex[hash[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
	return true;
}
