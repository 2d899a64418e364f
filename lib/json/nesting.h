/*
 * nesting - how deep the brackets of a well-formed JSON text go.
 */
#ifndef JSON_NESTING_H
#define JSON_NESTING_H

#include <stdbool.h>
#include <stddef.h>

/* The way for a text that might: call nesting_exceeds() instead. */
bool nesting_look(const char *text, size_t len, size_t levels);

/*
 * Is something in the text nested deeper than so many levels?  Each level
 * takes two bytes, so what is short isn't looked at.
 */
static inline bool
nesting_exceeds(const char *text, size_t len, size_t levels)
{
	return len / 2 > levels && nesting_look(text, len, levels);
}

#endif
