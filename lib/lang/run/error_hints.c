#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "lang/run/error_hints.h"

static bool
in_word(char c)
{
	return c == '_' || isalnum((unsigned char)c);
}

static bool
in_key(char c)
{
	return c == '-' || in_word(c);
}

/* .content-type is .content - type, and type is a function. */
static void
put_dashes(struct buf *b, const char *text, size_t at)
{
	size_t from = at, to = at + 1;

	if (text[at] != '-' || !isalpha((unsigned char)text[to]))
		return;
	while (from > 0 && in_key(text[from - 1]))
		from--;
	while (in_key(text[to]))
		to++;
	if (from == at || from == 0 || text[from - 1] != '.' ||
	    isdigit((unsigned char)text[from]))
		return;
	buf_puts(b, "; a key with '-' stands in quotes: is '.\"");
	buf_put(b, text + from, to - from);
	buf_puts(b, "\"' meant?");
}

/* not .a looks into what not gives. */
static void
put_not(struct buf *b, const char *text, size_t at)
{
	static const char NOT[] = "not";
	size_t n = sizeof(NOT) - 1, end = at, to = at;

	while (end > 0 && isspace((unsigned char)text[end - 1]))
		end--;
	if (end < n || memcmp(text + end - n, NOT, n) != 0 ||
	    (end > n && in_word(text[end - n - 1])))
		return;
	while (in_word(text[to]) || text[to] == '.')
		to++;
	if (to == at || text[at] != '.')
		return;
	buf_puts(b, "; 'not' stands behind a '|': is '");
	buf_put(b, text + at, to - at);
	buf_puts(b, " | not' meant?");
}

/* .a.length looks for a member, and length is a function. */
static void
put_function(struct buf *b, const char *text, size_t at)
{
	static const char *const NAMES[] = {"add", "all", "any",
	    "ascii_downcase", "ascii_upcase", "ceil", "first", "flatten",
	    "floor", "fromjson", "keys", "last", "length", "max", "min", "not",
	    "reverse", "round", "sort", "to_entries", "tojson", "tonumber",
	    "tostring", "trim", "type", "unique", "values"};
	size_t n = 0;

	if (text[at] != '.')
		return;
	while (in_word(text[at + 1 + n]))
		n++;
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		if (strlen(NAMES[i]) != n ||
		    memcmp(text + at + 1, NAMES[i], n) != 0)
			continue;
		buf_puts(b, "; a function stands behind a '|': is ' | ");
		buf_puts(b, NAMES[i]);
		buf_puts(b, "' meant?");
		return;
	}
}

void
error_hints_put(struct buf *b, const struct node *raised, const char *text)
{
	if (raised == NULL || raised->at == NODE_NOWHERE)
		return;
	if (raised->op == OP_SUB)
		put_dashes(b, text, raised->at);
	else if (raised->op == OP_INDEX) {
		put_not(b, text, raised->at);
		put_function(b, text, raised->at);
	}
}
