/*
 * ms-trace log - show the history of each event.
 */
#include "frame.h"
#include "render/log.h"
#include "readers.h"

enum { ONELINE = 256 };

struct log {
	struct frame frame;
	struct log_style style;
};

static const struct option_spec options[] = {
    {'p', "patch", NULL, "show values before and after each change"},
    {ONELINE, "oneline", NULL, "a line an event"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct log *l = arg;

	(void)value;
	*(id == 'p' ? &l->style.values : &l->style.oneline) = true;
	return 0;
}

static enum verdict
show(struct event *ev, void *arg)
{
	const struct log *l = arg;
	struct show_event e = frame_event(ev);

	log_write(ev->out, ev->arena, &l->style, &e);
	return VERDICT_WRITTEN;
}

static const struct subcommand subcommand = {
    .name = "log",
    .synopsis = "log [options] [file ...]",
    .summary = "Show the events' histories.",
    .parts = FRAME_PICKS | FRAME_COLOUR | FRAME_DOCUMENT,
    .options = options,
    .option = option,
    .event = show,
};

int
trace_log(int argc, char **argv)
{
	struct log l = {.style = {.terminal = &l.frame.terminal}};

	return frame_main(&subcommand, &l.frame, argc, argv);
}
