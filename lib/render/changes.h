/*
 * changes - what a patch changes, with the values before and after.
 */
#ifndef RENDER_CHANGES_H
#define RENDER_CHANGES_H

#include <stdbool.h>

#include "base/arena.h"
#include "history/change.h"
#include "history/patch.h"
#include "render/show.h"
#include "value/value.h"

/* A list of changes, in the order in which they were made. */
struct changes {
	struct arena *a;
	bool undo; /* the patch takes the changes back */
	struct change *first, **end;
};

/*
 * Collects the changes of the patch that it follows.  Where one container
 * takes the place of another, what differs in them is told part by part.
 */
struct patch_watch changes_watch(struct changes *c);

/* A line for each: "+ /cost 2030.23", "- /user "-"", "~ /n 1 -> 2". */
void changes_write(struct show *s, const struct change *c, const char *indent);

/* The sign, the path, and no values. */
void changes_path(struct show *s, bool had, bool has, struct value path);

#endif
