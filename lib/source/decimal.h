/*
 * decimal - numbers told apart by their exact worth.
 */
#ifndef SOURCE_DECIMAL_H
#define SOURCE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

enum { WORTH_MAX = 128 };

/* Is the text a JSON number (RFC 8259)? */
bool decimal_is(const char *text, size_t len);

/*
 * The one spelling that all JSON numbers of the same worth share, such as
 * 12e-1 for 1.20; out has room for WORTH_MAX bytes.  Its length, or 0 where
 * text is no number, or one with more than 100 digits that count.
 */
size_t decimal_worth(const char *text, size_t len, char *out);

#endif
