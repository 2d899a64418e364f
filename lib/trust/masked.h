/*
 * masked - what an event's history shows to be masked.
 *
 * A record of op "mask", or "forget", names the paths in its rule: those that
 * were forgotten, "; mask ", and those that were masked.
 */
#ifndef TRUST_MASKED_H
#define TRUST_MASKED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "history/view.h"
#include "trust/policy.h"

/* The paths that a record names, one after another. */
struct masked_paths {
	const char *p, *end; /* of the rule that is left */
	bool masked;         /* the next one was masked, not forgotten */
};

/* False where the record is none that says so, or its rule isn't there. */
bool masked_paths(
    struct arena *a, const struct view *v, struct masked_paths *m);

/* The next path, and whether it was masked; false where none is left. */
bool masked_next(struct arena *a, struct masked_paths *m, struct pathspec *path,
    bool *masked);

/*
 * Does one of n records name a path, as masked or as forgotten?  One without
 * a rule, or with a hash in its place, may have meant any.
 */
bool masked_named(struct arena *a, const struct view *v, size_t n,
    const struct pathspec *path, bool masked);

/*
 * The same for masks, by the stage that the policy names, if it does.  What
 * came there later need not be a mask: see mask_is().
 */
bool masked_shown(struct arena *a, const struct view *v, size_t n,
    const struct policy *p, const struct pathspec *path);

#endif
