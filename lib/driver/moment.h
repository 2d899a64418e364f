/*
 * moment - when an event was, as --time and --time-unit say it.
 */
#ifndef DRIVER_MOMENT_H
#define DRIVER_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "driver/event.h"

/* What s, ms, us or ns is of a second; false where name is none of them. */
bool moment_unit(const char *name, int64_t *unit);

/*
 * The same of a value: RFC 3339, or a number of units.  False where it is no
 * time.  A string is decoded in the arena.
 */
bool moment_read(
    struct arena *a, struct value v, int64_t unit, int64_t *micros);

/*
 * Microseconds since 1970, by what the program of --time gives: RFC 3339, or
 * a number of units.  False after event_fail().
 */
bool moment_of(
    struct event *ev, struct machine *m, int64_t unit, int64_t *micros);

#endif
