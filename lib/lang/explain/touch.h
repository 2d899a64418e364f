/*
 * touch - does a program write a path, as far as its text tells?
 *
 * A path may have keys that stand for any: all elements, or all members.
 * What the program leaves as it was isn't written, wherever it was moved in
 * between.
 */
#ifndef LANG_EXPLAIN_TOUCH_H
#define LANG_EXPLAIN_TOUCH_H

#include "lang/explain/explain.h"

/* Keys are decoded strings or whole numbers; VALUE_NULL stands for any. */
struct touch_path {
	uint32_t n;
	const struct value *keys;
};

enum touch {
	TOUCH_NEVER,
	TOUCH_PERHAPS, /* that is seen at each event */
	TOUCH_WRITES,  /* whatever comes there: it may be the same */
};

/* What is found, and where the program does it. */
struct touched {
	enum touch touch;
	struct site site; /* what is written */
	uint32_t where;   /* byte of the program, from 1; or 0 */
};

/* Is anything written at the path, above it or below it? */
void touch_find(struct arena *a, const struct explain_report *e,
    const struct touch_path *path, struct touched *out);

/*
 * Is anything written that isn't at or below one of n paths?  fresh: what it
 * gives is a new event, of which each member is written.
 */
void touch_outside(struct arena *a, const struct explain_report *e,
    const struct touch_path *paths, uint32_t n, bool fresh,
    struct touched *out);

/* May a site be at the path, above it or below it? */
bool touch_meets(const struct site *p, const struct touch_path *path);

/* Is all of the site at or below the path? */
bool touch_covers(const struct touch_path *path, const struct site *p);

#endif
