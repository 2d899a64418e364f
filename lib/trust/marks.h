/*
 * marks - the parts of a text that are to be gone.
 *
 * A value that moves in a history stays the same span of the line, so a span
 * that is marked is gone wherever it has been and will be.  Marks lie in any
 * texts, and never overlap: what lies in a marked one is gone with it.  All
 * memory is the arena's.
 */
#ifndef TRUST_MARKS_H
#define TRUST_MARKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "value/value.h"

enum mark_kind {
	MARK_TEXT,      /* it holds the text of a value that is forgotten */
	MARK_MASKED,    /* it is at a path that is masked */
	MARK_FORGOTTEN, /* or forgotten */
};

struct mark {
	const char *from, *to;
	enum mark_kind kind;
};

/* Starts as zero but for its arena. */
struct marks {
	struct arena *a;
	struct mark *v; /* in their order */
	size_t n, cap;
	size_t added; /* so many were, those too that a larger one covers now */
};

/* The bytes of a value that stands in a doc. */
struct mark marks_span(struct value v);

/* Mark a span; false where that is so already, by a kind at least as high. */
bool marks_add(struct marks *m, struct mark span);

/* The mark that covers a span, or NULL. */
const struct mark *marks_over(const struct marks *m, struct mark span);

/* Is there a mark that touches a span? */
bool marks_in(const struct marks *m, struct mark span);

#endif
