/*
 * ms-filter - pass the events for which a predicate holds.
 *
 * An event passes if any output of the program is neither false nor null;
 * a program without output turns it away.
 */
#include <stdint.h>
#include <stdlib.h>

#include "driver/driver.h"
#include "driver/reload.h"

struct filter {
	struct reload predicate;
	const char *else_file;
	uint64_t stop_after;
	bool invert;
	bool count;
	bool refuse_empty; /* --no-output reject */
};

enum { ELSE = 256 };

static const struct command command;

static const struct option_spec options[] = {
    {'v', "invert-match", NULL, "pass the events for which it doesn't hold"},
    {'c', "count", NULL, "write only how many events passed"},
    {'m', "max-count", "N", "stop after N events passed"},
    {ELSE, "else", "FILE", "write the events turned away to FILE"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct filter *f = arg;
	size_t n;

	switch (id) {
	case 'v':
		f->invert = true;
		return 0;
	case 'c':
		f->count = true;
		return 0;
	case 'm':
		if (!size_parse(value, &n) || n == 0)
			return usage_wrong(
			    &command, "-m: '%s' is no number above 0", value);
		f->stop_after = n;
		return 0;
	default:
		f->else_file = value;
		return 0;
	}
}

static int
start(struct settings *set, void *arg)
{
	struct filter *f = arg;

	f->refuse_empty = set->no_output == NO_OUTPUT_REJECT;
	set->count_only = f->count;
	set->stop_after = f->stop_after;
	set->else_file = f->else_file;
	return reload_init(&f->predicate, set, command.op, true);
}

static void *
local_new(void *arg)
{
	struct filter *f = arg;
	struct reload_local *l = malloc(sizeof(*l));

	if (l == NULL || reload_local_init(l, &f->predicate))
		return l;
	free(l);
	return NULL;
}

static void
local_free(void *local)
{
	reload_local_release(local);
	free(local);
}

static bool
take_first(void *arg, struct value v)
{
	bool *any = arg;

	(void)v;
	*any = true;
	return false;
}

/* Does the predicate give nothing at all? */
static bool
is_empty(struct machine *m, struct event *ev)
{
	bool any = false;

	return machine_run(m, ev->arena, ev->root, &ev->context, take_first,
		   &any) == PROGRAM_DONE &&
	    !any;
}

/* Pass the event on if any output of the predicate is true. */
static enum verdict
filter(struct event *ev, void *arg)
{
	const struct filter *f = arg;
	struct machine *m = reload_machine(ev->local, ev);
	enum truth t;

	if (m == NULL)
		return VERDICT_REJECT;
	t = machine_test(m, ev->arena, ev->root, &ev->context);
	if (t == TRUTH_FAILED)
		return event_fail(ev, "%s", machine_error(m));
	if (t == TRUTH_NO && f->refuse_empty && is_empty(m, ev))
		return VERDICT_EMPTY;
	return (t == TRUTH_YES) != f->invert ? VERDICT_PASS : VERDICT_TURN_AWAY;
}

static void
release(void *arg)
{
	struct filter *f = arg;

	reload_release(&f->predicate);
}

static const struct command command = {
    .name = "ms-filter",
    .op = "filter",
    .synopsis = "[options] PROGRAM [file ...]",
    .summary = "Pass the events for which PROGRAM, a jq program, is true.",
    .options = options,
    .takes_program = true,
    .option = option,
    .start = start,
    .local_new = local_new,
    .local_free = local_free,
    .event = filter,
    .release = release,
};

int
main(int argc, char **argv)
{
	struct filter f = {0};

	return driver_main(&command, &f, argc, argv);
}
