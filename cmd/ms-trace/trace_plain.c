/*
 * ms-trace strip, ms-trace replay - events without their histories, and
 * lines out of a file of rejects.
 */
#include "history/replay.h"
#include "driver/driver.h"
#include "subcommands.h"

static enum verdict
strip(struct event *ev, void *arg)
{
	size_t from = ev->out->len;

	(void)arg;
	lineage_strip(ev->out, &ev->line, ev->root);
	return event_written(ev, ev->out, from);
}

enum { HEAD = 1 << 20, LONGEST = 1 << 30 }; /* bytes */

/*
 * A reject holds its line one level down, every byte of it in up to six, and
 * a head with the rule.
 */
static int
replay_start(struct settings *set, void *arg)
{
	size_t n = set->max_line;

	(void)arg;
	set->max_line = n < (LONGEST - HEAD) / 6 ? 6 * n + HEAD : LONGEST;
	set->max_depth++;
	return STATUS_OK;
}

static enum verdict
replay(struct event *ev, void *arg)
{
	const char *why = replay_write(ev->out, ev->arena, ev->root);

	(void)arg;
	return why == NULL ? VERDICT_WRITTEN : event_fail(ev, "%s", why);
}

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
    .start = replay_start,
    .event = replay,
};

int
trace_strip(int argc, char **argv)
{
	return driver_main(&strip_command, NULL, argc, argv);
}

int
trace_replay(int argc, char **argv)
{
	return driver_main(&replay_command, NULL, argc, argv);
}
