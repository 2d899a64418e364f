/*
 * versions - a directory of schemas in versions, and the programs between.
 *
 *	DIR/order/1.json	the schema of each version of an order
 *	DIR/order/2.json
 *	DIR/order/1-2.jq	makes version 2 of version 1
 *	DIR/order/2-1.jq	the other way, where an undo doesn't do it
 *
 * Versions are positive integers, and their neighbours are the next ones that
 * are there.  Other files are nobody's business.  Texts and lists are the
 * settings' arena's; what was loaded is read-only, and shared by threads.
 */
#ifndef MS_SCHEMA_VERSIONS_H
#define MS_SCHEMA_VERSIONS_H

#include <stdint.h>

#include "driver/driver.h"
#include "schema/schema.h"

struct version {
	uint32_t number;
	size_t id;             /* among all versions of the directory */
	const char *name;      /* "order/2.json" */
	const char *label;     /* "order/2" */
	struct schema *schema; /* NULL where nobody asks for it */
};

struct series;

/* The way from a version to a neighbour, or to itself: then it is checked. */
struct step {
	const struct series *series;
	const struct version *from, *to;
	size_t id;               /* among all steps of the directory */
	const char *label;       /* "order 1>2", or "order 2" */
	const char *file;        /* of its program: "order/1-2.jq" */
	struct program *program; /* NULL where there is none */
	struct lineage lineage;  /* of the records that it leaves */
	struct buf origin;       /* what they say as from */
	struct buf rejects_head;
};

/* What has one name. */
struct series {
	const char *name;
	struct version *version; /* by number */
	size_t n;
	struct step *up, *down, *here; /* from each version */
	const struct version *target;  /* NULL where it has none */
};

enum versions_use {
	VERSIONS_UP = 1, /* up to the target: all programs must be there */
	VERSIONS_DOWN = 2,
	VERSIONS_TEST = 3,
};

struct versions {
	const char *dir;
	const char *only; /* the one name that counts, or NULL */
	uint32_t to;      /* 0: the latest */
	enum versions_use use;
	struct schema_options options;
	struct series *series; /* by name */
	size_t n;
	size_t versions_n, steps_n;
};

/*
 * Load what the first members ask for: STATUS_OK, or the status to exit with
 * after a complaint.  versions_release() frees it in any case.
 */
int versions_load(
    struct versions *d, const struct command *c, struct settings *set);
void versions_release(struct versions *d);

/* NULL where there is none. */
const struct series *versions_series(
    const struct versions *d, const char *name, size_t len);
const struct version *series_version(const struct series *s, uint64_t number);

#endif
