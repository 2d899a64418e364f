/*
 * ms-map - change events by a program.
 *
 * Each output of the program is an event; no output drops the event, and
 * several are told apart by "fork" in their records.
 */
#include <stdlib.h>

#include "driver/driver.h"

struct map {
	struct program *program;
	bool raw;
};

static const struct option_spec options[] = {
    {'R', "raw-input", NULL, "take each line as a string, not as an event"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct map *m = arg;

	(void)value;
	m->raw = id == 'R';
	return 0;
}

static int
start(struct settings *set, void *arg)
{
	struct map *m = arg;

	set->raw = m->raw;
	m->program = settings_compile(
	    set, set->program_text, set->program_len, set->program_file);
	return m->program == NULL ? STATUS_USAGE : STATUS_OK;
}

static void *
local_new(void *arg)
{
	const struct map *m = arg;

	return machine_new(m->program);
}

static void
local_free(void *local)
{
	machine_free(local);
}

static bool
put(void *arg, struct value v)
{
	event_put(arg, v);
	return true;
}

/* Each output of the program is an event. */
static enum verdict
map(struct event *ev, void *arg)
{
	struct machine *m = ev->local;

	(void)arg;
	if (machine_run(m, ev->arena, ev->root, &ev->context, put, ev) ==
	    PROGRAM_FAILED)
		return event_fail(ev, "%s", machine_error(m));
	return ev->outputs_n > 0 ? VERDICT_PASS : VERDICT_DROP;
}

static void
release(void *arg)
{
	struct map *m = arg;

	program_free(m->program);
}

static const struct command command = {
    .name = "ms-map",
    .op = "map",
    .synopsis = "[options] PROGRAM [file ...]",
    .summary = "Change events by PROGRAM, a jq program.",
    .options = options,
    .takes_program = true,
    .option = option,
    .start = start,
    .local_new = local_new,
    .local_free = local_free,
    .event = map,
    .release = release,
};

int
main(int argc, char **argv)
{
	struct map m = {0};

	return driver_main(&command, &m, argc, argv);
}
