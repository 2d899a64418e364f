/*
 * ms-trace replay - turn a file of rejects back into lines.
 */
#include "driver/driver.h"
#include "history/replay.h"
#include "readers.h"

enum { HEAD = 1 << 20, LONGEST = 1 << 30 }; /* bytes */

/*
 * A reject holds its line one level down, every byte of it in up to six, and
 * a head with the rule.
 */
static int
start(struct settings *set, void *arg)
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

static const struct command command = {
    .name = "ms-trace",
    .op = "replay",
    .synopsis = "replay [options] [file ...]",
    .summary = "Turn a file of --rejects back into the lines it came from.",
    .start = start,
    .event = replay,
};

int
trace_replay(int argc, char **argv)
{
	return driver_main(&command, NULL, argc, argv);
}
