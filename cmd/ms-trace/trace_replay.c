/*
 * ms-trace replay - turn a file of rejects back into lines.
 */
#include "driver/driver.h"
#include "driver/policed.h"
#include "history/replay.h"
#include "readers.h"

enum { HEAD = 1 << 20, LONGEST = 1 << 30 }; /* bytes */

struct replaying {
	const struct settings *set;
};

/*
 * A reject holds its line one level down, every byte of it in up to six, and
 * a head with the rule.
 */
static int
start(struct settings *set, void *arg)
{
	struct replaying *r = arg;
	size_t n = set->max_line;

	r->set = set;
	set->max_line = n < (LONGEST - HEAD) / 6 ? 6 * n + HEAD : LONGEST;
	set->max_depth++;
	return STATUS_OK;
}

static enum verdict
replay(struct event *ev, void *arg)
{
	const struct replaying *r = arg;
	size_t from = ev->out->len;
	const char *why = replay_write(ev->out, ev->arena, ev->root);

	if (why != NULL)
		return event_fail(ev, "%s", why);
	if (buf_failed(ev->out) ||
	    policed_passes(
		r->set->policed, ev, ev->out->p + from, ev->out->len - from))
		return VERDICT_WRITTEN;
	return VERDICT_WITHHOLD;
}

static const struct command command = {
    .keeps_policy = true,
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
	struct replaying r = {.set = NULL};

	return driver_main(&command, &r, argc, argv);
}
