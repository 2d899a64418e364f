/*
 * event - one event in a command's hands, and the verdict on it.
 *
 * A command's callback gets a struct event, looks at it, may give it outputs
 * with event_put(), and returns a verdict.  All that the event holds ends
 * with the callback.
 */
#ifndef DRIVER_EVENT_H
#define DRIVER_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "driver/window.h"
#include "json/scan.h"
#include "lang/program.h"
#include "record/lineage.h"
#include "value/value.h"

enum verdict {
	VERDICT_PASS,      /* write the event, or what event_put() gave */
	VERDICT_LEAVE,     /* write the line as it was read, with no record */
	VERDICT_TURN_AWAY, /* dropped, or sent to --else */
	VERDICT_DROP,      /* it isn't among those to be shown */
	VERDICT_EMPTY,     /* the program gave nothing: see --no-output */
	VERDICT_REJECT,    /* event_fail() said why */
	VERDICT_WRITTEN,   /* the callback wrote to ev->out itself */
	VERDICT_ABORT,     /* nothing more can be done: event_fail() said why */
	VERDICT_WITHHOLD,  /* reject it, and show nobody its text */
	VERDICT_AT_ONCE,   /* it can't be left for later: see prepare() */
};

struct checks;
struct ahead;

struct event {
	struct arena *arena;
	struct value root; /* the event, its history hidden; with -R a string */
	struct value history; /* an array */
	struct line line;     /* as it was read */
	const char *source;   /* name of the input, "-" for standard input */
	const struct window *window;
	const struct buf *origin; /* a "from" up to the line's number */
	uint64_t index;           /* of the line in its window, from 1 */
	struct record record;     /* what its record will say; zeroed before */
	struct program_context context;  /* for machine_run() */
	struct buf *out;                 /* for VERDICT_WRITTEN */
	const struct checks *checks;     /* see check.h */
	struct ahead *ahead;             /* see ahead.h; NULL: nobody looks */
	const struct lineage *lineage;   /* of its record; NULL: the stage's */
	const struct buf *rejects_head;  /* the same for a reject */
	const struct needles *forgotten; /* was taken out of it; or NULL */
	struct forgetting *forgetting;   /* see forgetting.h */
	void *local;                     /* the thread's own state */
	void *prepared;        /* by prepare() of command.h, or NULL */
	struct arena *later;   /* what lasts until complete(), or NULL */
	struct value *outputs; /* what event_put() was given */
	size_t outputs_n, outputs_cap;
	struct value output; /* room for the only one of most events */
	const struct lineage_step *steps; /* see event_put_steps() */
	size_t steps_n;
	char error[512];    /* why it is rejected: event_fail() */
	const char *reason; /* the same, in the arena: event_reject() */
	size_t column;      /* where, from 1; 0 where there is no place */
};

/* Begin an event, which has no output. */
static inline void
event_put_nothing(struct event *ev)
{
	ev->outputs = &ev->output;
	ev->outputs_n = 0;
	ev->outputs_cap = 1;
}

/* Add an output: the event as it is to be written, which must be an object. */
void event_put(struct event *ev, struct value v);

/*
 * The output is what n changes at least one made one after another, with a
 * record of each; they last as long as the event.  For VERDICT_PASS.
 */
void event_put_steps(
    struct event *ev, const struct lineage_step *step, size_t n);

/* Number of the line in its input, from 1. */
uint64_t event_number(const struct event *ev);

/* Let the record say where the line came from. */
void event_origin(struct event *ev);

/* Say why the event is rejected; gives VERDICT_REJECT. */
enum verdict event_fail(struct event *ev, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * The same for a reason of any length, which lasts as long as the arena's
 * memory does, and for a place at byte column of the line, from 1.
 */
enum verdict event_reject(struct event *ev, size_t column, const char *reason);

/* Keep in the arena why the event is rejected, until event_reject(). */
struct event_reason {
	const char *text;
	size_t column;
};
struct event_reason event_keep_reason(const struct event *ev, struct arena *a);

/*
 * Is the event, with a JSON text added, sure to be within all limits?  For
 * events that are written later.
 */
bool event_is_light(const struct event *ev, const char *text, size_t len);

/* What a message says before value_type(): "a ", "an ", or nothing. */
const char *event_article(struct value v);

#endif
