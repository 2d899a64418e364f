/*
 * schema - JSON Schema: load a schema once, then check values against it.
 *
 * Drafts 2020-12, 2019-09, 07, 06 and 04, as $schema says (2020-12 where it
 * says nothing).  Other schemas come from files beside it, from directories
 * that a map names, or are the drafts' own; nothing comes from a network.
 *
 * A loaded schema is read-only and may be shared by threads; a checker is a
 * thread's own.
 */
#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "value/value.h"

struct schema;
struct schema_checker;

/* Where the schemas are whose URIs begin so. */
struct schema_map {
	const char *uri, *dir;
};

struct schema_options {
	bool formats; /* format asserts */
	const struct schema_map *maps;
	size_t maps_n;
	const char *name; /* that messages call it; NULL: its file's */
};

/* What is wrong with a schema, and where; lasts as long as the schema. */
struct schema_error {
	const char *path; /* of the file */
	const char *text; /* of the file; NULL where it can't be read */
	size_t len, offset;
	char message[512];
};

struct schema *schema_new(void); /* NULL and errno */

/* Read and compile; once for each schema.  -1 and why. */
int schema_load(struct schema *s, const char *path,
    const struct schema_options *o, struct schema_error *error);
void schema_free(struct schema *s);

enum { SCHEMA_HASH = 32 }; /* hexadecimal digits */

/* What messages call it: the name of the file without its directory. */
const char *schema_name(const struct schema *s);

/* The first SCHEMA_HASH of the SHA-256 of the file. */
const char *schema_hash(const struct schema *s);

/*
 * The path of file i that it was read from, from 0, "" for what is built in;
 * NULL behind the last.  Files with several schemas come several times.
 */
const char *schema_file(const struct schema *s, size_t i);

/* What one thread checks with; NULL and errno.  The schema outlives it. */
struct schema_checker *schema_checker_new(const struct schema *s);
void schema_checker_free(struct schema_checker *c);

enum schema_outcome {
	SCHEMA_VALID,
	SCHEMA_INVALID,
	SCHEMA_FAILED, /* it costs too much to tell: schema_failure() */
};

/*
 * Check the value at entry e of a doc.  Scratch memory is the arena's, and
 * where that ends it ends as arena.h says.
 */
enum schema_outcome schema_check(
    struct schema_checker *c, struct arena *a, const struct doc *d, uint32_t e);

/*
 * Append a value made from what the schema says; false where it isn't valid
 * all the same.  Memory is the arena's, as with schema_check().
 */
bool schema_example(struct schema_checker *c, struct arena *a, struct buf *out);

/* Why it costs too much (static text). */
const char *schema_failure(const struct schema_checker *c);

/*
 * Say in words what is wrong with an invalid value: the first fault, or all
 * of them.  Places are pointers from the doc's entry root.  Returns the
 * offset in the doc's text where the first one is.
 */
size_t schema_explain(struct schema_checker *c, struct arena *a,
    const struct doc *d, uint32_t root, uint32_t e, bool all, struct buf *out);

#endif
