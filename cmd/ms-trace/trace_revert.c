/*
 * ms-trace revert - take one stage of the events back, and keep the later
 * ones.
 *
 * Unlike the other subcommands it changes events, so it writes a record.
 */
#include <errno.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/driver.h"
#include "history/revert.h"
#include "history/stage_ref.h"
#include "readers.h"

enum { STAGE = 256 };

struct reverter {
	struct stage_ref stage;
	bool given;
};

static const struct command command;

static const struct option_spec options[] = {
    {STAGE, "stage", "NAME|N", "the stage to take back"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct reverter *r = arg;

	(void)id;
	r->given = true;
	if (stage_ref_parse(&r->stage, value) &&
	    (r->stage.kind != STAGE_REF_NUMBER || r->stage.number > 0))
		return 0;
	return usage_wrong(&command,
	    "--stage: '%s' is no record's number from 1, and no name", value);
}

static int
start(struct settings *set, void *arg)
{
	const struct reverter *r = arg;

	set->takes_back = true;
	if (r->given)
		return STATUS_OK;
	usage_wrong(&command, "which stage?  --stage NAME or --stage N");
	return STATUS_USAGE;
}

/* Each thread keeps the rules that it has explained. */
static void *
local_new(void *arg)
{
	(void)arg;
	return rules_new();
}

static void
local_free(void *local)
{
	rules_free(local);
}

static enum verdict
revert(struct event *ev, void *arg)
{
	const struct reverter *t = arg;
	struct revert r = {.a = ev->arena, .rules = ev->local};
	struct value event = ev->root;
	struct rewind_error error;
	size_t number;

	rules_begin(r.rules);
	r.v = view_history(ev->arena, ev->history, &r.n);
	if (!stage_ref_find(ev->arena, &t->stage, r.v, r.n, &number, error.text,
		sizeof(error.text)))
		return event_fail(ev, "%s", error.text);
	if (number == 0)
		return event_fail(ev, "the event has no history");
	if (!revert_record(&r, number, &event, &error))
		return event_fail(ev, "%s", error.text);
	ev->record.reverts = number;
	event_put(ev, event);
	return VERDICT_PASS;
}

static const struct command command = {
    .name = "ms-trace",
    .op = "revert",
    .synopsis = "revert --stage NAME|N [options] [file ...]",
    .summary = "Take one stage of the events back, and keep the later ones.",
    .options = options,
    .option = option,
    .start = start,
    .local_new = local_new,
    .local_free = local_free,
    .event = revert,
};

int
trace_revert(int argc, char **argv)
{
	struct reverter r = {.given = false};

	return driver_main(&command, &r, argc, argv);
}
