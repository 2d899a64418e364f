/*
 * result_id - the id of what was made of many events.
 *
 * A UUID of version 8 (RFC 9562): the same stage, rule, key and window give
 * the same id in every run.
 */
#ifndef STATE_RESULT_ID_H
#define STATE_RESULT_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "record/uuid.h"
#include "state/composition.h"

struct result_name {
	const char *stage; /* NULL where it has no name */
	size_t stage_len;
	const char *rule;
	size_t rule_len;
	const char *key; /* its text: see state/key_text.h */
	size_t key_len;
	int64_t from; /* where the window starts, in microseconds */
	/*
	 * Of a window by count its events, else NULL: the next one may start
	 * at the same time.
	 */
	const struct composition *of;
	const struct composition_names *sources;
};

/* With a NUL behind it; scratch is used.  False where memory is missing. */
bool result_id_make(char id[UUID_TEXT + 1], struct buf *scratch,
    const struct result_name *name);

#endif
