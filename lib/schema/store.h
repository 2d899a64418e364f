/*
 * store - the documents that a schema is made of: their resources, by URI,
 * and the anchors in these.
 *
 * All memory is the store's arena's.  What is wrong ends in a longjmp to
 * *failed with *error filled.
 */
#ifndef SCHEMA_STORE_H
#define SCHEMA_STORE_H

#include <setjmp.h>

#include "schema/keyword.h"
#include "schema/names.h"
#include "schema/place.h"
#include "schema/schema.h"

struct node;

struct document {
	const char *path; /* of the file, or a URI */
	const char *name; /* its last part, for messages */
	const char *text;
	size_t len;
	const struct doc *doc; /* of "[" text "]" */
	uint32_t root;
	bool bundled;       /* the root is no schema, its members are */
	uint32_t *resource; /* entry -> that number + 1; 0: no schema's */
	struct node **node; /* entry -> what it was compiled to, or NULL */
};

/* A schema with a URI of its own, and what is in it. */
struct resource {
	const char *uri;
	struct document *document;
	uint32_t entry;
	struct dialect dialect;
};

struct anchor {
	uint32_t resource, entry;
	bool dynamic;
	const char *name; /* "" is $recursiveAnchor's */
};

struct store {
	struct arena *a;
	jmp_buf *failed;
	struct schema_error *error;
	const struct schema_options *options;
	struct schema_map beside; /* the schema's $id and its directory */
	struct resource *resources;
	uint32_t resources_n, resources_cap;
	struct anchor *anchors;
	uint32_t anchors_n, anchors_cap;
	struct names uris;  /* -> resource */
	struct names known; /* "12#name" -> anchor */
	unsigned depth;     /* of documents being read for others */
};

/* A schema: where, and in which resource. */
struct target {
	struct document *document;
	uint32_t entry;
	uint32_t resource;
};

/* Complain about what is at entry e. */
_Noreturn void store_fail(struct store *s, const struct document *d, uint32_t e,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Read the schema that all begins with. */
struct document *store_open(struct store *s, const char *path);

/* What a reference at entry e means in its resource. */
struct target store_resolve(struct store *s, const struct document *d,
    uint32_t e, uint32_t resource, const char *ref);

/* The anchor of a resource, or NULL. */
const struct anchor *store_anchor(
    struct store *s, uint32_t resource, const char *name);

/* A string at entry e, without NULs in it. */
const char *store_string(struct store *s, const struct document *d, uint32_t e);

#endif
