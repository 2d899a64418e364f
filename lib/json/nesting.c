#include <stdint.h>
#include <string.h>

#include "json/nesting.h"

typedef uint8_t bytes16 __attribute__((vector_size(16)));

enum { BLOCKS = 255 }; /* that a byte can count */

/* Opening brackets of n blocks; those in strings count too. */
static size_t
count_blocks(const char *text, size_t n)
{
	bytes16 sum = {0};
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		bytes16 b;

		memcpy(&b, text + i * sizeof(b), sizeof(b));
		/* '[' and '{' differ by one bit; true is all ones */
		sum -= (bytes16)((b | 0x20) == '{');
	}
	for (size_t i = 0; i < sizeof(sum); i++)
		count += sum[i];
	return count;
}

/* No fewer than the opening brackets of the text. */
static size_t
count_brackets(const char *text, size_t len)
{
	size_t blocks = len / sizeof(bytes16);
	size_t count = len % sizeof(bytes16);

	while (blocks > 0) {
		size_t n = blocks < BLOCKS ? blocks : BLOCKS;

		count += count_blocks(text, n);
		text += n * sizeof(bytes16);
		blocks -= n;
	}
	return count;
}

/* One past the closing quote of the string behind p. */
static const char *
behind_string(const char *p, const char *end)
{
	while (p < end && *p != '"')
		p += *p == '\\' ? 2 : 1;
	return p + 1;
}

bool
nesting_look(const char *text, size_t len, size_t levels)
{
	const char *end = text + len;
	size_t depth = 0;

	if (count_brackets(text, len) <= levels)
		return false;
	for (const char *p = text; p < end;) {
		char c = *p++;

		if (c == '"')
			p = behind_string(p, end);
		else if ((c | 0x20) == '{')
			depth++;
		else if ((c | 0x20) == '}')
			depth--;
		if (depth > levels)
			return true;
	}
	return false;
}
