/*
 * ownership - who may change a container where it is.
 *
 * A value is never changed, as far as anybody can see: who sets a member
 * gets another object.  It would cost a copy each time, and a loop that
 * builds an array would be quadratic, were it not for VALUE_OWNED.  The
 * rules:
 *
 * 1. A handle with VALUE_OWNED is the only one to its array or object.  It
 *    is made by whoever makes the container: array_new(), object_new(), and
 *    the copies that changing makes.
 * 2. The functions that change (array_push(), array_set(), object_set(),
 *    object_add(), object_delete(), path_set(), path_delete()) take the
 *    handle that they are given.  If it is owned they write into the
 *    container; otherwise they copy it first, one level deep.  Either way
 *    the handle is given away: use what they return.
 * 3. A copy of an owned handle makes two.  Who keeps one and hands on the
 *    other hands it on by value_share(), and no longer owns it either: it
 *    keeps what value_share() returned, or changes nothing before the other
 *    is gone.  When in doubt, share: it costs a copy, never a wrong value.
 * 4. What is in an owned container may be owned as well, by its place.  Who
 *    reads a place and may keep what it reads does so by value_take(), which
 *    ends the place's ownership: now there are two handles, and none owns.
 *    So whatever is read is shared, and the next change of it copies.
 * 5. Who looks at a place without keeping anything peeks (path_peek()): the
 *    place stays owned, but the handle must be gone before any change.
 * 6. Who is about to write a place anew may take what is there with its
 *    ownership (path_take(), then path_set() at the same path), if all that
 *    lies between is owned.  Until it is written the place holds a handle
 *    that was given away, and nobody may read it.
 * 7. The evaluator passes an input owned where the form that gets it is the
 *    last to see it.  Then whoever passed it doesn't use it again, and has
 *    let no part of it be seen elsewhere; eval_keep_owned() says whether
 *    that is so behind an expression that has seen it too (TRAIT_INPUT).
 *
 * "make check-own" runs the language's tests on a build with
 * VALUE_CHECK_OWN, in which every handle that is given away is poisoned:
 * its container moves, and who looks at where it was is stopped by
 * AddressSanitizer with "use-after-poison".
 */
#ifndef VALUE_OWNERSHIP_H
#define VALUE_OWNERSHIP_H

#include "base/arena.h"
#include "value/handle.h"

/* The same value, with the promise to be its only handle taken back. */
static inline struct value
value_share(struct value v)
{
	v.flags &= (uint8_t)~VALUE_OWNED;
	return v;
}

/* Read what a container holds: from then on nobody owns it. */
static inline struct value
value_take(struct value *held)
{
	if (held->flags & VALUE_OWNED)
		held->flags &= (uint8_t)~VALUE_OWNED;
	return *held;
}

/*
 * The handle as a function that changes gets it: given away by its caller.
 * Only a build that checks does something here.
 */
#ifdef VALUE_CHECK_OWN
struct value ownership_given(struct arena *a, struct value v);
#else
static inline struct value
ownership_given(struct arena *a, struct value v)
{
	(void)a;
	return v;
}
#endif

#endif
