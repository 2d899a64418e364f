/*
 * pathset - paths that are followed together, down an event.
 *
 * They are sorted, so that those that begin alike stand together: a place in
 * the set is a range of them, which share so many steps.  Going down by a key
 * is a search in the range, however many paths there are.
 */
#ifndef TRUST_PATHSET_H
#define TRUST_PATHSET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "lang/explain/touch.h"
#include "trust/pathspec.h"

struct pathset {
	const struct touch_path *v; /* sorted, the shorter ones first */
	const uint32_t *which;      /* their numbers before */
	uint32_t n;
};

/* Those from one to another, behind so many steps. */
struct pathset_at {
	uint32_t from, to, depth;
};

/* Sort paths, which the set then borrows. */
void pathset_make(
    struct arena *a, const struct pathspecs *paths, struct pathset *out);

/* All of them, at the event itself. */
struct pathset_at pathset_root(const struct pathset *s);

/* How many of them end there: the first ones of the range. */
uint32_t pathset_ends(const struct pathset *s, struct pathset_at at);

/* Those that go on with [], and without those that end; false: none do. */
bool pathset_every(
    const struct pathset *s, struct pathset_at at, struct pathset_at *below);

/* Those that go on with a key or an index itself; false: none do. */
bool pathset_child(const struct pathset *s, struct pathset_at at,
    const struct value *key, struct pathset_at *below);

/*
 * The next keys and indexes with which they go on, one after another: those
 * at the start of the range, which goes behind them.  False: none is left.
 */
bool pathset_next(const struct pathset *s, struct pathset_at *at,
    struct pathset_at *below, const struct value **key);

/* The lowest number of those that a path is at or below; UINT32_MAX: none. */
uint32_t pathset_first(const struct pathset *s, const struct touch_path *path);

/* Is what a path names at or below one of them? */
bool pathset_covers(const struct pathset *s, const struct touch_path *path);

#endif
