/*
 * clock - what time it is, as records tell it.
 *
 * MS_NOW=2026-11-22T14:39:44.123456Z in the environment freezes the time
 * (and makes event ids a plain count), for tests and examples.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum { CLOCK_STAMP = 27 }; /* bytes of a stamp, without a NUL */

struct clock {
	bool frozen;
	int64_t micros;  /* since 1970, while frozen */
	int64_t second;  /* that stamp holds */
	int64_t hundred; /* its time, rounded down to 100 microseconds */
	char stamp[CLOCK_STAMP + 1];
};

/* False where MS_NOW is set but is no time. */
bool clock_init(struct clock *c);

/*
 * Read RFC 3339 in UTC ("Z"), with or without a fraction, of which six digits
 * count; false where text is no such time.
 */
bool clock_parse(const char *text, int64_t *micros);

/* Now, in microseconds since 1970-01-01 UTC. */
int64_t clock_micros(struct clock *c);

/* Now, as RFC 3339 in UTC with microseconds; valid until the next call. */
const char *clock_stamp(struct clock *c);

/* The same of a time in microseconds since 1970. */
const char *clock_stamp_at(struct clock *c, int64_t micros);

#endif
