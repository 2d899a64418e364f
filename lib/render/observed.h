/*
 * observed - the shape of events, as far as they show it.
 *
 * Members that are objects have members of their own; an array is an array.
 * Members beyond OBSERVED_FIELDS, or deeper than OBSERVED_DEEP, are left out.
 */
#ifndef RENDER_OBSERVED_H
#define RENDER_OBSERVED_H

#include "render/export.h"

enum { OBSERVED_FIELDS = 1000, OBSERVED_DEEP = 16 };

struct observed {
	struct observed_field {
		char *name;
		unsigned types;     /* bits */
		size_t first, next; /* numbers from 1; 0: none */
	} * field;
	size_t n;
	size_t first; /* of the event itself */
};

/* Note an event's members.  -1 where memory is missing. */
int observed_event(struct observed *o, struct arena *a, struct value event);

/*
 * Add OpenLineage's facet schema to a dataset's facets, where events were
 * seen and it isn't there.
 */
void observed_put(const struct observed *o, struct export *x, json_t *facets);
void observed_release(struct observed *o);

#endif
