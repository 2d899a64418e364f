/*
 * pathspec - paths of events, as a policy names them.
 *
 * As jq writes them, from the root: .a, ."a b", .a["b"], .a[0], and [] for
 * all elements or members: .cards[].pan.  The whole event is a dot.
 */
#ifndef TRUST_PATHSPEC_H
#define TRUST_PATHSPEC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "history/pointer.h"
#include "lang/explain/touch.h"

struct pathspec {
	const char *text; /* borrowed */
	struct touch_path path;
};

struct pathspecs {
	const struct pathspec *v;
	size_t n;
};

enum { PATHSPEC_STEPS = 24 }; /* as deep as explaining knows paths */

/*
 * Read a path; its keys are the arena's.  NULL, or why text is none (static
 * text, which goes on after "'.a..b' is no path: ").
 */
const char *pathspec_parse(
    struct arena *a, struct pathspec *p, const char *text);

/*
 * A pattern as a path; a step that may be an index or a key (/a/0) is an
 * index.  The text is the pattern's, the keys are the arena's or the pattern's.
 */
struct pathspec pathspec_of(struct arena *a, const struct pointer *p);

/* Is all that q names at or below p? */
bool pathspec_covers(const struct pathspec *p, const struct pathspec *q);

/* Is q at or below one of them? */
bool pathspecs_cover(const struct pathspecs *s, const struct pathspec *q);

/* May a place be at or below both of them? */
bool pathspec_meets(const struct pathspec *p, const struct pathspec *q);

/* Append a step of a path: .a, ."a b", [0]; [] for VALUE_NULL. */
void pathspec_put_step(struct buf *b, const struct value *key);

#endif
