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
rows_fail_at(struct rows *r, size_t at, const char *reason)
{
	size_t line = 1, start = 0;
	char end = r->cr ? '\r' : '\n';

	for (size_t i = 0; i < at; i++) {
		if (r->text[i] == end) {
			line++;
			start = i + 1;
		}
	}
	return rows_fail(
	    r, r->lines_before + line, at - start + 1, "%s", reason);
}

bool
rows_fail_row(struct rows *r, uint32_t i, const char *format, ...)
{
	char text[SOURCE_NOTE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return rows_fail(r, rows_line(r, i), 1, "%s", text);
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

/* Read --columns. */
static bool
choose_columns(struct rows *r)
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

/* The type behind the last colon of a piece of --types. */
static bool
read_type(struct rows *r, const char *p, size_t len, struct rows_column *c)
{
	static const char *const names[] = {
	    "auto", "string", "number", "boolean"};
	const char *colon = memrchr(p, ':', len);

	for (size_t i = 0; colon != NULL && i < 4; i++) {
		size_t n = len - (size_t)(colon + 1 - p);

		if (strlen(names[i]) != n ||
		    memcmp(names[i], colon + 1, n) != 0)
			continue;
		len = (size_t)(colon - p);
		*c = (struct rows_column){
		    .name = value_text(arena_copy(&r->arena, p, len), len),
		    .type = (enum cell_type)i};
		return true;
	}
	r->error->usage = true;
	return rows_fail(r, 0, 0,
	    "'%.*s' is no type of a column: COLUMN:string, :number, :boolean "
	    "or :auto",
	    (int)len, p);
}

static bool
choose_types(struct rows *r)
{
	const char *p = r->options->types;
	size_t n = 1, len;

	if (p == NULL)
		return true;
	for (const char *q = p; *q != '\0'; q++)
		n += *q == ',';
	r->typed = arena_array(&r->arena, n, sizeof(*r->typed));
	for (;; p += len + 1) {
		len = strcspn(p, ",");
		if (!read_type(r, p, len, &r->typed[r->typed_n++]))
			return false;
		if (p[len] == '\0')
			return true;
	}
}

static void
add_place(struct rows *r, const char *name, size_t len, enum cell_type type)
{
	r->place[r->places++] =
	    (struct rows_column){.name = value_text(name, len), .type = type};
}

bool
rows_choose(struct rows *r)
{
	const struct source_options *o = r->options;
	const char *valid = o->valid;

	for (size_t i = 0; i < o->keys_n; i++) {
		const struct source_key *k = &o->keys[i];
		bool text = i + 1 == o->keys_n &&
		    (o->match == SOURCE_CIDR || o->match == SOURCE_PREFIX);

		add_place(r, k->column.text, k->column.len,
		    text ? CELL_STRING : CELL_AUTO);
		if (k->to.text != NULL)
			add_place(r, k->to.text, k->to.len, CELL_AUTO);
	}
	if (valid != NULL) {
		size_t from = strcspn(valid, ",");

		add_place(r, valid, from, CELL_AUTO);
		if (valid[from] == ',')
			add_place(r, valid + from + 1, strlen(valid + from + 1),
			    CELL_AUTO);
	}
	if (o->follow) {
		add_place(r, ROWS_DELETED, strlen(ROWS_DELETED), CELL_AUTO);
		r->deletes = true;
	}
	return choose_columns(r) && choose_types(r);
}

static bool
make_room(struct rows *r)
{
	size_t cap = r->cap < 64 ? 64 : r->cap * 2;
	uint32_t *p;

	if (r->n < r->cap)
		return true;
	p = reallocarray(r->at, cap, sizeof(*p));
	if (p == NULL)
		return false;
	r->at = p;
	if (r->line != NULL) {
		p = reallocarray(r->line, cap, sizeof(*p));
		if (p == NULL)
			return false;
		r->line = p;
	}
	if (r->length != NULL) {
		p = reallocarray(r->length, cap, sizeof(*p));
		if (p == NULL)
			return false;
		r->length = p;
	}
	r->cap = cap;
	return true;
}

/* A row isn't in the line behind the one before: note all lines. */
static bool
note_lines(struct rows *r)
{
	r->line = reallocarray(NULL, r->cap, sizeof(*r->line));
	for (size_t i = 0; r->line != NULL && i < r->n; i++)
		r->line[i] = (uint32_t)(r->first_line + i);
	return r->line != NULL;
}

bool
rows_add(struct rows *r, size_t at, uint64_t line)
{
	if (!make_room(r))
		return rows_fail(r, 0, 0, "out of memory");
	if (r->given != NULL)
		line = r->given[r->n];
	if (r->n == 0)
		r->first_line = line;
	if (r->line == NULL && line != r->first_line + r->n && !note_lines(r))
		return rows_fail(r, 0, 0, "out of memory");
	if (r->line != NULL)
		r->line[r->n] = (uint32_t)line;
	r->at[r->n++] = (uint32_t)at;
	return true;
}

uint64_t
rows_line(const struct rows *r, uint32_t i)
{
	return r->lines_before +
	    (r->line != NULL ? r->line[i] : r->first_line + i);
}

/* The scan's doc as one that lasts as long as the arena. */
static struct doc *
keep_doc(struct rows *r, const char *text)
{
	const struct scan *s = &r->scan;
	struct doc *d = arena_alloc(&r->arena, sizeof(*d));
	size_t n = s->n + 1, size = n * sizeof(*d->at);

	*d = s->doc;
	d->text = text;
	d->hidden = 0;
	d->at = memcpy(arena_alloc(&r->arena, size), s->at, size);
	d->match = memcpy(arena_alloc(&r->arena, size), s->match, size);
	return d;
}

struct rows_made *
rows_make(struct rows *r, uint32_t i)
{
	struct rows_made *m = arena_alloc(&r->arena, sizeof(*m));
	struct value text;
	struct line line;
	char *own;

	buf_clear(&r->json);
	text = r->format->write(r, i, &r->json);
	if (buf_failed(&r->json))
		return NULL;
	own = arena_alloc(&r->arena, r->json.len + SCAN_PADDING);
	memcpy(own, r->json.p, r->json.len);
	memset(own + r->json.len, '\n', SCAN_PADDING);
	if (scan_text(&r->scan, own, r->json.len, &line) != SCAN_OK)
		return NULL;
	m->value = value_source(keep_doc(r, own), line.root);
	m->line = rows_line(r, i);
	mac_sha256_hex(m->hash, SOURCE_HASH, text.text, text.n);
	r->format->cells(r, &r->arena, i, m->cells);
	return m;
}
