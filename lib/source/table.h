/*
 * table - a source that is a file: CSV, TSV, NDJSON or one JSON array.
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
 * text is a number of the same value, so 5 finds 5, 5.0 and "5e0".  Of rows
 * with the same key the last counts.
 */
#ifndef SOURCE_TABLE_H
#define SOURCE_TABLE_H

#include "source/source.h"

extern const struct source_kind table_source;

#endif
