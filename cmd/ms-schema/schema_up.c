/*
 * ms-schema up - take events to a later version of their schema.
 *
 * Each step is a program's, and leaves a record.  Events that are above the
 * version pass as they are.
 */
#include "driver/driver.h"
#include "migration.h"
#include "subcommands.h"

static const struct command command;

static const struct option_spec options[] = {
    {MIGRATION_TO, "to", "VERSION",
	"take events up to it; latest: to the last"},
    MIGRATION_OPTIONS,
    {0, NULL, NULL, NULL},
};

static int
start(struct settings *set, void *arg)
{
	return migration_start(arg, set);
}

/* Take the event from a version to its series' target. */
static enum verdict
climb(struct migrant *m, struct event *ev, const struct series *s,
    const struct version *from)
{
	size_t first = (size_t)(from - s->version);
	size_t n = (size_t)(s->target - from);
	struct lineage_step *done = arena_array(ev->arena, n, sizeof(*done));
	struct value v = ev->root, before;

	for (size_t i = 0; i < n; i++) {
		const struct step *step = &s->up[first + i];

		before = v;
		if (!migration_run(m, ev, step, &v))
			return VERDICT_REJECT;
		done[i] = migration_record(step, before, v);
		if (!migration_settle(m, ev, step, v, &v))
			return VERDICT_REJECT;
	}
	event_put_steps(ev, done, n);
	return VERDICT_PASS;
}

static enum verdict
up(struct event *ev, void *arg)
{
	struct migrant *m = ev->local;
	const struct version *from;
	const struct series *s;
	const struct step *here;
	uint32_t number;

	if (!migration_version(arg, ev, &s, &from, &number))
		return VERDICT_REJECT;
	if (s->target == NULL)
		return event_fail(
		    ev, "%s has no version %s", s->name, m->migration->to);
	if (number > s->target->number)
		return VERDICT_LEAVE;
	if (from == NULL)
		return event_fail(ev, "%s has no version %u", s->name, number);
	here = &s->here[from - s->version];
	if (!migration_check(m, ev, here))
		return VERDICT_REJECT;
	return from == s->target ? migration_stay(ev, here)
				 : climb(m, ev, s, from);
}

static void
release(void *arg)
{
	migration_release(arg);
}

static const struct command command = {
    .name = "ms-schema",
    .op = "schema",
    .synopsis = "up [options] -d DIR --to VERSION [file ...]",
    .summary = "Take events up to a version of their schema.",
    .options = options,
    .has_programs = true,
    .option = migration_option,
    .start = start,
    .local_new = migration_local_new,
    .local_free = migration_local_free,
    .event = up,
    .release = release,
};

int
schema_up_main(int argc, char **argv)
{
	struct migration g = {
	    .command = &command, .versions = {.use = VERSIONS_UP}};

	return driver_main(&command, &g, argc, argv);
}
