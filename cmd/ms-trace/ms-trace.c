/*
 * ms-trace - give events an identity, and read their histories back.
 *
 * The first argument may name a subcommand; without one, every event that
 * has no id yet gets one, and an event that has gets a checkpoint.  The
 * subcommands write no record of their own.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "driver/driver.h"
#include "frame.h"
#include "history/history.h"
#include "record/traceparent.h"
#include "lang/compile/nearest.h"
#include "record/uuid.h"
#include "readers.h"
#include "state/duration.h"
#include "value/string.h"

enum { TRACEPARENT = 256, SOURCE, TICK };

struct trace {
	struct uuid_series series;
	const char *traceparent; /* where an event has its own, or NULL */
	struct pointer path;     /* the same */
	const char *source;      /* --source NAME, or NULL */
	int64_t tick;            /* --tick TIME in microseconds, or 0 */
};

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} subcommands[] = {
    {"log", trace_log},
    {"show", trace_show},
    {"blame", trace_blame},
    {"why", trace_why},
    {"diff", trace_diff},
    {"compare", trace_compare},
    {"test", trace_test},
    {"rewind", trace_rewind},
    {"revert", trace_revert},
    {"shrink", trace_shrink},
    {"seal", trace_seal},
    {"verify", trace_verify},
    {"account", trace_account},
    {"stats", trace_stats},
    {"graph", trace_graph},
    {"export", trace_export},
    {"report", trace_report},
    {"of", trace_of},
    {"strip", trace_strip},
    {"replay", trace_replay},
    {"forget", trace_forget},
    {"keygen", trace_keygen},
};

enum { SUBCOMMANDS = sizeof(subcommands) / sizeof(*subcommands) };

static const struct command command;

