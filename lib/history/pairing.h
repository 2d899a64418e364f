/*
 * pairing - the events of two files, each brought together with its other.
 *
 * Both files are read side by side; an event whose other hasn't come yet is
 * held.  So memory grows with how far the order of the two differs, and with
 * what is only in one of them, not with the files.  The text of what is held
 * goes to a temporary file beyond a limit; about 200 bytes an event stay.
 */
#ifndef HISTORY_PAIRING_H
#define HISTORY_PAIRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "history/identity.h"

enum pairing_side { PAIRING_OLD, PAIRING_NEW };

enum pairing_result {
	PAIRING_FOUND, /* the other is given */
	PAIRING_HELD,
	PAIRING_FAILED, /* errno says why */
};

/* An event that is held: its line, and the number of it in its file. */
struct paired {
	const char *text;
	size_t len;
	uint64_t line;
};

struct pairing;
struct pairing_entry;

/* Texts up to limit bytes stay in memory.  NULL and errno on failure. */
struct pairing *pairing_new(size_t limit);
void pairing_free(struct pairing *p);

/*
 * Give the next event of a side; *other gets its other, in the arena, where
 * that is held.  Events with the same identity are paired in their order.
 */
enum pairing_result pairing_put(struct pairing *p, struct arena *a,
    enum pairing_side side, const struct identity *who,
    const struct paired *event, struct paired *other);

/* How many events of a side are held, and the first and next of them. */
size_t pairing_left(const struct pairing *p, enum pairing_side side);
struct pairing_entry *pairing_first(struct pairing *p, enum pairing_side side);
struct pairing_entry *pairing_next(struct pairing_entry *e);

/* The event of an entry; false and errno where it can't be read. */
bool pairing_read(struct pairing *p, struct arena *a,
    const struct pairing_entry *e, struct paired *event);

/* Something that the user keeps with an entry: NULL at first. */
void **pairing_note(struct pairing_entry *e);

/*
 * Call found for each held event of a side that is this one, or was forked
 * from it; which may only take notes.
 */
void pairing_find(struct pairing *p, enum pairing_side side,
    const struct identity *who,
    void (*found)(struct pairing_entry *e, void *arg), void *arg);

#endif
