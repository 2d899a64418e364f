/*
 * utf8_tables - what two bytes in a row may not be.
 *
 * The method of John Keiser and Daniel Lemire, "Validating UTF-8 in less
 * than one instruction per byte" (2021): the high half of a byte, its low
 * half, and the high half of the next byte each say which mistakes they
 * allow, a bit for a mistake.  What all three allow has been made; but two
 * continuation bytes in a row are right where a longer sequence began.
 */
#ifndef JSON_UTF8_TABLES_H
#define JSON_UTF8_TABLES_H

#include <stdint.h>

enum {
	TOO_SHORT = 1 << 0, /* a first byte, then no continuation */
	TOO_LONG = 1 << 1,  /* ASCII, then a continuation */
	LONG_3 = 1 << 2,    /* three bytes where two would do */
	TOO_LARGE = 1 << 3, /* above U+10FFFF */
	SURROGATE = 1 << 4,
	LONG_2 = 1 << 5,   /* two bytes where one would do */
	LONG_4 = 1 << 6,   /* four where three would do, or F5 and above */
	TWO_MORE = 1 << 7, /* two continuations */
	ANY_LOW = TOO_SHORT | TOO_LONG | TWO_MORE,
	LARGE_LOW = ANY_LOW | TOO_LARGE | LONG_4,
	MORE_HIGH = TOO_LONG | LONG_2 | TWO_MORE,
};

/* Of the first byte's high half. */
static const uint8_t utf8_first_high[16] = {TOO_LONG, TOO_LONG, TOO_LONG,
    TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TWO_MORE, TWO_MORE,
    TWO_MORE, TWO_MORE, TOO_SHORT | LONG_2, TOO_SHORT,
    TOO_SHORT | LONG_3 | SURROGATE, TOO_SHORT | TOO_LARGE | LONG_4};

/* Of its low half. */
static const uint8_t utf8_first_low[16] = {ANY_LOW | LONG_2 | LONG_3 | LONG_4,
    ANY_LOW | LONG_2, ANY_LOW, ANY_LOW, ANY_LOW | TOO_LARGE, LARGE_LOW,
    LARGE_LOW, LARGE_LOW, LARGE_LOW, LARGE_LOW, LARGE_LOW, LARGE_LOW, LARGE_LOW,
    LARGE_LOW | SURROGATE, LARGE_LOW, LARGE_LOW};

/* Of the second byte's high half. */
static const uint8_t utf8_second_high[16] = {TOO_SHORT, TOO_SHORT, TOO_SHORT,
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
    MORE_HIGH | LONG_3 | LONG_4, MORE_HIGH | LONG_3 | TOO_LARGE,
    MORE_HIGH | SURROGATE | TOO_LARGE, MORE_HIGH | SURROGATE | TOO_LARGE,
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT};

#endif
