/*
 * ms-trace strip - write the events without their histories.
 */
#include "driver/driver.h"
#include "readers.h"

static enum verdict
strip(struct event *ev, void *arg)
{
	size_t from = ev->out->len;

	(void)arg;
	lineage_strip(ev->out, &ev->line, ev->root);
	return check_written(ev, from);
}

static const struct command command = {
    .name = "ms-trace",
    .op = "strip",
    .synopsis = "strip [options] [file ...]",
    .summary = "Write the events without their histories.",
    .event = strip,
};

int
trace_strip(int argc, char **argv)
{
	return driver_main(&command, NULL, argc, argv);
}
