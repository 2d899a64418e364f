/*
 * fault - what a walk found wrong, in words.
 */
#ifndef SCHEMA_FAULT_H
#define SCHEMA_FAULT_H

#include "schema/walk.h"

/* What words are made from. */
struct telling {
	struct buf *out;
	struct arena *a;
	const struct schema *schema;
	const struct doc *d;
	uint32_t root; /* places are told from here */
};

/* "/qty is "3", a string; order.json wants an integer (at /properties/qty)" */
void fault_tell(const struct telling *t, const struct fault *f);

#endif
