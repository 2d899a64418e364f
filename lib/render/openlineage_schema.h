/*
 * openlineage_schema - the facets that say what shape a dataset has.
 *
 * OpenLineage's own, schema, has as fields the members of events whose last
 * schema record says that they were valid, with their types.  Ours,
 * mutstream_schemas, names the schemas, with the hashes of their files.
 * Schemas and fields beyond the limits are left out.
 */
#ifndef RENDER_OPENLINEAGE_SCHEMA_H
#define RENDER_OPENLINEAGE_SCHEMA_H

#include <stdint.h>

#include "render/export.h"

enum { OPENLINEAGE_SCHEMAS = 64, OPENLINEAGE_FIELDS = 1000 };

struct openlineage_schemas {
	struct openlineage_schema {
		char *name, *hash; /* hash may be NULL */
		uint64_t events;
	} schema[OPENLINEAGE_SCHEMAS];
	size_t n;
	struct openlineage_field {
		char *name;
		unsigned types; /* bits */
	} * field;
	size_t fields_n;
};

/* Note an event's last schema record and members.  -1 without memory. */
int openlineage_schemas_event(struct openlineage_schemas *s, struct arena *a,
    const struct view *v, size_t n, struct value event);

/* Add both to a dataset's facets, where there is anything to say. */
void openlineage_schemas_put(
    const struct openlineage_schemas *s, struct export *x, json_t *facets);
void openlineage_schemas_release(struct openlineage_schemas *s);

#endif
