/*
 * levels - how deep the brackets of a well-formed JSON text go.
 */
#ifndef JSON_LEVELS_H
#define JSON_LEVELS_H

#include <stdbool.h>
#include <stddef.h>

/* The way for a text that might: call levels_exceed() instead. */
bool levels_look(const char *text, size_t len, size_t levels);

/*
 * Is something in the text nested deeper than so many levels?  Each level
 * takes two bytes, so what is short isn't looked at.
 */
static inline bool
levels_exceed(const char *text, size_t len, size_t levels)
{
	return len / 2 > levels && levels_look(text, len, levels);
}

#endif
