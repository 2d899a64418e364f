#include <string.h>

#include "source/rows.h"

/* What starts like this is no table, but something that can become one. */
static const struct {
	const char *magic;
	size_t len;
	const char *what;
} KINDS[] = {
    {"\x1F\x8B", 2, "is compressed (gzip); gzip -dc makes a table of it"},
    {"\x28\xB5\x2F\xFD", 4,
	"is compressed (zstd); zstd -dc makes a table of it"},
    {"\xFD"
     "7zXZ\0",
	6, "is compressed (xz); xz -dc makes a table of it"},
    {"BZh91AY&SY", 10, "is compressed (bzip2); bzip2 -dc makes a table of it"},
    {"PK\3\4", 4, "is a ZIP archive or a spreadsheet; save it as CSV"},
    {"PAR1\x15", 5, "is a Parquet file; write it as CSV or NDJSON"},
    {"SQLite format 3", 16, "is an SQLite database; write its rows as CSV"},
    {"\xFF\xFE\0\0", 4,
	"is UTF-32; iconv -f UTF-32 -t UTF-8 makes UTF-8 of it"},
    {"\0\0\xFE\xFF", 4,
	"is UTF-32; iconv -f UTF-32 -t UTF-8 makes UTF-8 of it"},
    {"\xFF\xFE", 2, "is UTF-16; iconv -f UTF-16 -t UTF-8 makes UTF-8 of it"},
    {"\xFE\xFF", 2, "is UTF-16; iconv -f UTF-16 -t UTF-8 makes UTF-8 of it"},
};

const char *
rows_foreign(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof(KINDS) / sizeof(*KINDS); i++)
		if (len >= KINDS[i].len &&
		    memcmp(text, KINDS[i].magic, KINDS[i].len) == 0)
			return KINDS[i].what;
	/* Without a byte order mark; NUL is in no text. */
	if (len >= 2 && text[0] != '\0' && text[1] == '\0')
		return "is UTF-16; iconv -f UTF-16LE -t UTF-8 makes UTF-8 of "
		       "it";
	if (len >= 2 && text[0] == '\0' && text[1] != '\0')
		return "is UTF-16; iconv -f UTF-16BE -t UTF-8 makes UTF-8 of "
		       "it";
	return NULL;
}
