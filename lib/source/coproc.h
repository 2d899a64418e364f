/*
 * coproc - a source that is a command of the user's: it reads a request a
 * line, the key as JSON, and answers each by a line of JSON, in order.
 *
 * Requests are sent ahead of the events that need them: see source_wait.  An
 * answer that is null, or an empty line, is a miss; so is one that doesn't
 * come in time.  One thread asks; what more there are for it are several
 * coprocesses, to each of which the requests go in turn.
 */
#ifndef SOURCE_COPROC_H
#define SOURCE_COPROC_H

#include "source/source.h"

extern const struct source_kind coproc_source;

#endif
