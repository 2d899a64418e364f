/*
 * exact - what JSON Schema asks of numbers, by their digits and exponent:
 * are they whole, and multiples of others?
 *
 * Nothing is ever expanded: 1e999999999 costs what its eleven bytes cost.
 */
#ifndef SCHEMA_EXACT_H
#define SCHEMA_EXACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A number's worth: its digits that count, times a power of ten. */
struct exact {
	bool negative;
	const char *first; /* digit that isn't 0; a dot may follow */
	const char *end;   /* one past the last digit that isn't 0 */
	size_t n;          /* digits between them; 0 for zero */
	int64_t exponent;  /* of the last one */
};

enum { EXACT_DIVISOR = 100 }; /* digits that a divisor may have */

/* From a JSON number (RFC 8259), which is borrowed. */
struct exact exact_read(const char *text, size_t len);

/* Is there no fraction?  1.0 and 1e2 have none. */
static inline bool
exact_is_whole(const struct exact *x)
{
	return x->n == 0 || x->exponent >= 0;
}

/* Is x a multiple of m, which is above 0 and has EXACT_DIVISOR digits? */
bool exact_is_multiple(const struct exact *x, const struct exact *m);

/* The whole number that x is, where it is in 0 to most; false elsewhere. */
bool exact_to_size(const struct exact *x, size_t most, size_t *size);

#endif
