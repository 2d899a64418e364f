/*
 * command - what tells one filter of the family from another.
 *
 * With -j N the callback runs in N threads: what start() made is shared and
 * must not be changed by event(); what a thread changes is its local.
 */
#ifndef DRIVER_COMMAND_H
#define DRIVER_COMMAND_H

#include <stdbool.h>

#include "base/buf.h"
#include "driver/event.h"
#include "driver/settings.h"
#include "driver/status.h"

struct option_spec {
	int id;            /* a short option's letter, or 256 to 999 */
	const char *name;  /* long name, or NULL */
	const char *value; /* what its value is called in --help, or NULL */
	const char *help;  /* one line; NULL: shown with the next option */
};

struct command {
	const char *name;     /* "ms-filter" */
	const char *op;       /* of its records: "filter" */
	const char *synopsis; /* behind the name, as in the man page */
	const char *summary;  /* one line for --help */
	const struct option_spec *options; /* its own; ends with a zero */
	const struct option_spec *shared;  /* of its own kind; or NULL */
	bool reads_histories;              /* and writes no record of its own */
	bool checks_seals;  /* it does, and wants the keys of MS_SEAL_KEY */
	bool judges_policy; /* reads histories and takes --policy */
	bool takes_policy;  /* reads histories, forgets what a policy says */
	bool keeps_policy;  /* passes lines on by policed_passes() */
	bool masks;         /* the same with --key-file */
	bool takes_program; /* the first argument is one (or -f FILE) */
	bool may_lack_it;   /* start() says what it needs one for */
	bool has_programs;  /* else: of its own, which take --arg and its kin */
	bool no_filter;     /* of the family's options only -h and -V */

	/*
	 * After the options: is there no program unless -f gave one, so that
	 * all arguments are files?  Its text is empty then.  May be unset.
	 */
	bool (*no_program)(const void *arg);

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

	/*
	 * Where the settings say in_order, event() is called for one event
	 * after the other, in the order of the input, and may change what
	 * start() made.  What of an event doesn't depend on that, prepare()
	 * may do before, in any thread: it sets ev->prepared, in the event's
	 * arena; event() finds NULL there where it wasn't called.  fetch()
	 * asks for the memory that event() will look at: at first that
	 * of stage 0, a few events later that of stage 1, then of stage 2.
	 *
	 * With the settings' later, event() may be called with ev->later: then
	 * what it changes is settled at once, what it gives is left to
	 * complete(), which is called behind VERDICT_PASS in any thread, and
	 * what that needs stands in the arena ev->later.  There
	 * event_is_light() must be asked before; VERDICT_AT_ONCE has event()
	 * called once more, without.
	 */
	void (*prepare)(struct event *ev, void *arg);
	void (*fetch)(const void *prepared, void *arg, int stage);
	void (*complete)(struct event *ev, void *arg);

	/*
	 * The event passed, and what event() gave stands in the output: keep
	 * what it changes.  An output that a limit refuses makes the event a
	 * reject, and this isn't called.  False after event_fail(), which
	 * ends the stage.  May be unset.
	 */
	bool (*settle)(struct event *ev, void *arg);

	/*
	 * With the settings' ahead: have what the event will need asked for,
	 * while an earlier one waits; nothing may be said of it.  False where
	 * that is enough for now.  See ahead.h.
	 */
	bool (*ask)(struct event *ev, void *arg);

	/*
	 * {"ms.time"}: nothing older than that, in microseconds since 1970,
	 * follows; may make events.  *passed_on is what the line says
	 * behind them, the same at first.  Gives what end() does.  May be
	 * unset: the line passes as it is.
	 */
	enum verdict (*time)(
	    struct event *ev, void *arg, int64_t time, int64_t *passed_on);

	/*
	 * {"ms.seal"}: a line that signs events, as the event's root.  What
	 * it writes stands in its place.  VERDICT_WRITTEN, or VERDICT_REJECT
	 * where the line is wrong.  May be unset: the line passes as it is.
	 */
	enum verdict (*seal)(struct event *ev, void *arg);

	/*
	 * After the last event, where all are worked on in one thread: may
	 * make events.  cut: a signal ended the input.  VERDICT_WRITTEN, or
	 * VERDICT_ABORT.  May be unset.
	 */
	enum verdict (*end)(struct event *ev, void *arg, bool cut);

	/*
	 * Where the settings say batches, a command keeps what its events
	 * change, and its lines are held until that is safe.  resume() gives
	 * the lines that an earlier run may not have written.  commit() gets
	 * a batch's lines, which are written next; the last call, without
	 * lines, says that all are written.  False after a complaint: the
	 * stage ends, and the lines aren't written.
	 */
	bool (*resume)(void *arg, struct buf *lines);
	bool (*commit)(void *arg, const char *lines, size_t len);

	/* A batch's lines are written: do what would have delayed them. */
	void (*tidy)(void *arg);

	/*
	 * Where the settings say beside: keep what the events before a
	 * barrier have changed; the barrier, whose name is JSON, is passed on
	 * next.  With keep_end the end of the input is one too, of the name
	 * null.  False after a complaint: the stage ends, and it isn't.
	 */
	bool (*barrier)(void *arg, const char *name, size_t len);

	/* After the last event, before the last flush; may write to out. */
	void (*finish)(void *arg, struct buf *out);

	/* Free what start() made. */
	void (*release)(void *arg);
};

#endif
