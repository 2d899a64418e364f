/*
 * windows - events folded into one result for each key and window.
 *
 * What the state holds for a window is, as bytes: a struct pane, the
 * composition, and the JSON text of the state.
 */
#ifndef WINDOWS_H
#define WINDOWS_H

#include "fold.h"

/* A key's share of a window. */
struct pane {
	int64_t from, to;
	uint64_t order; /* of the key's first event, among all events */
	uint32_t rev;   /* results that were written */
	uint32_t masks; /* policed_masks() at all its events, or 0 */
};

/* The same with all that the state holds for it. */
struct pane_content {
	struct pane pane;
	struct composition of;
	const char *state; /* JSON text, in the state; NULL: there is none */
	size_t state_len;
};

/* A window of a key as the queue has it, or a held event: the key there. */
struct pane_key {
	size_t len;
	size_t name_len; /* of it, the key's text alone */
	char text[];
};

/* --- sessions.c --- */

/* An event that is held, as the state has it. */
struct held_head {
	int64_t time;
	uint64_t order;
	uint64_t number; /* of its line */
	uint32_t source_len;
	uint32_t masks; /* policed_masks() when it came */
};

struct held_content {
	struct held_head head;
	struct held_line line;
};

/* Is an entry of the state an event that is held? */
bool sessions_is_held(const struct fold *f, const struct state_entry *e);
void sessions_read(const struct state_entry *e, struct held_content *c);
void sessions_put(struct buf *b, const struct held_content *c);

/* Have it folded when its time has come; false without memory. */
bool sessions_plan(
    struct fold *f, const struct state_entry *e, size_t name_len);

/* Hold the event in hand, whose key is in local; false after event_fail(). */
bool sessions_hold(
    struct fold *f, struct event *ev, size_t name_len, int64_t time);

/* Fold one whose time has come; false after event_fail(). */
bool sessions_fold(struct fold *f, struct event *ev, const struct pane_key *k);

/* --- windows.c --- */

/*
 * Fold an event of that time, whose key is in local, into its windows:
 * VERDICT_WRITTEN, or what event_fail() was called for.
 */
enum verdict windows_fold(
    struct fold *f, struct event *ev, size_t name_len, int64_t time);

/* Put a key into a queue; false without memory. */
bool windows_add(struct due_queue *q, const char *key, size_t len,
    size_t name_len, const struct due *when);

/* Say what didn't fit; false where something didn't. */
bool windows_tell_full(
    const struct fold *f, struct event *ev, enum state_status status);

/* Fold one event; what it closes is written. */
enum verdict windows_event(struct event *ev, void *arg);

/*
 * Have a window, which the state holds under a key, closed when its time has
 * come; name_len bytes of that are the key's text alone.  False where memory
 * is missing.
 */
bool windows_plan(struct fold *f, const char *key, size_t len, size_t name_len,
    const struct pane *p);

/* Nothing older follows: see time() in driver/command.h. */
enum verdict windows_time(
    struct event *ev, struct fold *f, int64_t time, int64_t *passed_on);

/* The end of the input: write what is open, unless it is kept. */
enum verdict windows_end(struct event *ev, struct fold *f, bool cut);

/* End what the windows hold of memory. */
void windows_release(struct fold *f);

/* --- open_windows.c --- */

/* A window is new, or starts earlier than before; false without memory. */
bool open_windows_note(
    struct fold *f, const char *key, size_t len, const struct pane *p);

/*
 * Put *time back to the start of the window that has been open longest, or to
 * the event that is held longest, where that is earlier; false without memory.
 */
bool open_windows_oldest(struct fold *f, int64_t *time);

/* --- window_result.c --- */

/* The members that hold the keys; false after a complaint. */
bool result_names(struct fold *f, const struct settings *set);

/* Can this state be in a result?  False after event_fail(). */
bool result_holds(const struct fold *f, struct event *ev, struct value state);

/*
 * Write the result of a window of a key: the state in c, and what an earlier
 * revision said, where former isn't NULL.  One that can't be written is a
 * reject, beside the event in hand.
 */
void result_write(struct fold *f, struct event *ev, const char *key, size_t len,
    const struct pane_content *c, const char *former, size_t former_len);

#endif
