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
#include "source/table.h"

#define NO_KEY UINT32_MAX

struct rows_row {
	size_t key;       /* offset in keys */
	uint32_t key_len; /* NO_KEY where it can't be found */
	uint32_t root;    /* entry in the doc of all rows */
	uint64_t line;
	char hash[ROW_HASH];
};

struct column {
	struct value name; /* VALUE_STRING */
	size_t source;     /* number of the cell in a CSV row */
	bool seen;         /* in any object of a JSON table */
};

struct rows {
	struct arena arena;
	const struct table_options *options;
	struct table_error *error;
	struct buf json;
	struct buf keys;
	struct buf scratch; /* a reader's own */
	struct scan source; /* of the file, where it is JSON */
	struct rows_row *row;
	size_t n, cap;
	struct column *header; /* columns of the file */
	size_t header_n;
	struct column *columns; /* of the rows: all, or what was chosen */
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

/* Number of the column with that name, or n. */
size_t rows_find_column(
    const struct column *columns, size_t n, struct value name);

/* Read the choice of columns, if there is one. */
bool rows_choose(struct rows *r);

/*
 * End a row: text is how the file has it; its key starts at byte key of
 * keys, and may be no key at all.
 */
bool rows_end(struct rows *r, const char *text, size_t len, uint64_t line,
    size_t key, bool keyed);

/* The readers: a file's content, with SCAN_PADDING bytes behind it. */
bool csv_read(struct rows *r, const char *text, size_t len);
bool tsv_read(struct rows *r, const char *text, size_t len);
bool ndjson_read(struct rows *r, const char *text, size_t len);
bool json_read(struct rows *r, const char *text, size_t len);

#endif
