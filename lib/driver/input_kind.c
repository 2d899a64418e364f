#include <ctype.h>
#include <string.h>

#include "driver/input_kind.h"

static const struct {
	const char *what;
	const char *remedy; /* a command that takes a file */
	bool whole;
} KINDS[INPUT_KINDS] = {
    [INPUT_GZIP] = {"compressed by gzip", "zcat", true},
    [INPUT_ZSTD] = {"compressed by zstd", "zstdcat", true},
    [INPUT_XZ] = {"compressed by xz", "xzcat", true},
    [INPUT_BZIP2] = {"compressed by bzip2", "bzcat", true},
    [INPUT_ZIP] = {"a zip archive", "unzip -p", true},
    [INPUT_UTF16] = {"UTF-16, not UTF-8", "iconv -f UTF-16", true},
    [INPUT_UTF16LE] = {"UTF-16, not UTF-8", "iconv -f UTF-16LE", true},
    [INPUT_UTF16BE] = {"UTF-16, not UTF-8", "iconv -f UTF-16BE", true},
    [INPUT_UTF32] = {"UTF-32, not UTF-8", "iconv -f UTF-32", true},
    [INPUT_PRETTY] = {"JSON over several lines, but an event stands on one",
	"jq -c .", true},
    [INPUT_ARRAY_LINES] = {"an array over several lines, but each event "
			   "stands on one of its own",
	"jq -c '.[]'", true},
    [INPUT_ARRAY] = {"an array, but an event is an object on a line of its own",
	"jq -c '.[]'", false},
    [INPUT_SEVERAL] = {"several values on one line", "jq -c .", false},
    [INPUT_COMMA] = {"a comma behind the object", "sed 's/,$//'", false},
    [INPUT_NULS] = {"nothing but NUL bytes, as a crash leaves them",
	"tr -d '\\000'", false},
    [INPUT_BOM] = {"a byte order mark in the middle, as of a file that was "
		   "appended",
	"sed 's/^\\xEF\\xBB\\xBF//'", false},
    [INPUT_SEQ] = {"a record separator before the object", "tr -d '\\036'",
	false},
};

static bool
starts(const char *text, size_t len, const char *with, size_t n)
{
	return len >= n && memcmp(text, with, n) == 0;
}

/* By the bytes that compressed files and other encodings start with. */
static enum input_kind
by_magic(const char *text, size_t len)
{
	static const struct {
		const char *magic;
		size_t n;
		enum input_kind kind;
	} MAGIC[] = {
	    {"\x1F\x8B", 2, INPUT_GZIP},
	    {"\x28\xB5\x2F\xFD", 4, INPUT_ZSTD},
	    {"\xFD"
	     "7zXZ",
		5, INPUT_XZ},
	    {"BZh", 3, INPUT_BZIP2},
	    {"PK\x03\x04", 4, INPUT_ZIP},
	    {"\xFF\xFE\0\0", 4, INPUT_UTF32},
	    {"\0\0\xFE\xFF", 4, INPUT_UTF32},
	    {"\xFF\xFE", 2, INPUT_UTF16},
	    {"\xFE\xFF", 2, INPUT_UTF16},
	    {"{\0\"\0", 4, INPUT_UTF16LE},
	    {"\0{\0\"", 4, INPUT_UTF16BE},
	};

	for (size_t i = 0; i < sizeof(MAGIC) / sizeof(*MAGIC); i++)
		if (starts(text, len, MAGIC[i].magic, MAGIC[i].n))
			return MAGIC[i].kind;
	return INPUT_EVENTS;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Is it a piece of JSON that was laid out over lines? */
static enum input_kind
by_layout(const char *text, size_t len, bool first, size_t column)
{
	char last = text[len - 1];
	bool ends = column > len;

	if (*text == '[' && (len == 1 || (first && ends)))
		return first ? INPUT_ARRAY_LINES : INPUT_PRETTY;
	if (*text == '{' &&
	    (len == 1 || (first && ends && strchr(",{[", last) != NULL)))
		return INPUT_PRETTY;
	if (*text == '}' || *text == ']')
		return INPUT_PRETTY;
	if (*text == '"' && column > 1 && column <= len &&
	    text[column - 1] == ':')
		return INPUT_PRETTY;
	return INPUT_EVENTS;
}

/* What stands behind a whole object. */
static enum input_kind
by_rest(const char *text, size_t len, size_t column)
{
	size_t i = column - 1;

	if (*text != '{' || column < 2 || column > len)
		return INPUT_EVENTS;
	while (i > 0 && is_space(text[i - 1]))
		i--;
	if (i == 0 || text[i - 1] != '}')
		return INPUT_EVENTS;
	if (text[column - 1] == '{' || text[column - 1] == '[')
		return INPUT_SEVERAL;
	return text[column - 1] == ',' && column == len ? INPUT_COMMA
							: INPUT_EVENTS;
}

enum input_kind
input_kind_of(const char *text, size_t len, bool first, size_t column)
{
	enum input_kind k = first ? by_magic(text, len) : INPUT_EVENTS;

	if (k != INPUT_EVENTS || len == 0)
		return k;
	if (*text == '\0' && memcmp(text, text + 1, len - 1) == 0)
		return INPUT_NULS;
	if (starts(text, len, "\xEF\xBB\xBF", 3))
		return INPUT_BOM;
	if (*text == '\x1E')
		return INPUT_SEQ;
	while (len > 0 && is_space(text[len - 1]))
		len--;
	for (; len > 0 && is_space(*text); text++, len--)
		column -= column > 1;
	if (len == 0)
		return INPUT_EVENTS;
	if (*text == '[' && column == 0)
		return INPUT_ARRAY;
	k = by_layout(text, len, first, column);
	if (k == INPUT_EVENTS)
		k = by_rest(text, len, column);
	return k;
}

bool
kinds_note(struct kinds *kinds, enum input_kind k)
{
	uint32_t bit = (uint32_t)1 << k;

	if (kinds->whole || (k != INPUT_EVENTS && (kinds->told & bit) != 0))
		return false;
	kinds->told |= bit;
	kinds->whole = KINDS[k].whole;
	return true;
}

/* A name that a shell takes as it is. */
static bool
is_plain(const char *path)
{
	for (const char *p = path; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr("._/-+", *p) == NULL)
			return false;
	return *path != '-' && *path != '\0';
}

bool
input_kind_is_whole(enum input_kind k)
{
	return KINDS[k].whole;
}

void
input_kind_tell(
    struct buf *out, enum input_kind k, const char *path, const char *command)
{
	const char *file = path != NULL && is_plain(path) ? path : "FILE";

	buf_printf(out, "%s: ", KINDS[k].what);
	if (path == NULL)
		buf_printf(out, "... | %s | %s ...", KINDS[k].remedy, command);
	else
		buf_printf(out, "%s %s%s | %s ...", KINDS[k].remedy,
		    strncmp(KINDS[k].remedy, "tr ", 3) == 0 ? "<" : "", file,
		    command);
}
