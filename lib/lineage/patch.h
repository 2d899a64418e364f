/*
 * patch - RFC 6902 applied to values.
 */
#ifndef LINEAGE_PATCH_H
#define LINEAGE_PATCH_H

#include <stdbool.h>

#include "value/value.h"

struct patch_error {
	size_t at; /* operation, from 0 */
	char text[160];
};

/*
 * Apply a patch (an array of operations, RFC 6902 in full, and "before" as
 * undo.h has it) to *v.  On failure *v is as it was, and error says why.
 */
bool patch_apply(struct arena *a, struct value patch, struct value *v,
    struct patch_error *error);

#endif
