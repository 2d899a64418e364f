/*
 * track_parts - what the files of track_event() share, and nobody else sees.
 *
 * A place is a slot of the draft of a state; what is raw in it is a span of
 * the event's line, which is what gets marked.
 */
#ifndef TRUST_TRACK_PARTS_H
#define TRUST_TRACK_PARTS_H

#include "history/draft.h"
#include "trust/track.h"

/* --- track_place.c: where a path leads, and what is marked --- */

/* What is left of a JSON Pointer. */
struct track_rest {
	const char *p, *end;
};

/* Does a member's key stand at entry e? */
bool track_is_key(const struct doc *d, uint32_t e);

/* Mark a value with all that it holds; its strings are what is sought. */
void track_mark_value(struct track *t, struct value v, enum mark_kind kind);

/* The same of a place, with what undos have put into it since. */
void track_mark_slot(struct track *t, struct draft *d, struct draft_slot *slot,
    enum mark_kind kind);

/* The mark that a place lies in, or NULL. */
const struct mark *track_mark_of(
    const struct track *t, const struct draft_slot *slot);

/* Does a place hold anything that is marked? */
bool track_holds(struct track *t, struct draft *d, struct draft_slot *slot);

/* A pointer's text, of which nothing is taken yet. */
struct track_rest track_path_start(struct value path);

/* The place at a path, or NULL. */
struct draft_slot *track_slot_at(
    struct track *t, struct draft *d, struct value path);

/* The mark of a container that a path leads through, or NULL. */
const struct mark *track_within(
    struct track *t, struct draft *d, struct value path);

/* Mark what stands at the end of a path that is to go. */
void track_mark_found(
    struct track *t, struct value v, const struct track_path *p);

/*
 * Mark what stands at a path's steps from i on: in a raw value, or in a place
 * of a draft, of which element says that it is an array's.
 */
void track_find_raw(
    struct track *t, struct value v, const struct track_path *p, size_t i);
void track_find(struct track *t, struct draft *d, struct draft_slot *slot,
    const struct track_path *p, size_t i, bool element);

/* How many steps of a path a pointer shares, and what is left of it. */
size_t track_shared_steps(
    struct track *t, const struct track_path *p, struct track_rest *at);

/* What came to a pointer: mark what a path leads to, there or further on. */
void track_look_at(struct track *t, struct draft *d, struct value path);

/* Mark by the paths that count elements, as only a whole state has them. */
void track_look_at_elements(struct track *t, struct draft *d);

/* --- track_change.c: what an undo's operation says --- */

enum track_change_kind {
	CHANGE_ADD,
	CHANGE_REMOVE,
	CHANGE_MOVE,
	CHANGE_COPY,
	CHANGE_TEST,
	CHANGE_OTHER
};

struct track_change {
	enum track_change_kind kind;
	struct value path, from; /* decoded */
	struct value value;
	bool has_value;
};

/* Read an operation; false where it is none. */
bool track_read_change(
    struct track *t, struct value v, struct track_change *op);

/* Mark in a copy what is marked where it was taken from. */
void track_mark_copy(
    struct track *t, struct draft *d, struct draft_slot *slot, struct value to);

/* A text of its own of what is in a place; false where there is no memory. */
bool track_make_copy(struct track *t, struct draft *d, struct draft_slot *slot,
    struct value *to);

/* Does the rest of a record's undo, behind i, take away what stood there? */
bool track_is_lost(
    struct track *t, const struct track_record *r, size_t i, struct value path);

#endif
