/*
 * join - everything about an enrichment that isn't the source itself: the
 * event's keys, where the row goes, what a miss does, what the record says,
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

enum join_miss {
	JOIN_MISS_PASS,
	JOIN_MISS_VALUE, /* a value stands in for the row */
	JOIN_MISS_REJECT,
};

/* What the user says comes first; all of it is borrowed. */
struct join {
	struct source_options options; /* of the source; the keys are below */
	const char *as;                /* path where the row is set, or NULL */
	bool merge;        /* the row's columns are set in the event itself */
	const char *each;  /* path of elements that are joined, or NULL */
	const char *as_of; /* program that gives a time, or NULL */
	enum join_miss miss;
	const char *instead; /* JSON: a row for a miss; NULL: null */
	struct keyspec key[SOURCE_KEYS];
	size_t keys_n;

	/* Then what the caller made of that, and frees after the join. */
	struct source *source;
	struct program *key_program[SOURCE_KEYS]; /* NULL: join_set_key() */
	struct program *time_program;             /* of as_of, or NULL */
	struct program *setter;       /* of join_put_setter(), or NULL */
	struct program *elements;     /* of each: gives them as an array */
	struct program *put_elements; /* of join_put_elements() */

	/* The join's own. */
	struct arena arena;
	struct value name;     /* the source's, as data can hold it */
	const char *label;     /* what messages call it */
	char beginning[64];    /* of a command, that is */
	struct value member;   /* as, or the file's name without suffix */
	struct value stand_in; /* for a row, at a miss */
	struct buf rule;       /* in words: .hosts = hosts.csv[ip == .ip] */
	/* Of threads that have ended; keyed are misses that had a key. */
	atomic_uint_fast64_t hits, misses, keyed;
};

/* Is the row set in a member of what is joined, as in .name? */
bool join_sets_member(const struct join *j);

/*
 * Programs for what can't be done without one: to set the row where --as
 * says, on [event, row]; to gather the elements; to put changed ones back,
 * on [event, elements].
 */
void join_put_setter(struct buf *b, const struct join *j);
void join_put_gather(struct buf *b, const struct join *j);
void join_put_elements(struct buf *b, const struct join *j);

/* Find what messages call the source, which may have some before it opens. */
void join_set_label(struct join *j);

/* Find what follows from all that is set; -1 where memory is missing. */
int join_init(struct join *j);
void join_release(struct join *j);

/* Append where the row goes, as a path; after join_init(). */
void join_put_place(struct buf *b, const struct join *j);

/* Append how the rule starts: up to the row, whichever that is. */
void join_put_start(struct buf *b, const struct join *j);

/* Append the rule in words; join_init() does. */
void join_put_rule(struct buf *b, const struct join *j);

/* The same with another program for key number i. */
void join_put_rule_with(struct buf *b, const struct join *j, size_t i,
    const char *program, size_t len);

/* A thread's own part of a join. */
struct join_local;

/* NULL where memory is missing. */
struct join_local *join_local_new(struct join *j);

/* Add its counts to the join's, and free it. */
void join_local_free(struct join_local *l);

/* What gives key number i from now on; the caller keeps it. */
void join_set_key(struct join_local *l, size_t i, struct machine *m);

enum join_status {
	JOIN_CHANGED, /* event is what came of it */
	JOIN_SAME,    /* only misses, and the event stays */
	JOIN_FAILED,  /* error says why */
	JOIN_ENDED,   /* the same, and the next event will fare no better */
};

/*
 * The event in hand came with others, all of them at once: a number that is
 * another one for each such window.  A source that changes is looked at then.
 */
void join_window(struct join_local *l, uint64_t turn);

/*
 * What goes on while the source waits, from now on; it lasts as long as the
 * join.
 */
void join_wait(struct join_local *l, const struct source_wait *wait);

/*
 * The number of the event that is joined or asked for next; they grow, and
 * an event has the same one in both.  Only sources that are asked ahead need
 * them.
 */
void join_number(struct join_local *l, uint64_t number);

/*
 * An event that will come later: have what it needs asked for.  False where
 * that is enough for now.
 */
bool join_ask(struct join_local *l, struct arena *a, struct value event,
    const struct program_context *context);

/* What came of an event; it lasts until the thread's next one. */
struct joined {
	struct value event;
	const char *from; /* for the record */
	size_t from_len;
	char error[512];
};

/* Join the rows that the event's keys find. */
enum join_status join_event(struct join_local *l, struct arena *a,
    struct value event, const struct program_context *context,
    struct joined *out);

#endif
