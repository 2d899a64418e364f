/*
 * state - texts by key, in bounded memory.
 *
 * What a stream remembers: for each key, a text and the time when it was
 * last set.  A state knows in which order its keys were used, forgets the
 * one that was used longest ago where only so many may be held, and tells
 * what has changed since somebody asked, so that changes can be written
 * elsewhere.
 *
 * Texts belong to the state; a pointer to one, or to an entry, holds until
 * the next call that changes the state.
 */
#ifndef STATE_STATE_H
#define STATE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct state;

struct state_limits {
	size_t bytes; /* that all entries may take together */
	size_t keys;  /* held at once; 0 for no limit but bytes */
	int64_t ttl;  /* microseconds that an entry lasts; 0: for ever */
	bool changes; /* remember what has changed: state_changes() */
};

struct state_entry {
	const char *key;
	size_t key_len;
	const char *text; /* NULL where the key was forgotten */
	size_t text_len;
	int64_t at; /* microseconds since 1970 */
	size_t use; /* of a changed one: see state_changes() */
};

/* An empty state.  NULL where memory is missing. */
struct state *state_new(const struct state_limits *limits);
void state_free(struct state *s);

/* The entry of a key; false where there is none. */
bool state_find(
    struct state *s, const char *key, size_t len, struct state_entry *e);

/* The same, for who sets it only later. */
bool state_peek(
    const struct state *s, const char *key, size_t len, struct state_entry *e);

/* The entry that state_find() found is the one used last; that is a change. */
void state_use(struct state *s);

/* A key's hash, for state_fetch(). */
uint64_t state_hash(const struct state *s, const char *key, size_t len);

/*
 * A key with that hash is looked for soon: ask for the memory where it stands,
 * in three stages from 0, each some time after the one before.
 */
void state_fetch(const struct state *s, uint64_t hash, int stage);

enum state_status {
	STATE_OK,
	STATE_FULL,      /* the limit of bytes; nothing has changed */
	STATE_NO_MEMORY, /* nothing has changed */
};

/*
 * Set the text of a key, which is then the one used last.  Where that makes
 * a key too many, the one that was used longest ago is forgotten.
 */
enum state_status state_put(struct state *s, const char *key, size_t len,
    const char *text, size_t text_len, int64_t at);

/*
 * The same for a new key that no limit of keys or time forgets, which takes
 * part in the limit of bytes alone.
 */
enum state_status state_hold(struct state *s, const char *key, size_t len,
    const char *text, size_t text_len, int64_t at);

/* Forget a key; nothing happens where there is none. */
void state_remove(struct state *s, const char *key, size_t len);

/*
 * Forget the entries that were set longer than their time before, or would be
 * set so far ahead.  now is the next event's time: what one event alone says
 * of it forgets nothing, since its clock may be wrong.
 */
void state_expire(struct state *s, int64_t now);

/*
 * The time that state_expire() was told last, for who goes on with the same
 * entries; false where there was none, or entries last for ever.
 */
bool state_last_time(const struct state *s, int64_t *time);
void state_go_on_from(struct state *s, int64_t time);

/* Are two times further apart than that? */
static inline bool
state_apart(int64_t a, int64_t b, int64_t most)
{
	return a > b ? a - b > most : b - a > most;
}

size_t state_count(const struct state *s);   /* keys held */
size_t state_bytes(const struct state *s);   /* that they take */
size_t state_evicted(const struct state *s); /* forgotten for the limit */

/*
 * Call each with every entry, the one used longest ago first, and behind them
 * those of state_hold().  each returns false to stop.  False where it did.
 */
typedef bool state_each(void *arg, const struct state_entry *e);
bool state_all(const struct state *s, state_each *each, void *arg);

/*
 * The same with every entry that has changed since state_settle(): in the
 * order of the first change, or, where there is a limit of keys or time, of
 * the last use, behind those that were forgotten or are held.  There use
 * counts them from 1; it is 0 of all others.  All that didn't change were used
 * before.
 */
bool state_changes(const struct state *s, state_each *each, void *arg);

/*
 * The changed ones in the order of their keys' bytes, which a file that is
 * ordered takes faster; in their own order where memory is missing.
 */
bool state_changes_by_key(const struct state *s, state_each *each, void *arg);

/* All changes so far are known elsewhere. */
void state_settle(struct state *s);

#endif
