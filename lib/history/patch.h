/*
 * patch - RFC 6902 applied to values.
 */
#ifndef HISTORY_PATCH_H
#define HISTORY_PATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "history/draft.h"
#include "value/value.h"

enum { PATCH_OPERATIONS = 1000000 }; /* that one draft takes */

struct patch_error {
	size_t at; /* operation, from 0 */
	char text[160];
};

/* What an operation changes.  The values are borrowed for the call. */
struct patch_change {
	struct value path;       /* decoded */
	const struct value *in;  /* container, as it was before any change; */
				 /* NULL for the whole event */
	const struct value *was; /* what was there, NULL: nothing */
	const struct value *new; /* what comes there, NULL: nothing */
	bool moved;              /* new stood elsewhere, and may still do */
};

/*
 * Follows a patch: gives what is to come to a place instead of new (any
 * value where new is NULL).  A move is a removal, then an addition.
 */
struct patch_watch {
	struct value (*change)(void *arg, const struct patch_change *change);
	void *arg;
};

/*
 * Apply a patch (an array of operations, RFC 6902 in full, and "before" as
 * ms-lineage(5) has it) to a draft; watch, which may be NULL, follows it.
 * On failure error says why, and the draft is of no more use.
 */
bool patch_draft(struct draft *d, struct value patch,
    const struct patch_watch *watch, struct patch_error *error);

/* Apply one operation of a patch. */
bool patch_operation(struct draft *d, struct value operation,
    const struct patch_watch *watch, struct patch_error *error);

/* Apply a patch to *v, which on failure is as it was. */
bool patch_apply(struct arena *a, struct value patch, struct value *v,
    const struct patch_watch *watch, struct patch_error *error);

#endif
