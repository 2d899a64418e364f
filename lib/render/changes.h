/*
 * changes - what a record, or a patch, changed.
 */
#ifndef RENDER_CHANGES_H
#define RENDER_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "history/change.h"
#include "history/patch.h"
#include "history/view.h"
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

/* What a record changed, as far as it can still be known. */
struct changes_of {
	struct change *first;
	bool known;      /* with the values; else the paths alone, or nothing */
	bool wrong;      /* its undo doesn't apply */
	size_t count[3]; /* added, changed, removed */
};

/*
 * What each of the n records changed: the history is gone back through where
 * values are asked for, or where an undo doesn't tell its paths by itself.
 */
struct changes_of *changes_history(struct arena *a, struct value event,
    const struct view *v, size_t n, bool values);

/* Must an undo be applied to know what its stage did? */
bool changes_hidden(struct arena *a, const struct view *v);

/* The colour of a mark: green +, blue ~, red -. */
const char *changes_colour(bool had, bool has);

/* Append the mark and the path. */
void changes_path(struct show *s, const struct change *c);

/* Columns that the widest path of a list takes, as far as it is aligned. */
size_t changes_width(const struct show *s, const struct change *c);

/*
 * Append a change with its values behind what stands on the line already, so
 * many columns, with paths of a width, and end the line.  What doesn't fit one
 * line is shown on two, and cut where it doesn't differ.
 */
void changes_line(
    struct show *s, const struct change *c, size_t before, size_t width);

/* A line for each, indented. */
void changes_write(struct show *s, const struct change *c, size_t indent);

#endif
