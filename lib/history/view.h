/*
 * view - one record of a history, its members found in one pass.
 *
 * What a record holds may be anything: a member of the wrong type is found
 * all the same, and view_fault() says what is wrong with it.
 */
#ifndef HISTORY_VIEW_H
#define HISTORY_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "record/record.h"
#include "value/value.h"

/* VIEW_OP and so on, in the order of ms-lineage(5). */
enum view_member {
#define VIEW_MEMBER(name, text) VIEW_##name,
	RECORD_MEMBERS(VIEW_MEMBER)
#undef VIEW_MEMBER
	    VIEW_MEMBERS,
};

enum { VIEW_RULE_LENGTH = 1024 * 1024 }; /* bytes that a rule may have */

/* A record's members, as they stand in it. */
struct view {
	struct value record;
	struct value of[VIEW_MEMBERS]; /* VALUE_NULL where it has none */
	unsigned has;                  /* bits of enum view_member */
	unsigned again;                /* those that it has more than once */
};

/*
 * Find the members of a record; *v borrows it.  A rule that is told by its
 * hash is the text that the arena's rulebook has of it.
 */
void view_record(struct arena *a, struct value record, struct view *v);

/* Views of all records of a history, *n of them, in the arena. */
struct view *view_history(struct arena *a, struct value history, size_t *n);

/* Has the record that member? */
static inline bool
view_has(const struct view *v, enum view_member m)
{
	return v->has >> m & 1;
}

/* A member that is a string, decoded; else false. */
bool view_text(struct arena *a, const struct view *v, enum view_member m,
    struct value *text);

/* Is a member this text? */
bool view_says(struct arena *a, const struct view *v, enum view_member m,
    const char *text);

/*
 * Reads times; the last second read is remembered, since records lie close
 * together.  Starts as zero.
 */
struct view_clock {
	char second[20]; /* with the dot */
	int64_t micros;  /* of that second */
};

/* When, in microseconds since 1970; false where it has no good time. */
bool view_time(struct arena *a, struct view_clock *clock, const struct view *v,
    int64_t *micros);

/* The first record that gives the event an id, which *id gets, or NULL. */
const struct view *view_identity(
    struct arena *a, const struct view *v, size_t n, struct value *id);

/*
 * The first record that says where the event came from: its "from" names a
 * source or a topic (a table is only where something was added from).  NULL
 * where none does.
 */
const struct view *view_origin(struct arena *a, const struct view *v, size_t n);

/* Did the record's stage make the event of something that was none (-R)? */
bool view_made_event(struct arena *a, const struct view *v);

/* Did the record's stage take the event to another version of its schema? */
bool view_migrated(struct arena *a, const struct view *v);

/*
 * How many records a history has at the first state of its event: 0, or 1
 * where the first record's stage made it, so that there was no event before.
 */
size_t view_first_state(struct arena *a, const struct view *v, size_t n);

/*
 * The paths that an operation of an undo changes, decoded: its own, and that
 * from which it moves.  Gives how many; 0 where it is malformed.
 */
size_t view_paths(
    struct arena *a, struct value operation, struct value paths[2]);

/*
 * Does an operation of an undo say by itself what its stage did?  A move or
 * copy doesn't: what had its path may be new, or be laid over.
 */
bool view_tells(struct arena *a, struct value operation);

/* What people call the record: "map", "map price". */
struct value view_label(struct arena *a, const struct view *v);

/* The same as text of at most n bytes with its NUL, cut where needed. */
const char *view_name(
    struct arena *a, const struct view *v, char *out, size_t n);

/* What ms-lineage(5) doesn't allow in it (static text); NULL: all is well. */
const char *view_fault(
    struct arena *a, struct view_clock *clock, const struct view *v);

#endif