static const struct option_spec options[] = {
    {TRACEPARENT, "traceparent", "PATH", "where events have a trace context"},
    {SOURCE, "source", "NAME", NULL},
    {TICK, "tick", "TIME", "the events' source; lines of time so often"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct trace *t = arg;

	switch (id) {
	case SOURCE:
		t->source = value;
		return 0;
	case TICK:
		if (duration_parse(value, strlen(value), &t->tick) &&
		    t->tick > 0)
			return 0;
		return usage_wrong(&command,
		    "--tick: '%s' is no time as 1s (us ms s m h d w)", value);
	default:
		t->traceparent = value;
		return 0;
	}
}

/* Is it a slip of a subcommand's name?  Complain then. */
static bool
is_near(const char *word)
{
	size_t len = strlen(word);
	unsigned least = (len < 4 ? 1 : 2) + 1;
	const char *near = NULL;

	for (size_t i = 0; i < SUBCOMMANDS; i++) {
		const char *name = subcommands[i].name;
		unsigned d = nearest_distance(word, len, name, strlen(name));

		if (d >= least)
			continue;
		least = d;
		near = name;
	}
	if (near == NULL)
		return false;
	if (least == 0)
		usage_wrong(&command,
		    "'%s' is no file; a subcommand comes first: ms-trace %s",
		    word, near);
	else
		usage_wrong(&command,
		    "'%s' is neither a file nor a subcommand; is '%s' meant?",
		    word, near);
	return true;
}

/* An argument that is no file, but nearly a subcommand, isn't traced. */
static bool
has_near(const struct settings *set)
{
	for (size_t i = 0; i < set->files_n; i++)
		if (access(set->files[i], F_OK) == -1 && is_near(set->files[i]))
			return true;
	return false;
}

static int
start(struct settings *set, void *arg)
{
	struct trace *t = arg;
	struct clock clock;

	if (has_near(set))
		return STATUS_USAGE;
	set->source = t->source;
	set->tick = t->tick;
	if (clock_init(&clock) && clock.frozen)
		set->threads = 1; /* ids are a count then, in order */
	if (t->traceparent == NULL)
		return STATUS_OK;
	return frame_path(
	    &command, set, "--traceparent: ", t->traceparent, &t->path);
}

static void *
maker_new(void *arg)
{
	struct uuid_maker *m = malloc(sizeof(*m));

	(void)arg;
	if (m != NULL)
		(void)uuid_maker_init(m); /* the driver tells a bad MS_NOW */
	return m;
}

/*
 * The origin goes on with the trace context that the event carries.  One
 * that is none is passed over, as W3C wants it; the event still holds it.
 */
static void
join_trace(struct event *ev, const struct trace *t)
{
	static const char NAME[] = ",\"traceparent\":\"";
	size_t name = sizeof(NAME) - 1, n = ev->record.from_len - 1;
	struct value v;
	char *from;

	if (!pointer_get(ev->arena, ev->root, &t->path, &v) ||
	    !value_is_string(v))
		return;
	v = string_decoded(ev->arena, v);
	if (!traceparent_valid(v.text, v.n))
		return;
	from = arena_alloc(ev->arena, n + name + v.n + 3);
	memcpy(from, ev->record.from, n);
	memcpy(from + n, NAME, name);
	memcpy(from + n + name, v.text, v.n);
	memcpy(from + n + name + v.n, "\"}", 3);
	ev->record.from = from;
	ev->record.from_len = n + name + v.n + 2;
}

static enum verdict
trace(struct event *ev, void *arg)
{
	struct trace *t = arg;
	struct value record;
	char *id;

	if (history_identity(ev->arena, ev->history, &record))
		return VERDICT_PASS;
	id = arena_alloc(ev->arena, UUID_TEXT + 1);
	if (!uuid_next(&t->series, ev->local, id))
		return event_fail(ev, "no random bytes for an id");
	ev->record.id = id;
	event_origin(ev);
	if (t->traceparent != NULL)
		join_trace(ev, t);
	return VERDICT_PASS;
}

static const struct command command = {
    .name = "ms-trace",
    .op = "trace",
    .synopsis =
	"[options] [file ...]\n"
	"   or: ms-trace log|verify|account|stats|graph|report|strip [options] "
	"[file "
	"...]\n"
	"   or: ms-trace export -T TYPE [options] [file ...]\n"
	"   or: ms-trace blame|why|show|forget [options] [PATH ...] [--] [file "
	"...]\n"
	"   or: ms-trace diff [options] [FROM [TO]] [--] [file ...]\n"
	"   or: ms-trace compare [options] OLD NEW\n"
	"   or: ms-trace test [options] [file ...] -- COMMAND ...\n"
	"   or: ms-trace of [options] RESULTS [file ...]\n"
	"   or: ms-trace shrink --fails COMMAND [options] [file ...]\n"
	"   or: ms-trace rewind|revert|replay|seal [options] [file ...]\n"
	"   or: ms-trace keygen [--sign] FILE",
    .summary = "Give events an id and an origin; read their histories back.",
    .options = options,
    .option = option,
    .start = start,
    .local_new = maker_new,
    .local_free = free,
    .event = trace,
};

/* Number of the subcommand of that name, SUBCOMMANDS where there is none. */
static size_t
find(const char *name)
{
	size_t i = 0;

	while (i < SUBCOMMANDS && strcmp(name, subcommands[i].name) != 0)
		i++;
	return i;
}

/* ms-trace help [SUBCOMMAND] */
static int
help(struct trace *t, int argc, char **argv)
{
	static char option_help[] = "--help";
	char *shown[] = {argv[0], option_help, NULL};
	size_t i = argc > 2 ? find(argv[2]) : SUBCOMMANDS;

	if (i < SUBCOMMANDS)
		return subcommands[i].main(2, shown);
	if (argc <= 2)
		return driver_main(&command, t, 2, shown);
	if (!is_near(argv[2]))
		usage_wrong(&command, "'%s' is no subcommand", argv[2]);
	return STATUS_USAGE;
}

int
main(int argc, char **argv)
{
	struct trace t = {.traceparent = NULL};
	size_t i = argc > 1 ? find(argv[1]) : SUBCOMMANDS;

	if (i < SUBCOMMANDS)
		return subcommands[i].main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "help") == 0)
		return help(&t, argc, argv);
	return driver_main(&command, &t, argc, argv);
}
