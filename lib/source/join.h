/*
 * join - everything about an enrichment that isn't the source itself: the
 * event's key, where the row goes, what a miss does, what the record says,
 * and how often a row was found.
 */
#ifndef SOURCE_JOIN_H
#define SOURCE_JOIN_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "lang/program.h"
#include "source/keyspec.h"
#include "source/source.h"

enum join_miss { JOIN_MISS_PASS, JOIN_MISS_NULL, JOIN_MISS_REJECT };

/* What the user says comes first; all of it is borrowed. */
struct join {
	const char *file;    /* the source's name */
	const char *columns; /* a choice of them, or NULL */
	const char *as;      /* path where the row is set, or NULL */
	bool merge;          /* the row's columns are set in the event itself */
	enum join_miss miss;
	struct keyspec key;

	/* Then what the caller made of that, and frees after the join. */
	struct source *source;
	struct program *key_program;
	struct program *setter; /* sets [event, row] where as says; or NULL */

	/* The join's own. */
	struct arena arena;
	struct value name;   /* the file's, as data can hold it */
	struct value member; /* as, or the file's name without suffix */
	struct buf rule;     /* in words: .hosts = hosts.csv[ip == .ip] */
	struct buf joined;   /* what "from" says behind the source's part */
	atomic_uint_fast64_t hits, misses; /* of threads that have ended */
};

/* Find what follows from all that is set; -1 where memory is missing. */
int join_init(struct join *j);
void join_release(struct join *j);

/* A thread's own part of a join. */
struct join_local;

/* NULL where memory is missing. */
struct join_local *join_local_new(const struct join *j);

/* Add its counts to the join's, and free it. */
void join_local_free(struct join *j, struct join_local *l);

enum join_status {
	JOIN_CHANGED, /* event is what came of it */
	JOIN_SAME,    /* a miss, and the event stays */
	JOIN_FAILED,  /* error says why */
};

/* What came of an event; all of it is the arena's. */
struct joined {
	struct value event;
	const char *from; /* for the record; NULL: no row was found */
	size_t from_len;
	char error[512];
};

/* Join the row that the event's key finds. */
enum join_status join_event(const struct join *j, struct join_local *l,
    struct arena *a, struct value event, const struct program_context *context,
    struct joined *out);

#endif
