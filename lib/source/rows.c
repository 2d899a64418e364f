#include "source/rows.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mac.h"

enum { COLUMNS_SHOWN = 64 }; /* they fill a message */

bool
rows_fail(struct rows *r, size_t line, size_t column, const char *format, ...)
{
	struct source_error *e = r->error;
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
	struct source_error *e = r->error;
	size_t at;

	e->usage = true;
	rows_fail(r, 0, 0, "no column \"%.*s\"; the columns are", (int)name.n,
	    name.text);
	for (size_t i = 0; i < r->header_n && i < COLUMNS_SHOWN; i++) {
		name = r->header[i].name;
		at = strlen(e->text);
		snprintf(e->text + at, sizeof(e->text) - at, "%s %.*s",
		    i > 0 ? "," : "", (int)name.n, name.text);
	}
	return false;
}

void
rows_names_init(struct rows *r, struct rows_names *names, size_t n)
{
	size_t size = 16;

	while (size / 2 < n)
		size *= 2;
	names->mask = size - 1;
	names->slot = arena_array(&r->arena, size, sizeof(*names->slot));
	memset(names->slot, 0, size * sizeof(*names->slot));
}

/* The slot of a name, or the free one where it would go. */
static uint32_t *
find_slot(const struct rows_names *names, const struct rows_column *columns,
    struct value name)
{
	size_t i = hash_bytes(name.text, name.n) & names->mask;

	for (; names->slot[i] != 0; i = (i + 1) & names->mask) {
		struct value v = columns[names->slot[i] - 1].name;

		if (v.n == name.n && memcmp(v.text, name.text, v.n) == 0)
			break;
	}
	return &names->slot[i];
}

size_t
rows_names_find(const struct rows_names *names,
    const struct rows_column *columns, struct value name)
{
	uint32_t slot = *find_slot(names, columns, name);

	return slot == 0 ? SIZE_MAX : slot - 1;
}

bool
rows_names_add(
    struct rows_names *names, const struct rows_column *columns, size_t i)
{
	uint32_t *slot = find_slot(names, columns, columns[i].name);

	if (*slot != 0)
		return false;
	*slot = (uint32_t)(i + 1);
	return true;
}

bool
rows_choose(struct rows *r)
{
	const char *p = r->options->columns;
	struct rows_names names;
	size_t n = 1, len;

	if (p == NULL)
		return true;
	for (const char *q = p; *q != '\0'; q++)
		n += *q == ',';
	r->columns = arena_array(&r->arena, n, sizeof(*r->columns));
	rows_names_init(r, &names, n);
	for (;; p += len + 1) {
		len = strcspn(p, ",");
		r->columns[r->columns_n++] = (struct rows_column){
		    .name = value_text(arena_copy(&r->arena, p, len), len)};
		if (!rows_names_add(&names, r->columns, r->columns_n - 1)) {
			r->error->usage = true;
			return rows_fail(r, 0, 0,
			    "column \"%.*s\" is chosen twice", (int)len, p);
		}
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
	struct rows_row *row;

	if (buf_failed(&r->json) || buf_failed(&r->keys) ||
	    buf_failed(&r->scratch) || !make_room(r))
		return rows_fail(r, 0, 0, "out of memory");
	row = &r->row[r->n++];
	*row = (struct rows_row){
	    .key = key,
	    .key_len = keyed ? (uint32_t)(r->keys.len - key) : ROWS_NO_KEY,
	    .line = line,
	};
	mac_sha256_hex(row->hash, SOURCE_HASH, text, len);
	return true;
}
