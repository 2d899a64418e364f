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

/*
 * A table of text that somebody else read, which it takes over; before are
 * the lines of the file that came before it.  NULL and error as open() has
 * them.
 */
struct source *table_of_text(const struct source_options *o, struct buf *text,
    uint64_t before, struct source_error *error);

/* Read a whole file; false and errno where that fails. */
bool table_read_file(const char *path, struct buf *b);

#endif
