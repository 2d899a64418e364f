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

/* Is the record one, with a rule that is paths and nothing else? */
bool masked_says_paths(struct arena *a, const struct view *v);

/* Has the record's stage a say about masks: is it what the policy names? */
bool masked_has_say(
    struct arena *a, const struct view *v, const struct policy *p);

/* The paths that a history's records show to be masked, read once. */
struct masked {
	struct pathset paths;
	const size_t *upto; /* [n]: how many of them the first n records show */
};

/* Those by the stage that the policy names, if it does; in the arena. */
void masked_read(struct arena *a, const struct view *v, size_t n,
    const struct policy *p, struct masked *m);

/*
 * Does one of the first n records show a path to be masked?  One without a
 * rule doesn't: what a policy has masked tells its rule always.  What came
 * there later need not be a mask: see mask_is().
 */
bool masked_shown(
    const struct masked *m, size_t n, const struct pathspec *path);

/* What a history's records name, whoever wrote them. */
struct masked_names {
	struct masked masked, forgotten;
	size_t any; /* records before the first that may have meant any path */
};

/* Read from the records of an event what was masked and forgotten in it. */
void masked_read_names(
    struct arena *a, const struct view *v, size_t n, struct masked_names *m);

/*
 * Does one of the first n records name a path, as masked or as forgotten?  One
 * without a rule, or with a hash in its place, may have meant any.
 */
bool masked_named(const struct masked_names *m, size_t n,
    const struct pathspec *path, bool masked);

#endif
