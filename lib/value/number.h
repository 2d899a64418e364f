/*
 * number - what numbers say, and their shortest spelling.
 *
 * Whole numbers are exact to 64 bits (VALUE_INT); all else is a double, as
 * soon as it is computed with.  Comparing (value/value.h) is exact always.
 */
#ifndef VALUE_NUMBER_H
#define VALUE_NUMBER_H

#include "value/value.h"

/* As a double, from any number. */
double value_to_double(struct value v);

/* VALUE_INT or VALUE_DOUBLE with what a VALUE_NUMBER says. */
struct value value_number(struct value v);

enum { NUMBER_TEXT = 40 }; /* bytes that number_format() may write */

/*
 * Shortest text that reads back as d, in jq's way of writing it: NaN is
 * null, and infinities are the largest doubles.  Its length.
 */
size_t number_format(double d, char *out);

/* Decimal text of i; out holds 20 bytes.  Its length. */
size_t number_format_int(int64_t i, char *out);

/* Append it to a buffer. */
void number_put_int(struct buf *b, int64_t i);

/* Read a JSON number (RFC 8259); false where text is not one. */
bool number_parse(const char *text, size_t len, struct value *v);

#endif
