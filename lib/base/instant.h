/*
 * instant - points in time as data spells them.
 *
 * Microseconds since 1970-01-01 UTC, years 1 to 9999.
 */
#ifndef BASE_INSTANT_H
#define BASE_INSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Read RFC 3339 with "T" or a space, any fraction (of which six digits
 * count) and "Z" or an offset.  A leap second is the second behind it.
 */
bool instant_parse(const char *text, size_t len, int64_t *micros);

enum { INSTANT_TEXT = 28 }; /* with a NUL */

/*
 * RFC 3339 in UTC with "Z", and a fraction of six digits where there is one;
 * its length.  A time that no year has is told as the nearest that has a text.
 */
size_t instant_format(int64_t micros, char out[INSTANT_TEXT]);

/* Put n digits of v, leading zeros included; gives where they end. */
char *instant_digits(char *p, size_t n, unsigned v);

/* Is it in the years that have a text? */
bool instant_in_range(int64_t micros);

#endif
