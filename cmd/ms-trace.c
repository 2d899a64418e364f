/*
 * ms-trace - give events an identity, and read their histories back.
 *
 * The first argument may name a subcommand; without one, every event that
 * has no id yet gets one, and an event that has gets a checkpoint.  The
 * subcommands write no record of their own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/driver.h"
#include "lineage/history.h"
#include "lineage/journey.h"
#include "lineage/replay.h"
#include "lineage/rewind.h"
#include "lineage/uuid.h"

struct trace {
	struct uuid_series series;
	struct lineage lineage;
	struct rewind target;
	enum journey_colour when;
	struct journey journey;
};

static const struct command rewind_command, log_command;

static void *
maker_new(void *arg)
{
	struct uuid_maker *m = malloc(sizeof(*m));

	(void)arg;
	if (m != NULL)
		(void)uuid_maker_init(m); /* the driver tells a bad MS_NOW */
	return m;
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
	return VERDICT_PASS;
}

static int
log_option(void *arg, int id, const char *value)
{
	static const char *const NAMES[] = {"auto", "always", "never"};
	struct trace *t = arg;

	(void)id;
	for (int i = 0; i < 3; i++) {
		if (strcmp(value, NAMES[i]) != 0)
			continue;
		t->when = (enum journey_colour)i;
		return 0;
	}
	return options_wrong(&log_command,
	    "--color: '%s' is none of auto, always, never", value);
}

static int
log_start(struct settings *set, void *arg)
{
	struct trace *t = arg;

	(void)set;
	journey_init(&t->journey, t->when);
	return STATUS_OK;
}

static enum verdict
show(struct event *ev, void *arg)
{
	const struct trace *t = arg;

	journey_write(ev->out, ev->arena, &t->journey, ev->history, ev->source,
	    ev->number);
	return VERDICT_WRITTEN;
}

static int
rewind_option(void *arg, int id, const char *value)
{
	struct trace *t = arg;

	(void)id;
	if (rewind_parse(&t->target, value))
		return 0;
	return options_wrong(&rewind_command,
	    "--before: '%s' is no record's number from 1, and no name", value);
}

static int
rewind_start(struct settings *set, void *arg)
{
	struct trace *t = arg;

	if (lineage_init(&t->lineage, LINEAGE_OFF, set->lineage_key, "trace",
		NULL, NULL, 0) == 0)
		return STATUS_OK;
	complain(set->command, "%s", strerror(errno));
	return STATUS_IO;
}

static void
rewind_release(void *arg)
{
	struct trace *t = arg;

	lineage_release(&t->lineage);
}

static enum verdict
take_back(struct event *ev, void *arg)
{
	const struct trace *t = arg;
	struct value root = ev->root, history = ev->history;
	struct rewind_error error;

	if (!rewind_event(ev->arena, &t->target, &root, &history, &error))
		return event_fail(ev, "%s", error.text);
	lineage_write_history(ev->out, ev->arena, &t->lineage, root, history);
	return VERDICT_WRITTEN;
}

static enum verdict
strip(struct event *ev, void *arg)
{
	(void)arg;
	lineage_strip(ev->out, &ev->line, ev->root);
	return VERDICT_WRITTEN;
}

static enum verdict
replay(struct event *ev, void *arg)
{
	const char *why = replay_write(ev->out, ev->arena, ev->root);

	(void)arg;
	return why == NULL ? VERDICT_WRITTEN : event_fail(ev, "%s", why);
}

static const struct option_spec log_options[] = {
    {256, "color", "WHEN", "auto, always or never"},
    {0, NULL, NULL, NULL},
};

static const struct option_spec rewind_options[] = {
    {256, "before", "N|NAME", "what this record's stage received (1)"},
    {0, NULL, NULL, NULL},
};

static const struct command trace_command = {
    .name = "ms-trace",
    .op = "trace",
    .synopsis = "[options] [file ...]\n"
		"   or: ms-trace log [options] [file ...]\n"
		"   or: ms-trace rewind [options] [file ...]\n"
		"   or: ms-trace strip [options] [file ...]\n"
		"   or: ms-trace replay [options] [file ...]",
    .summary = "Give events an id and an origin; read their histories back.",
    .local_new = maker_new,
    .local_free = free,
    .event = trace,
};

static const struct command log_command = {
    .name = "ms-trace",
    .op = "log",
    .synopsis = "log [options] [file ...]",
    .summary = "Show the events' histories.",
    .options = log_options,
    .option = log_option,
    .start = log_start,
    .event = show,
};

static const struct command rewind_command = {
    .name = "ms-trace",
    .op = "rewind",
    .synopsis = "rewind [options] [file ...]",
    .summary = "Write the events as an earlier stage received them.",
    .options = rewind_options,
    .option = rewind_option,
    .start = rewind_start,
    .event = take_back,
    .release = rewind_release,
};

static const struct command strip_command = {
    .name = "ms-trace",
    .op = "strip",
    .synopsis = "strip [options] [file ...]",
    .summary = "Write the events without their histories.",
    .event = strip,
};

static const struct command replay_command = {
    .name = "ms-trace",
    .op = "replay",
    .synopsis = "replay [options] [file ...]",
    .summary = "Turn a file of --rejects back into the lines it came from.",
    .event = replay,
};

int
main(int argc, char **argv)
{
	static const struct command *const SUBCOMMANDS[] = {
	    &log_command, &rewind_command, &strip_command, &replay_command};
	struct trace t = {.target = {.number = 1}};

	for (size_t i = 0; argc > 1 && i < 4; i++) {
		const struct command *c = SUBCOMMANDS[i];

		if (strcmp(argv[1], c->op) == 0)
			return driver_main(c, &t, argc - 1, argv + 1);
	}
	return driver_main(&trace_command, &t, argc, argv);
}
