/*
 * lookup - large containers that a program looks into again and again.
 *
 * What was read is a span of its line, and to find something in it is to
 * walk along it.  That is best for a look or two; but a program may look up
 * each of a thousand keys.  So a machine counts the looks into what is large,
 * and opens it once they are many.
 */
#ifndef LANG_RUN_LOOKUP_H
#define LANG_RUN_LOOKUP_H

#include "lang/run/eval.h"

enum { LOOKUP_LARGE = 128 }; /* entries of a doc */

/* For lookup_in(): a large container is looked into once more. */
struct value lookup_again(struct machine *m, struct value v);

/* Is it one whose looks are counted?  Keys that are indexed cost no walk. */
static inline bool
lookup_is_large(struct value v)
{
	const struct doc *d = v.doc;

	return (d->keys_of != v.n || d->keys == NULL) &&
	    d->match[v.n] - v.n >= LOOKUP_LARGE;
}

/*
 * The container to look into in place of v: v itself, or v as it was opened
 * before.  The handle may be shared, and mustn't take v's place elsewhere.
 */
static inline struct value
lookup_in(struct machine *m, struct value v)
{
	if ((v.kind != VALUE_RAW_ARRAY && v.kind != VALUE_RAW_OBJECT) ||
	    !lookup_is_large(v))
		return v;
	return lookup_again(m, v);
}

#endif
