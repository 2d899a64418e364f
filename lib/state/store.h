/*
 * store - texts by key, in bounded memory.
 *
 * What a stream remembers: for each key, a text and the time when it was
 * last set.  The store knows in which order its keys were used, forgets the
 * one that was used longest ago where only so many may be held, and tells
 * what has changed since somebody asked, so that changes can be written
 * elsewhere.
 *
 * Texts belong to the store; a pointer to one, or to an entry, holds until
 * the next call that changes the store.
 */
#ifndef STATE_STORE_H
#define STATE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

struct store_limits {
	size_t bytes; /* that all entries may take together */
	size_t keys;  /* held at once; 0 for no limit but bytes */
	int64_t ttl;  /* microseconds that an entry lasts; 0: for ever */
	bool changes; /* remember what has changed: store_changes() */
};

struct store_entry {
	const char *key;
	size_t key_len;
	const char *text; /* NULL where the key was forgotten */
	size_t text_len;
	int64_t at; /* microseconds since 1970 */
};

/* An empty store.  NULL where memory is missing. */
struct store *store_new(const struct store_limits *limits);
void store_free(struct store *s);

/* The entry of a key, now the one used last; false where there is none. */
bool store_find(
    struct store *s, const char *key, size_t len, struct store_entry *e);

enum store_status {
	STORE_OK,
	STORE_FULL,      /* the limit of bytes; nothing has changed */
	STORE_NO_MEMORY, /* nothing has changed */
};

/*
 * Set the text of a key, which is then the one used last.  Where that makes
 * a key too many, the one that was used longest ago is forgotten.
 */
enum store_status store_put(struct store *s, const char *key, size_t len,
    const char *text, size_t text_len, int64_t at);

/* Forget a key; nothing happens where there is none. */
void store_remove(struct store *s, const char *key, size_t len);

/* Forget the entries that have lasted longer than their time. */
void store_expire(struct store *s, int64_t now);

size_t store_count(const struct store *s);   /* keys held */
size_t store_bytes(const struct store *s);   /* that they take */
size_t store_evicted(const struct store *s); /* forgotten for the limit */

/*
 * Call each with every entry, the one used longest ago first; with every
 * entry that has changed since store_settle(), in the order of the first
 * change.  each returns false to stop.  False where it did.
 */
typedef bool store_each(void *arg, const struct store_entry *e);
bool store_all(const struct store *s, store_each *each, void *arg);
bool store_changes(const struct store *s, store_each *each, void *arg);

/* All changes so far are known elsewhere. */
void store_settle(struct store *s);

#endif
