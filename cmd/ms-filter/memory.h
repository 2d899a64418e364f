/*
 * memory - what --unique, --rate and --sample let pass.
 *
 * --unique and --rate judge an event by those before it, so one thread does;
 * --sample judges by a hash alone.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "driver/driver.h"
#include "driver/keeping.h"
#include "driver/setter.h"
#include "state/state.h"

enum memory_kind { MEMORY_NONE, MEMORY_UNIQUE, MEMORY_RATE, MEMORY_SAMPLE };

struct memory {
	enum memory_kind kind;
	/* Options as the user spelled them, or NULL. */
	const char *by, *within, *rate, *sample, *time, *count_as;
	int64_t unit;       /* of a time that is a number */
	int64_t within_for; /* microseconds; 0: for ever */
	int64_t tokens;     /* that a bucket holds, and gets in each period */
	int64_t period;     /* microseconds */
	uint64_t below;     /* hashes of the sample, unless it is all */
	bool all;
	struct state_limits limits;

	struct program *key, *when; /* or NULL */
	struct setter setter;       /* of --count-as */
	struct state *kept;
	struct keeping beside; /* MS_STATE, of --unique */
	struct buf rule;
	struct buf share; /* of the sample, as the record says it */
};

/* Of --unique: the event that passed, and those held back since. */
struct passed {
	int64_t at;
	int64_t held;
};

/* What is known of an event before its turn: see prepare() of command.h. */
struct memory_prepared {
	enum verdict verdict; /* of the predicate, and of what follows */
	struct event_reason why;
	const char *key;
	size_t key_len;
	uint64_t hash;
	int64_t time; /* where there is a --time */
	int64_t held; /* what the next one that passes is told */
	bool counts;  /* it is told that */
};

/* A thread's own. */
struct memory_local {
	struct machine *key, *when, *setter;
	struct clock clock;
	struct buf text; /* the key of the event in hand */
};

/* --- memory_options.c --- */

/* Read 100/s, 1%, ...: false where it isn't one. */
bool memory_rate(struct memory *m, const char *value);
bool memory_sample(struct memory *m, const char *value);

/* Why the options don't go together (static text), or NULL. */
const char *memory_conflict(const struct memory *m, bool inverted);

/* Compile what the options say, and make the rule; predicate as -f has it. */
int memory_start(struct memory *m, struct settings *set);
void memory_release(struct memory *m);

/* --- memory.c --- */

/* What a thread needs for the keys; false where memory is missing. */
bool memory_local_init(struct memory_local *l, const struct memory *m);
void memory_local_release(struct memory_local *l);

/*
 * Find what of an event needs no turn, where VERDICT_PASS is what the predicate
 * said: p lasts as long as the event.
 */
void memory_prepare(struct memory *m, struct memory_local *l, struct event *ev,
    struct memory_prepared *p);

/* Let the event, which passes, say how many were held back. */
void memory_complete(struct memory *m, struct memory_local *l, struct event *ev,
    const struct memory_prepared *p);

/*
 * VERDICT_PASS or VERDICT_TURN_AWAY, or what event_fail() was called for.
 */
enum verdict memory_judge(
    struct memory *m, struct memory_local *l, struct event *ev);

/* --- memory_beside.c --- */

/* Read what an earlier run kept: STATUS_OK, or that to exit with. */
int memory_keep(struct memory *m, struct settings *set);

/* See barrier() of command.h. */
bool memory_barrier(struct memory *m, const char *name, size_t len);

#endif
