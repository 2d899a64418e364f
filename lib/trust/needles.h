/*
 * needles - strings that are looked for in others.
 *
 * Only those of NEEDLE_LEAST bytes or more are kept: shorter ones would be
 * found everywhere.  The texts are borrowed; other memory is the arena's.
 */
#ifndef TRUST_NEEDLES_H
#define TRUST_NEEDLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum { NEEDLE_LEAST = 6 };

struct needle {
	const char *text;
	size_t n;
	uint32_t next; /* one that starts alike, or 0 */
};

/* Starts as zero but for its arena. */
struct needles {
	struct arena *a;
	struct needle *v; /* v[0] is none */
	uint32_t n, cap;
	uint32_t *index; /* by their first bytes */
	uint32_t mask;
};

/* Look for that one as well. */
void needles_add(struct needles *s, const char *text, size_t n);

/*
 * Does a text hold one of them?  What it quotes as JSON does, or a program,
 * is read as what it says, four deep.  That takes memory of the arena.
 */
bool needles_in(const struct needles *s, const char *text, size_t n);

/* The same of a message, which shows but the beginning of a long value. */
bool needles_in_message(const struct needles *s, const char *text, size_t n);

#endif
