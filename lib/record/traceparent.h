/*
 * traceparent - the trace that an event is part of already, as W3C Trace
 * Context (level 1, section 3.2) writes it.
 */
#ifndef RECORD_TRACEPARENT_H
#define RECORD_TRACEPARENT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Is it version-trace-parent-flags in lowercase hexadecimal, the ids not all
 * zeros?  Versions to come may have more behind another dash.
 */
bool traceparent_valid(const char *text, size_t n);

#endif
