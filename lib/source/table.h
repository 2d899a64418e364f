/*
 * table - rows found by a key: CSV, TSV, NDJSON or one JSON array.
 *
 * Read once, then read-only, and so safe to share among threads.  Rows are
 * kept as JSON text, spelled as the table spells them, in one doc.
 *
 * The file's name tells its format (.csv .tsv .ndjson .jsonl .json), or
 * else what it starts with does.  CSV is RFC 4180's with a header row;
 * TSV is IANA's, which knows no quotes.  A cell without quotes is null
 * where it is empty, a number or true or false where JSON spells one so,
 * and else a string, as is every cell with quotes.
 *
 * Rows are found by the text of their key: a string's own, a number as the
 * table spells it, "true" or "false"; null, arrays and objects are no keys.
 * A string finds the row with that same text.  A number finds the row whose
 * text is a number of the same worth, so 5 finds 5, 5.0 and "5e0", exactly
 * up to 100 digits.  Of rows with the same key the last counts.
 */
#ifndef SOURCE_TABLE_H
#define SOURCE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "value/value.h"

struct table;

struct table_options {
	const char *key;     /* the column that rows are found by */
	const char *columns; /* a comma-separated choice, or NULL for all */
	bool strings;        /* CSV and TSV cells stay strings */
};

struct table_error {
	size_t line, column; /* in bytes, from 1; 0 where there is none */
	bool choice;         /* the file is fine: it has no such column */
	char text[256];
};

enum { ROW_HASH = 32 }; /* hexadecimal digits; no NUL behind them */

struct row {
	struct value value; /* an object; it lives as long as the table */
	uint64_t line;      /* in the table's file, from 1 */
	const char *hash;   /* half of the SHA-256 of its text in the file */
};

/* NULL and error where the file can't be read or isn't well-formed. */
struct table *table_open(
    const char *path, const struct table_options *o, struct table_error *error);
void table_close(struct table *t);

/* Rows read, those with a repeated key or without a key included. */
size_t table_rows(const struct table *t);

/* Rows that a later row with the same key has taken the place of. */
size_t table_duplicates(const struct table *t);

/*
 * The columns of a row, as strings that live as long as the table: the
 * chosen ones, or those of the header, or the first object's members.
 */
size_t table_columns(const struct table *t);
struct value table_column(const struct table *t, size_t i);

/*
 * The row whose key is this one; false where there is none.  Scratch memory
 * comes from the arena.
 */
bool table_find(
    const struct table *t, struct arena *a, struct value key, struct row *row);

#endif
