/*
 * route - what an event went through, as one program.
 *
 * The rules of an event's records, one behind the other, are a program; what
 * it is explained to read and write is the column lineage.  A rule that
 * isn't known (slim), or doesn't compile without its variables, may do
 * anything.
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

/* Starts as zero; the buffers are used again for the next one. */
struct route {
	struct arena *a;
	struct buf program;
	struct buf stage, text; /* scratch: a stage's program, a piece of it */
};

/*
 * Make the program of n records; false where memory is missing.  It stays
 * in r until the next call.
 */
bool route_read(
    struct route *r, struct arena *a, const struct view *v, size_t n);
void route_release(struct route *r);

/*
 * Compile a program without variables; program_free() frees it.  NULL where
 * it is wrong; *failed is set where memory is missing.
 */
struct program *route_compile(const char *text, size_t len, bool *failed);

#endif
