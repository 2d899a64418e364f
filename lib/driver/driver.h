/*
 * driver - the one loop of the family: opens, reads, checks, hands each
 * event to the command's callback, writes, counts, reports and flushes.
 *
 * Everything that ms(7) promises is kept here, for every command alike:
 * options, exit statuses, rejects, statistics, barriers, latency.  A command
 * is a struct command and a callback for one event.
 *
 * With -j N the callback runs in N threads: what start() made is shared and
 * must not be changed by event(); what a thread changes is its local.
 */
#ifndef DRIVER_DRIVER_H
#define DRIVER_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "driver/options.h"
#include "lang/program.h"
#include "record/lineage.h"
#include "value/value.h"

enum {
	STATUS_OK = 0,
	STATUS_REJECTED = 1, /* some events were */
	STATUS_USAGE = 2,    /* or a program that doesn't compile */
	STATUS_IO = 3,       /* input or output failed */
	STATUS_DONE = 256,   /* of start(): all is done, no input is read */
};

enum verdict {
	VERDICT_PASS,      /* write the event, or what event_put() gave */
	VERDICT_TURN_AWAY, /* dropped, or sent to --else */
	VERDICT_DROP,      /* the program made nothing of it */
	VERDICT_REJECT,    /* event_fail() said why */
	VERDICT_WRITTEN,   /* the callback wrote to ev->out itself */
};

/* One event in the callback's hands; all of it ends with the callback. */
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
	struct program_context context; /* for machine_run() */
	struct buf *out;                /* for VERDICT_WRITTEN */
	void *local;                    /* the thread's own state */
	struct value *outputs;          /* what event_put() was given */
	size_t outputs_n, outputs_cap;
	char error[512];
};

/* Add an output: the event as it is to be written, which must be an object. */
void event_put(struct event *ev, struct value v);

/* Number of the line in its input, from 1. */
uint64_t event_number(const struct event *ev);

/* Let the record say where the line came from. */
void event_origin(struct event *ev);

/* Say why the event is rejected; gives VERDICT_REJECT. */
enum verdict event_fail(struct event *ev, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * The verdict on an event that was written to out, from byte from on: one
 * that the next filter would take for a barrier is rejected.
 */
enum verdict event_written(
    struct event *ev, const struct buf *out, size_t from);

struct command {
	const char *name;     /* "ms-filter" */
	const char *op;       /* of its records: "filter" */
	const char *synopsis; /* behind the name, as in the man page */
	const char *summary;  /* one line for --help */
	const struct option_spec *options; /* its own; ends with a zero */
	const struct option_spec *shared;  /* of its own kind; or NULL */
	bool takes_program; /* the first argument is one (or -f FILE) */

	/* One of these options was met: 0, or -1 after a complaint. */
	int (*option)(void *arg, int id, const char *value);

	/*
	 * After the options, before the first event: compile, open, prepare
	 * the rule.  STATUS_OK, or the status to exit with after a complaint.
	 */
	int (*start)(struct settings *set, void *arg);

	/* A thread's own state; NULL where memory is missing.  May be unset. */
	void *(*local_new)(void *arg);
	void (*local_free)(void *local);

	enum verdict (*event)(struct event *ev, void *arg);

	/* After the last event, before the last flush; may write to out. */
	void (*finish)(void *arg, struct buf *out);

	/* Free what start() made. */
	void (*release)(void *arg);
};

/* main() of a command: returns its exit status. */
int driver_main(const struct command *c, void *arg, int argc, char **argv);

#endif
