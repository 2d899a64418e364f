/*
 * table - a source that is a file: CSV, TSV, NDJSON or one JSON array.
 *
 * Read and checked once, then read-only, and so safe to share among threads;
 * a row becomes JSON when it is found for the first time, and is kept then.
 *
 * The file's name tells its format (.csv .tsv .ndjson .jsonl .json), or
 * else what it starts with does.  CSV is RFC 4180's with a header row;
 * TSV is IANA's, which knows no quotes.  A cell without quotes is null
 * where it is empty, true or false where it says so, a number where JSON
 * spells one so and it has no exponent, and else a string, as is every cell
 * with quotes.
 */
#ifndef SOURCE_TABLE_H
#define SOURCE_TABLE_H

#include "source/source.h"

extern const struct source_kind table_source;

/* The text of a table, and what else is known of it. */
struct table_text {
	struct buf text;
	uint32_t *lines; /* of each row, or NULL */
	uint64_t before; /* lines of the file that came before the text */
};

/*
 * A table of text that somebody else read, which it takes over.  NULL and
 * error as open() has them.
 */
struct source *table_of_text(const struct source_options *o,
    struct table_text *text, struct source_error *error);

/* Can rows be appended to it, line by line?  Not to one array. */
bool table_grows(const struct source *s);

/* Are its cells in quotes where they hold newlines, as in CSV? */
bool table_quotes(const struct source *s);

/* Its text; what of it is the header; how many rows and lines it has. */
struct value table_text_of(const struct source *s);
struct value table_header(const struct source *s);
size_t table_rows(const struct source *s);

/*
 * The text of both tables' rows, older ones first; where keys are exact and
 * the last row counts, without those that don't count.  False where memory is
 * missing.
 */
bool table_join(struct source *older, struct source *newer, bool drop,
    struct table_text *out);

#endif
