/*
 * ms-trace log - show the journey of each event.
 */
#include "render/log.h"
#include "show.h"
#include "subcommands.h"

enum { ONELINE = 256 };

struct log {
	struct show show;
	struct journey journey;
};

static const struct command command;

static const struct option_spec options[] = {
    {'p', "patch", NULL, "show values before and after each change"},
    {ONELINE, "oneline", NULL, "a line an event"},
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
	else
		return show_option(&l->show, &command, id, value);
	return 0;
}

static int
start(struct settings *set, void *arg)
{
	struct log *l = arg;

	l->journey.paper = &l->show.paper;
	return show_start(&l->show, set);
}

static enum verdict
show(struct event *ev, void *arg)
{
	const struct log *l = arg;
	enum verdict v = show_picks(&l->show, ev);
	struct traveller t = show_traveller(ev);

	if (v != VERDICT_PASS)
		return v;
	journey_write(ev->out, ev->arena, &l->journey, &t);
	return VERDICT_WRITTEN;
}

static const struct command command = {
    .name = "ms-trace",
    .op = "log",
    .synopsis = "log [options] [file ...]",
    .summary = "Show the events' histories.",
    .options = options,
    .shared = show_options,
    .option = option,
    .start = start,
    .local_new = show_local_new,
    .local_free = show_local_free,
    .event = show,
    .release = show_release,
};

int
trace_log(int argc, char **argv)
{
	struct log l = {.show = {.when = PAPER_AUTO}};

	return driver_main(&command, &l, argc, argv);
}
