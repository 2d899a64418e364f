/*
 * track - where the values at some paths have been in an event's history.
 *
 * The history is gone through from the event back to its first state, by its
 * undos.  What stands at one of the paths in any of the states is marked; so
 * is what an undo puts into a container that is marked.  Since a value that
 * moves stays the same span of the line, one walk follows it both ways; a
 * copy is a text of its own.  The walk is repeated until nothing new is
 * marked.
 *
 * All memory is the arena's, and the event is only read.
 */
#ifndef TRUST_TRACK_H
#define TRUST_TRACK_H

#include <stdbool.h>
#include <stddef.h>

#include "history/pointer.h"
#include "history/view.h"
#include "trust/marks.h"
#include "trust/needles.h"

/* A path, and what is to become of what stands there. */
struct track_path {
	struct pointer path;
	enum mark_kind kind;
	bool spares; /* what looks like a mask there is one: it stays */
};

/* What becomes of an operation of an undo. */
enum track_fate {
	TRACK_KEEP,   /* what it holds may be marked in part */
	TRACK_DROP,   /* it leads into what is gone */
	TRACK_NULL,   /* an "add" of null at its path */
	TRACK_REMOVE, /* a "remove" of its "from" */
	TRACK_SPELL,  /* an "add" of the copy, with its marks */
	TRACK_EMPTY,  /* all of the event is gone, which stays an object */
};

struct track_operation {
	enum track_fate fate;
	bool seen;         /* its copy is made, or is none */
	struct value copy; /* of a "copy": a text of its own; or VALUE_NULL */
};

struct track_record {
	struct value undo; /* an array that was opened; or VALUE_NULL */
	struct track_operation *operations; /* of undo */
	size_t n;
	bool broken;  /* it can't be taken back */
	bool changed; /* what its stage read held what is marked */
	bool wiped;   /* what the undo holds can't be told */
};

struct track {
	struct arena *a;
	const struct track_path *paths;
	size_t paths_n;
	struct value root;
	struct view *v; /* of the history */
	size_t n;
	struct track_record *records; /* of v */
	size_t reach; /* the states behind so many records can be had */
	bool changed; /* the event itself holds what is marked */
	struct marks marks;
	struct marks gone; /* what was forgotten before */
	struct marks keys; /* keys in undos that hold a forgotten string */
	struct needles needles;
	struct needles numbers; /* what messages quote beside strings */
	const char *error; /* why it can't be told what is to go; or NULL */
};

/*
 * Mark what stands at the paths, and then the strings of undos that hold
 * what was found; t has its arena, its paths and perhaps needles, else it is
 * zero.  False where nothing was marked, or with t->error.
 */
bool track_event(struct track *t, struct value root, struct value history);

#endif
