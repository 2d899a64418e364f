#include <string.h>

#include "lang/compile/message.h"

enum { SHOWN = 29 }; /* bytes of a value in a message, as in jq */

const char *
message_cut(char *text, size_t n)
{
	char open = text[0];
	char close = open == '"' ? '"'
	    : open == '['        ? ']'
	    : open == '{'        ? '}'
				 : '\0';
	size_t end = SHOWN - 3 - (close != '\0');

	if (n <= SHOWN)
		return text;
	while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
		end--;
	memcpy(text + end, "...", 3);
	text[end + 3] = close;
	text[end + 4] = '\0';
	return text;
}
