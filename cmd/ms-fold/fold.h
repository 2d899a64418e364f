/*
 * fold - what the files of ms-fold share.
 *
 * One thread folds: what start() made is changed by each event.
 */
#ifndef FOLD_H
#define FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/instant.h"
#include "driver/driver.h"
#include "driver/keeping.h"
#include "driver/recall.h"
#include "driver/setter.h"
#include "history/provenance.h"
#include "state/composition.h"
#include "state/due.h"
#include "state/keep.h"
#include "state/position.h"
#include "state/state.h"
#include "state/window_plan.h"

enum { FOLD_KEYS = 16 };

#define FOLD_LATE_END INT64_MAX /* windows close at the end of the input */

/* The texts of an entry, whose value was forgotten where it is empty. */
struct persist_texts {
	struct buf key, value;
	char at[INSTANT_TEXT]; /* RFC 3339, or "" */
	size_t at_len;
};

/* What the options say, and what start() makes of it. */
struct fold {
	const char *by[FOLD_KEYS];
	size_t by_n;
	const char *as;
	const char *time;
	int64_t unit; /* of a time that is a number: units in a second */
	struct state_limits limits;
	const char *window; /* as the user spelled it, or NULL */
	struct window_plan plan;
	int64_t late;        /* microseconds; or FOLD_LATE_END */
	int64_t keep;        /* that a closed window can still be revised */
	const char *late_to; /* file for what comes later, or NULL */
	const char *file;    /* where the state is kept, or NULL */
	const char *load;    /* file of lines to read into it */
	bool reset, dump, close;
	bool judges_repeats; /* --on-repeat was given */
	bool stop_on_repeat;

	const struct settings *set;
	struct program *program; /* with $event and $origin */
	struct program *keys[FOLD_KEYS];
	struct program *when; /* of time, or NULL */
	size_t event_binding; /* $origin's is the next one */
	bool wants_origin;
	struct setter setter;
	struct state *kept;
	struct buf rule;

	/* Windows: */
	struct value names[FOLD_KEYS]; /* members that hold the keys */
	struct due_queue due;
	struct due_queue held; /* events of sessions, until their time comes */
	struct due_queue open; /* by their starts: see open_windows.c */
	bool asked_for_open;
	struct composition_names sources;
	int64_t stream_time; /* nothing before it is waited for */
	bool has_time;
	uint64_t order;       /* given to the keys as they come */
	uint64_t first_order; /* that this run gives */
	uint64_t partly_late; /* events that only some windows still took */

	/* What is kept in a file: */
	struct keep *keep_file;
	uint64_t uses; /* numbers that rows have, in the order of use */
	struct positions *positions;
	uint64_t repeats; /* events that were folded before, and skipped */
	bool told_new;    /* that some can't be known as repeats */

	struct keeping beside;      /* MS_STATE */
	struct persist_texts texts; /* of a line for it */
};

/* Does the state outlive the stage? */
static inline bool
fold_is_kept(const struct fold *f)
{
	return f->keep_file != NULL || f->beside.file != NULL;
}

/* What is known of an event before its turn, and then what it is to say. */
struct fold_prepared {
	const char *key;
	size_t key_len;
	uint64_t hash; /* of the key that the state has, most often */
	int64_t time;  /* where there is a --time */
	bool refused;
	struct event_reason why;
	struct provenance origin; /* where a result is to tell of it */
	const char *state;        /* what the event passes on with: JSON */
	size_t state_len;
	bool settled;
};

/* What it takes to run them. */
struct fold_local {
	struct machine *program;
	struct machine *keys[FOLD_KEYS];
	struct machine *when;
	struct machine *setter;
	struct clock clock;
	struct scan scan;      /* of states */
	struct buf key;        /* of the event in hand */
	struct buf state;      /* its new state */
	struct buf next;       /* the same, of a window */
	struct buf former;     /* the state before it, of a window */
	struct buf forks;      /* the event's fork path */
	struct buf record;     /* texts of a result's record */
	struct arena results;  /* for one result at a time */
	struct arena recalled; /* for one held event at a time */
	struct buf text;       /* of one as it is held */
	struct recall recall;  /* in the place of which event it is */
	int64_t now;           /* of the event in hand */
	bool forgotten;        /* it has no new state */
	uint32_t held_masks;   /* policed_masks() when it came */
	bool recalls;          /* it is one that was held */
	bool known;            /* its position is to be noted */
};

/* --- programs.c: running the programs on an event --- */

/* Compile them all: STATUS_OK, or the status after a complaint. */
int fold_compile(struct fold *f, struct settings *set);
void *fold_local_new(void *arg);
void fold_local_free(void *local);

/* Find the event's key, in local->key; false after event_fail(). */
bool fold_key(const struct fold *f, struct event *ev);

/* When the event was, in microseconds; false after event_fail(). */
bool fold_time(const struct fold *f, struct event *ev, int64_t *micros);

/*
 * Both, of which time may be NULL, unless they are prepared.  False after
 * event_fail().
 */
bool fold_place(const struct fold *f, struct event *ev, int64_t *time);

/*
 * Run PROGRAM on the state, a JSON text or NULL for none: *next is the new
 * one, VALUE_NULL where it is to be forgotten.  False after event_fail().
 */
bool fold_run(const struct fold *f, struct event *ev, const char *state,
    size_t len, struct value *next);

/* --- prepared.c: what of an event needs no turn --- */

/* prepare(), fetch() and complete() of the command: see driver/command.h. */
void fold_prepare(struct event *ev, void *arg);
void fold_fetch(const void *prepared, void *arg, int stage);
void fold_complete(struct event *ev, void *arg);

/* --- windows.c --- */

/* Behind the key, in local->key, the start of a window: so the state has it. */
void windows_put_key(struct fold_local *l, int64_t from);

/* --- origin.c: where the event came from --- */

/* The same for an event that isn't prepared. */
void fold_find_origin(struct event *ev, struct provenance *o);

/* $origin: {"id","source","line"} */
struct value fold_origin_value(struct event *ev);

/*
 * Where in which source it stands; false where that isn't known, or changes
 * with each run: standard input.
 */
bool fold_position(struct event *ev, struct value *source, struct position *at);

/* The event's id, its place and its forks, for a composition. */
bool fold_origin(struct fold *f, struct event *ev, struct composition_event *e);

/* --- running.c --- */

/* Say that the state is full. */
void fold_full(const struct fold *f, struct event *ev);

/* Keep the new state; false after event_fail(), which ends the stage. */
bool fold_keep(const struct fold *f, struct event *ev);

/* Fold one event, which passes on with the state of its key. */
enum verdict fold_event(struct event *ev, void *arg);

#endif
