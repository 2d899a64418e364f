/*
 * account - one sum of the memory that an event takes, and its limits.
 *
 * Whatever grows for an event enters what it holds here: the arena, the
 * arrays of a scan, buffers.  So the limit holds for all of them together,
 * wherever an event puts its bytes.  Its stack is the thread's, and has a
 * limit too: whoever recurses over a value asks for it at each level.
 */
#ifndef BASE_ACCOUNT_H
#define BASE_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>

struct account {
	size_t held;       /* bytes */
	size_t limit;      /* bytes that may be held */
	bool starved;      /* it wasn't the limit that ended: malloc() failed */
	bool deep;         /* nor memory: the stack came to its end */
	const char *stack; /* which must not grow beyond, or NULL */
};

/* Enter n bytes that are about to be allocated; false: beyond the limit. */
static inline bool
account_take(struct account *a, size_t n)
{
	if (n > a->limit || a->held > a->limit - n)
		return false;
	a->held += n;
	return true;
}

/* Strike out n bytes that were entered before. */
static inline void
account_give(struct account *a, size_t n)
{
	a->held -= n;
}

/* Is there stack for one more level of recursion?  Else deep is set. */
static inline bool
account_stack_left(struct account *a)
{
	if ((const char *)__builtin_frame_address(0) > a->stack)
		return true;
	a->deep = true;
	return false;
}

#endif
