/*
 * ms-trace log - show the journey of each event.
 */
#include <unistd.h>

#include "lineage/journey.h"
#include "trace/pick.h"
#include "trace/trace.h"

enum { COLOUR = 256, ONELINE };

struct log {
	enum paper_colour when;
	struct journey journey;
	struct pick pick;
};

static const struct command command;

static const struct option_spec options[] = {
    {'p', "patch", NULL, "show values before and after each change"},
    {ONELINE, "oneline", NULL, "a line an event"},
    PICK_OPTIONS,
    {COLOUR, "color", "WHEN", "auto, always or never"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct log *l = arg;

	if (id == 'p')
		l->journey.values = true;
	else if (id == ONELINE)
		l->journey.oneline = true;
	else if (id == COLOUR && !paper_choose(&l->when, value))
		return options_wrong(&command,
		    "--color: '%s' is none of auto, always, never", value);
	else
		pick_option(&l->pick, id, value);
	return 0;
}

static int
start(struct settings *set, void *arg)
{
	struct log *l = arg;

	set->document = true;
	paper_init(&l->journey.paper, l->when, STDOUT_FILENO);
	return pick_start(&l->pick, set);
}

static void *
local_new(void *arg)
{
	const struct log *l = arg;

	return pick_local_new(&l->pick);
}

static enum verdict
show(struct event *ev, void *arg)
{
	const struct log *l = arg;
	enum verdict v = pick_event(&l->pick, ev);
	struct traveller t = {
	    ev->root, ev->history, ev->source, event_number(ev)};

	if (v != VERDICT_PASS)
		return v;
	journey_write(ev->out, ev->arena, &l->journey, &t);
	return VERDICT_WRITTEN;
}

static void
release(void *arg)
{
	struct log *l = arg;

	pick_release(&l->pick);
}

static const struct command command = {
    .name = "ms-trace",
    .op = "log",
    .synopsis = "log [options] [file ...]",
    .summary = "Show the events' histories.",
    .options = options,
    .option = option,
    .start = start,
    .local_new = local_new,
    .local_free = pick_local_free,
    .event = show,
    .release = release,
};

int
trace_log(int argc, char **argv)
{
	struct log l = {.when = PAPER_AUTO};

	return driver_main(&command, &l, argc, argv);
}
