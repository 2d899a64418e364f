/*
 * patch - RFC 6902 applied to values.
 */
#ifndef HISTORY_PATCH_H
#define HISTORY_PATCH_H

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

/* What an operation changes. */
struct patch_place {
	struct value path;       /* decoded */
	const struct value *in;  /* container; NULL for the whole event */
	const struct value *was; /* what was there, NULL: nothing */
	const struct value *new; /* what comes there, NULL: nothing */
};

/* Follows a patch: gives what is to come to a place instead of new. */
struct patch_watch {
	struct value (*change)(void *arg, const struct patch_place *place);
	void *arg;
};

/* patch_apply(), watched. */
bool patch_follow(struct arena *a, struct value patch, struct value *v,
    const struct patch_watch *watch, struct patch_error *error);

#endif
