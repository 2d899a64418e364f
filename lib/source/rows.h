/*
 * rows - a table's text, and where its rows are in it.
 *
 * A format goes over the text once, checks all of it, and says of each row
 * where it starts and which cells it is found by.  A row becomes JSON only
 * when somebody finds it: so a table takes little more than its text does.
 *
 * Names and what else is small comes from the arena, which jumps where
 * memory ends.
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

enum { ROWS_CELLS = SOURCE_KEYS + 4 }; /* of keys, a period, "_deleted" */

enum cell_type { CELL_AUTO, CELL_STRING, CELL_NUMBER, CELL_BOOLEAN };

struct rows_column {
	struct value name;   /* VALUE_STRING */
	size_t source;       /* number of the cell in a CSV row */
	enum cell_type type; /* of a CSV cell */
	bool seen;           /* in any object of a JSON table */
};

/* The numbers of columns by name: open addressing, 0 is a free slot. */
struct rows_names {
	uint32_t *slot; /* a number, from 1 */
	size_t mask;
};

struct rows;

/* A row that was made: its value, and what the record says of it. */
struct rows_made {
	struct value value;
	uint64_t line;
	struct value cells[ROWS_CELLS];
	char hash[SOURCE_HASH];
};

struct rows_format {
	/* Go over the text; rows_add() takes each row. */
	bool (*read)(struct rows *r);

	/*
	 * The cells of a row by which it is found; their texts are the
	 * table's own, or a's, which isn't the arena for work.
	 */
	void (*cells)(
	    struct rows *r, struct arena *a, uint32_t row, struct value *cells);

	/* Append the row's object to json; gives the row's text. */
	struct value (*write)(struct rows *r, uint32_t row, struct buf *json);

	/* The row's text alone. */
	struct value (*row_text)(struct rows *r, uint32_t row);
};

struct rows {
	const struct source_options *options;
	struct source_error *error; /* while it is read */
	const struct rows_format *format;
	const char *text; /* SCAN_PADDING bytes follow */
	size_t len;
	struct arena arena;
	struct arena work; /* for one row */
	struct scan scan;
	struct buf scratch, json; /* a format's own, and a row's */
	uint64_t lines_before;    /* of the file, where this is its end */
	const uint32_t *given;    /* lines of the rows, where they aren't */
	size_t header_end;        /* of a text's first line, which is no row */

	uint32_t *at;     /* where each row starts */
	uint32_t *length; /* of each, or NULL where the format knows it */
	uint32_t *line;   /* of each, or NULL: it is the one before's next */
	uint64_t first_line;
	size_t n, cap;

	struct rows_column *header; /* columns of the file */
	size_t header_n;
	struct rows_column *columns; /* of the rows: all, or what was chosen */
	size_t columns_n;
	bool chosen;                          /* --columns was given */
	struct rows_column place[ROWS_CELLS]; /* of the cells */
	size_t places;
	bool deletes; /* the last one is "_deleted", and may be missing */
	struct rows_column *typed; /* --types */
	size_t typed_n;
	char separator;
	bool cr;             /* lines end in CR alone */
	struct value *names; /* what stands before each cell: ,"name": */

	/* Called with the cells of row number n - 1. */
	bool (*take)(void *arg, struct rows *r, const struct value *cells);
	void *take_arg;
};

/* Fill in the error; gives false. */
bool rows_fail(struct rows *r, size_t line, size_t column, const char *format,
    ...) __attribute__((format(printf, 4, 5)));

/* The same for the byte at text[at], whose line and column it counts. */
bool rows_fail_at(struct rows *r, size_t at, const char *reason);

/* The same for row number i. */
bool rows_fail_row(struct rows *r, uint32_t i, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

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

/* Read what the options say of columns: places, choice and types. */
bool rows_choose(struct rows *r);

/* Add a row that starts at a byte of the text, in that line. */
bool rows_add(struct rows *r, size_t at, uint64_t line);

/* The member or column by which a row takes its key's rows back. */
#define ROWS_DELETED "_deleted"

/* The line of row number i. */
uint64_t rows_line(const struct rows *r, uint32_t i);

/* Make row number i in the arena; NULL where the row can't be read back. */
struct rows_made *rows_make(struct rows *r, uint32_t i);

/*
 * What a file is that can't be a table (compressed, UTF-16, ...), with the
 * command that helps; NULL where it may be one.
 */
const char *rows_foreign(const char *text, size_t len);

extern const struct rows_format rows_csv, rows_tsv, rows_ndjson, rows_array;

#endif
