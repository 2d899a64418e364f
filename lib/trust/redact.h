/*
 * redact - a line written anew, without what is marked in it.
 *
 * Parts of lib/trust/ that write: the event (redact_event.c), and its
 * history (redact.c), from what track.h found.
 */
#ifndef TRUST_REDACT_H
#define TRUST_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "record/operation.h"
#include "trust/mask.h"
#include "trust/track.h"

/* What stands for a text that is gone. */
#define REDACT_TEXT "(forgotten)"

/* A key that tells a forgotten string, and what stands for it. */
struct redact_key {
	struct value key, stand_in; /* decoded */
};

/* A place of the event whose value is gone, for the record's own undo. */
struct redact_place {
	const struct path_step *path;
	uint32_t next; /* entry of the key that it goes in front of, or 0 */
	bool taken;    /* the member itself is gone */
};

/* Told of a place that still holds a forgotten string: see forget.h. */
typedef void redact_tell(void *arg, const char *text, size_t len);

struct redact {
	struct buf *out;
	struct track *t;
	const struct mask_key *mask; /* or NULL */
	struct redact_key *keys;
	size_t keys_n, keys_cap;
	struct value *live_keys; /* keys that the event itself has */
	size_t live_n, live_cap;
	struct redact_place *places;
	size_t places_n, places_cap;
	bool altered; /* others changed the event since its last record */
	size_t keep;  /* records whose undo had a key replaced: up to that */
	redact_tell *tell_place, *tell_rule;
	void *arg;
};

/* Room for one more element of an array in the arena. */
void *redact_grow(struct arena *a, void *v, size_t n, size_t *cap, size_t size);

/*
 * Note the keys of the event that hold a needle, and tell where they are; n
 * others, which the paths have, tell nothing either.
 */
void redact_look(struct redact *w, const struct value *keys, size_t n);

/* The event, without its history. */
void redact_event(struct redact *w);

/* An undo that puts nulls where values were taken; false: none were. */
bool redact_places(struct redact *w, struct buf *out);

/* The records of the history, without brackets; false where there is none. */
bool redact_history(struct redact *w);

/*
 * Would redact_history() change any record from first on?  What it doesn't
 * change it copies.
 */
bool redact_needed(struct redact *w, size_t first);

#endif
