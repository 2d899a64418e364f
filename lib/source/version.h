/*
 * version - what is known at one time: tables that never change, of which
 * the newer ones are asked first.
 *
 * Versions share tables; who counts holders of either holds one lock for all
 * of them.
 */
#ifndef SOURCE_VERSION_H
#define SOURCE_VERSION_H

#include <stddef.h>

#include "source/source.h"

enum { VERSION_PARTS = 64 };

/* A table that versions share. */
struct part {
	struct source *table;
	unsigned holders;
};

struct version {
	struct source source;
	void *owner;
	unsigned holders;
	size_t n;
	struct part *part[VERSION_PARTS]; /* oldest first */
};

/*
 * A version of the first n parts of another, and a table, which it takes
 * over; it has one holder.  NULL where memory is missing.
 */
struct version *version_new(
    void *owner, const struct version *from, size_t n, struct source *table);

/* Let go of a version, which may be NULL. */
void version_drop(struct version *v);

/* Of a version: see struct source_kind. */
const struct value *version_columns(const struct source *s, size_t *n);
struct value version_origin(const struct source *s);

#endif
