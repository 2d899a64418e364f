/*
 * reasons - how values came to be, for people and as data.
 */
#ifndef RENDER_REASONS_H
#define RENDER_REASONS_H

#include <stddef.h>

#include "base/buf.h"
#include "history/why.h"
#include "render/show.h"

/* What was asked about an event, and the answers. */
struct reasons {
	struct arena *a;
	const struct show_event *event;
	const struct view *v; /* of its n records */
	size_t n;
	struct why **values; /* as many as were asked about, */
	struct why **past;   /* and what each was before */
	size_t values_n;
	struct why *here;
};

/*
 * For people: a line a value, what it was made of indented below it; and
 * what decided that the event is here.
 */
void reasons_write(
    struct buf *out, const struct terminal *terminal, const struct reasons *r);

/* As an object on one line: id, source, line, values and here. */
void reasons_write_json(struct buf *out, const struct reasons *r);

#endif
