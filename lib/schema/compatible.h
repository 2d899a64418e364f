/*
 * compatible - is all that one schema allows valid by another?
 *
 * The answer is proved, or refuted by an event that the two schemas judge
 * differently, or nobody knows.
 */
#ifndef SCHEMA_COMPATIBLE_H
#define SCHEMA_COMPATIBLE_H

#include "schema/schema.h"

/* An event as JSON text. */
struct compare_event {
	const char *text;
	size_t len;
};

enum compare_answer {
	COMPARE_PROVED,
	COMPARE_REFUTED,
	COMPARE_UNKNOWN,
};

/*
 * Is all that inner allows valid by outer?  What isn't, or isn't known, is
 * told in out, with counterexamples: from the n events where they have one,
 * else made up.  Memory is the arena's, whose overflow the caller catches.
 */
enum compare_answer compare_schemas(struct schema_checker *inner,
    struct schema_checker *outer, struct arena *a,
    const struct compare_event *event, size_t n, struct buf *out);

#endif
