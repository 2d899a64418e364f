/*
 * decimal - JSON numbers by their exact value, however long they are.
 *
 * Nothing is expanded: 1e999999999 costs as little as 1.  Exponents of more
 * than 17 digits are taken for the same.
 */
#ifndef VALUE_DECIMAL_H
#define VALUE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Is the text a JSON number (RFC 8259)? */
bool decimal_is(const char *text, size_t len);

/* Below, equal or above 0; both texts are JSON numbers. */
int decimal_compare(const char *x, size_t x_len, const char *y, size_t y_len);

/* A hash of a JSON number: equal numbers have the same. */
uint64_t decimal_hash(uint64_t seed, const char *text, size_t len);

/*
 * Append a JSON number in the one way in which equal numbers are spelled:
 * 1.0 and 1e0 are 1; 1e400 is 1e+400.
 */
void decimal_write(struct buf *out, const char *text, size_t len);

#endif
