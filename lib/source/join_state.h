/*
 * join_state - a join of a thread, and of an event, as the files of the join
 * see them: join.c puts together what join_keys.c, join_place.c and
 * join_from.c do.
 */
#ifndef SOURCE_JOIN_STATE_H
#define SOURCE_JOIN_STATE_H

#include "source/join.h"

struct join_local {
	struct join *join;
	const struct source *view; /* what is asked; NULL before the first */
	struct machine *key[SOURCE_KEYS];
	struct value name[SOURCE_KEYS]; /* of a key that is .name, or null */
	struct machine *time, *setter;  /* or NULL */
	struct machine *elements, *put_elements;
	struct buf from;                /* of the record in hand */
	struct buf head;                /* what it says before the rows, */
	struct buf columns;             /* and behind them */
	struct buf missed;              /* all of it, where no row was found */
	struct value keys[SOURCE_KEYS]; /* of what is in hand */
	bool starved;                   /* there was no memory to spell them */
	uint64_t turn;                  /* of the window in hand */
	uint64_t number;                /* of the event */
	const struct source_wait *wait; /* or NULL */
	uint64_t hits, misses, keyed;
};

/* An event on its way. */
struct join_work {
	struct join_local *l;
	struct arena *a;
	const struct program_context *context;
	struct joined *out;
	bool several; /* rows are listed in "from" */
	size_t rows;  /* listed so far */
	struct source_query query;
	bool changed, missed;
	bool ended; /* the source has */
};

/* join_keys.c: what is looked up; false: the event's error says why. */

/*
 * Run a program for its one output.  What and text are what messages call it.
 */
bool join_run(struct join_work *w, struct machine *m, struct value in,
    const char *what, const char *text, size_t len, struct value *v);

/* The keys of an event or element. */
bool join_find_keys(struct join_work *w, struct value in);

/* The time of an event; known is false where it has none. */
bool join_find_time(struct join_work *w, struct value in, bool *known);

/* join_place.c: set a row, or null, in what is joined; false: error. */
bool join_set(struct join_work *w, struct value *in, struct value row);

/* join_from.c: what the record says of the rows. */

/* Are rows found, each by itself, where an array of them is wanted? */
bool join_gives_several(const struct join *j);

/* Does "from" list rows? */
bool join_lists_rows(const struct join *j);

/* Look at the source as it is now, and spell what "from" says of all of it. */
void join_take_view(struct join_local *l, struct arena *a);

/* Say that these rows were found; n is 0 for a miss. */
void join_tell_rows(
    struct join_work *w, const struct source_row *row, size_t n);

/* End what "from" says of an event, and hand it out. */
void join_close_from(struct join_work *w);

#endif
