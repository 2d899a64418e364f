/*
 * duration - lengths of time as people write them: 250ms, 10s, 5m, 1h, 7d.
 */
#ifndef STATE_DURATION_H
#define STATE_DURATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Read a whole number and a unit (us ms s m h d w) as microseconds; "0"
 * needs no unit.  False where text is no such length, or one of more than
 * 100,000 days.
 */
bool duration_parse(const char *text, size_t len, int64_t *micros);

#endif
