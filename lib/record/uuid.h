/*
 * uuid - identities of events: UUID version 7 (RFC 9562).
 *
 * 48 bits of milliseconds, 12 bits of what is finer than that (the RFC's
 * method 3), 62 random bits.  The first 60 rise with every id that comes
 * out of a series, whatever the clock does and however many threads ask.
 * Where MS_NOW freezes the time, the random bits are a plain count.
 */
#ifndef RECORD_UUID_H
#define RECORD_UUID_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

enum { UUID_TEXT = 36 }; /* bytes of an id, without a NUL */

/* What the threads share; starts as zero. */
struct uuid_series {
	_Atomic uint64_t last;
};

/* A thread's own: its clock, and random bytes in stock. */
struct uuid_maker {
	struct clock clock;
	uint64_t random[128];
	size_t left;
};

/* The text of 128 bits, with a NUL. */
void uuid_format(uint64_t high, uint64_t low, char out[UUID_TEXT + 1]);

/* Eight hexadecimal digits, without a NUL. */
void uuid_put_hex(char *p, uint32_t v);

/* False where MS_NOW is set but is no time. */
bool uuid_maker_init(struct uuid_maker *m);

/* The next id, with a NUL; false and errno where no random bytes come. */
bool uuid_next(
    struct uuid_series *s, struct uuid_maker *m, char out[UUID_TEXT + 1]);

#endif
