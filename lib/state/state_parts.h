/*
 * state_parts - what the files of a state share, and nobody else sees.
 */
#ifndef STATE_STATE_PARTS_H
#define STATE_STATE_PARTS_H

#include "state/state.h"

/* By use; of entries with a text. */
struct use {
	struct use *older, *newer;
};

struct entry {
	struct use use; /* first: a use is its entry */
	int64_t at;
	char *text; /* NULL where the key was forgotten */
	uint32_t text_len, text_room;
	uint32_t key_len;
	bool changed;
	bool held; /* by state_hold() */
	char key[];
};

/* The hash stands beside, so that only the right entry is looked at. */
struct slot {
	struct entry *entry; /* NULL where it is empty */
	uint64_t hash;
};

/*
 * Those that have changed, in the order of the first change.  There is room
 * for all that there are, so that a change can always be noted.
 */
struct changed {
	struct entry **v;
	size_t n, room;
};

struct state {
	struct state_limits limits;
	struct slot *slots;
	size_t mask;
	uint64_t seed; /* of hashes */
	size_t used;   /* slots that hold an entry */
	size_t count;  /* of them that have a text */
	size_t held;   /* and of these, by state_hold() */
	size_t bytes;
	size_t evicted;
	int64_t before;     /* time of the event before: see state_expire() */
	struct entry *last; /* that was found: mostly set next; or NULL */
	struct use oldest, newest;   /* ends of the list, no entries */
	struct use first, last_held; /* of the list of those held */
	struct changed changed;
};

/* An entry as callers see it; valid until the next change. */
static inline struct state_entry
state_shown(const struct entry *e)
{
	return (struct state_entry){
	    .key = e->key,
	    .key_len = e->key_len,
	    .text = e->text,
	    .text_len = e->text_len,
	    .at = e->at,
	};
}

/* Ask for the memory of entries that are looked at soon. */
static inline void
state_fetch_changed(const struct changed *c, size_t i)
{
	enum { SOON = 8 };

	if (i + 2 * SOON < c->n) {
		__builtin_prefetch(c->v[i + 2 * SOON], 1);
		__builtin_prefetch(c->v[i + 2 * SOON]->key);
	}
	if (i + SOON < c->n)
		__builtin_prefetch(c->v[i + SOON]->text);
}

#endif
