/*
 * route - what an event went through, as one program.
 *
 * The rules of an event's records, one behind the other, are a program; what
 * it is explained to read and write is the column lineage.  A rule that
 * isn't known (slim), or doesn't compile without its variables, may do
 * anything.
 *
 * What comes from elsewhere than the event, or takes part in another way than
 * a program tells, is a mark: a member of the first event that no event has,
 * so that the explanation names it wherever it gets to.
 */
#ifndef RENDER_ROUTE_H
#define RENDER_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "history/view.h"
#include "lang/program.h"

/* A program of which all may come of all. */
static const char route_anything[] = "with_entries(.)";

enum route_use {
	ROUTE_ROW,   /* a table's row: text is the table's name */
	ROUTE_JOIN,  /* what found it: text is a program, on the step's event */
	ROUTE_GROUP, /* the key of a fold: a program, too */
	ROUTE_WINDOW, /* the time of a fold: a program, too */
	ROUTE_EVENT,  /* an event that was folded: what stands in it there */
};

struct route_mark {
	enum route_use use;
	size_t step; /* steps before it made the event what it was */
	char *text;
	size_t len;
};

/* Starts as zero. */
struct route {
	char **step; /* a program each */
	size_t steps, steps_cap;
	struct route_mark *mark;
	size_t marks, marks_cap;
};

/* Make the route of n records; false where memory is missing. */
bool route_read(
    struct route *r, struct arena *a, const struct view *v, size_t n);
void route_release(struct route *r);

/*
 * Append the program of the first so many steps, and of what stands behind
 * them; NULL: nothing does.
 */
void route_put(
    struct buf *out, const struct route *r, size_t steps, const char *behind);

/* The mark that a key of the first event is; NULL where it is none. */
const struct route_mark *route_mark_of(const struct route *r, struct value key);

/*
 * Compile a program without variables; program_free() frees it.  NULL where
 * it is wrong; *failed is set where memory is missing.
 */
struct program *route_compile(const char *text, size_t len, bool *failed);

#endif
