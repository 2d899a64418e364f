/*
 * openlineage - one OpenLineage run event for a pipeline as it was seen.
 *
 * Events that went through the same rules in the same order took the same
 * route (route.h), whose explanation is the column lineage.  Routes beyond
 * OPENLINEAGE_ROUTES are counted.
 */
#ifndef RENDER_OPENLINEAGE_H
#define RENDER_OPENLINEAGE_H

#include "render/export.h"
#include "render/observed.h"
#include "render/openlineage_schema.h"
#include "render/route.h"

enum { OPENLINEAGE_ROUTES = 64, OPENLINEAGE_SOURCES = 64 };

struct openlineage {
	struct {
		uint64_t hash;
		struct route route;
		uint64_t from; /* bit i: some events came from source i */
	} route[OPENLINEAGE_ROUTES];
	size_t routes;
	char *source[OPENLINEAGE_SOURCES]; /* of events, and tables */
	size_t sources;
	uint64_t others; /* events whose route had no room */
	struct openlineage_schemas schemas;
	struct observed observed;
};

/* Starts as zero.  -1 where memory is missing. */
int openlineage_event(struct openlineage *o, struct arena *a,
    struct value event, struct value history);

/* Append the run event, with this id and time; false without memory. */
bool openlineage_write(
    struct openlineage *o, struct buf *out, const char *id, const char *at);
void openlineage_release(struct openlineage *o);

#endif
