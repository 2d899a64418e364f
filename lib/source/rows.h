/*
 * rows - what the readers of a table's formats make of its file.
 *
 * A reader appends each row's object and a newline to json and the text of
 * its key to keys, then calls rows_end().  Names and what else is small
 * comes from the arena, which jumps where memory ends.
 */
#ifndef SOURCE_ROWS_H
#define SOURCE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "json/scan.h"
#include "source/source.h"

#define ROWS_NO_KEY UINT32_MAX

struct rows_row {
	size_t key;       /* offset in keys */
	uint32_t key_len; /* ROWS_NO_KEY where it can't be found */
	uint32_t root;    /* entry in the doc of all rows */
	uint64_t line;
	char hash[SOURCE_HASH];
};

struct rows_column {
	struct value name; /* VALUE_STRING */
	size_t source;     /* number of the cell in a CSV row */
	bool seen;         /* in any object of a JSON table */
};

/* The numbers of columns by name: open addressing, 0 is a free slot. */
struct rows_names {
	uint32_t *slot; /* a number, from 1 */
	size_t mask;
};

struct rows {
	struct arena arena;
	const struct source_options *options;
	struct source_error *error;
	struct buf json;
	struct buf keys;
	struct buf scratch; /* a reader's own */
	struct scan source; /* of the file, where it is JSON */
	struct rows_row *row;
	size_t n, cap;
	struct rows_column *header; /* columns of the file */
	size_t header_n;
	struct rows_column *columns; /* of the rows: all, or what was chosen */
	size_t columns_n;
	bool chosen;   /* --columns was given */
	bool key_seen; /* in any object of a JSON table */
};

/* Fill in the error; gives false. */
bool rows_fail(struct rows *r, size_t line, size_t column, const char *format,
    ...) __attribute__((format(printf, 4, 5)));

/* The same for the byte at text[at], whose line and column it counts. */
bool rows_fail_at(
    struct rows *r, const char *text, size_t at, const char *reason);

/* The same where the file has no such column; tells those that it has. */
bool rows_fail_column(struct rows *r, struct value name);

/* Make room for the names of up to n columns. */
void rows_names_init(struct rows *r, struct rows_names *names, size_t n);

/* Number of the column with that name, or SIZE_MAX. */
size_t rows_names_find(const struct rows_names *names,
    const struct rows_column *columns, struct value name);

/* Add column number i; false where its name is there already. */
bool rows_names_add(
    struct rows_names *names, const struct rows_column *columns, size_t i);

/* Read the choice of columns, if there is one. */
bool rows_choose(struct rows *r);

/*
 * End a row: text is how the file has it; its key starts at byte key of
 * keys, and may be no key at all.
 */
bool rows_end(struct rows *r, const char *text, size_t len, uint64_t line,
    size_t key, bool keyed);

/*
 * What a file is that can't be a table (compressed, UTF-16, ...), with the
 * command that helps; NULL where it may be one.
 */
const char *rows_foreign(const char *text, size_t len);

/* The readers: a file's content, with SCAN_PADDING bytes behind it. */
bool rows_read_csv(struct rows *r, const char *text, size_t len);
bool rows_read_tsv(struct rows *r, const char *text, size_t len);
bool rows_read_ndjson(struct rows *r, const char *text, size_t len);
bool rows_read_json(struct rows *r, const char *text, size_t len);

#endif
