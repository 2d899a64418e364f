/*
 * join - what it says, and what it does, to join a row to an event.
 */
#ifndef SOURCE_JOIN_H
#define SOURCE_JOIN_H

#include "base/arena.h"
#include "base/buf.h"
#include "source/keyspec.h"
#include "source/table.h"
#include "value/value.h"

struct join {
	const char *file;    /* of the table */
	const char *columns; /* a choice of them, or NULL */
	const char *as;      /* path where the row is set, or NULL */
	bool merge;          /* the row's columns are set in the event itself */
	struct keyspec key;
	struct value member; /* as, or the file's name without suffix */
	struct buf origin;   /* a record's "from", up to the line's number */
};

/* Find what follows from what is set; -1 where memory is missing. */
int join_init(struct join *j);
void join_release(struct join *j);

/* Is it set in a member of the event itself, as in .name? */
bool join_sets_member(const struct join *j);

/* The join in words, for records: .hosts = hosts.csv[ip == .ip] */
void join_rule(struct buf *b, const struct join *j);

/* Where a row came from, as a record's "from"; *len gets its bytes. */
const char *join_origin(
    struct arena *a, const struct join *j, const struct row *row, size_t *len);

/* The event with the columns of a row set in it. */
struct value join_merge(struct arena *a, struct value event, struct value row);

/* The same with null in each, but for the event's key that found no row. */
struct value join_blank(struct arena *a, const struct join *j,
    const struct table *t, struct value event, struct value key);

#endif
