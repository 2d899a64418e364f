/*
 * making - values made from what schemas say of them.
 *
 * What is made need not be valid: the schemas judge it.
 */
#ifndef SCHEMA_MAKING_H
#define SCHEMA_MAKING_H

#include "schema/proof.h"

enum {
	MAKING_DEPTH = 12,      /* levels that are made */
	MAKING_LONGEST = 10000, /* characters or items of what is made */
};

struct making {
	struct comparison *c;
	struct buf *out;
	/* Put these in place of what is made at the end of the way. */
	const struct compare_step **way;
	unsigned way_n;
	const char *candidate;
	size_t candidate_len;
};

/* Append a value; levels beyond the way count from MAKING_DEPTH on. */
void making_put(struct making *m, const struct conjunction *of, unsigned level);

/* A string of n letters at most. */
void making_put_letters(struct buf *out, size_t n);

/* A string of a format, as JSON text. */
const char *making_format(const char *name);

#endif
