/*
 * ms-schema down - take events back to an earlier version of their schema.
 *
 * A step back is the undo of the record that took the event up.  Only where
 * there is none, or a later stage wrote what it would overwrite, a program
 * does it.  Events that are below the version pass as they are.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ascent.h"
#include "driver/complain.h"
#include "driver/driver.h"
#include "driver/lost.h"
#include "history/retract.h"
#include "migration.h"
#include "subcommands.h"

static const struct command command;

static const struct option_spec options[] = {
    {MIGRATION_TO, "to", "VERSION", "take events down to it"},
    MIGRATION_OPTIONS,
    {0, NULL, NULL, NULL},
};

static int
start(struct settings *set, void *arg)
{
	set->takes_back = true;
	return migration_start(arg, set);
}

struct down {
	struct migration migration;
	struct lost lost;
};

/* An event on its way down. */
struct descent {
	struct migrant *m;
	struct lost *lost;
	struct event *ev;
	const struct view *records;
	struct retract retract;
	size_t left; /* records that may have taken it up */
	struct rewind_error why;
};

/* Undo what took the event up; false, and why, where that can't be. */
static bool
take_back(struct descent *d, const struct step *s, struct value *v)
{
	struct event *ev = d->ev;
	uint32_t from;
	size_t i;

	if (!ascent_find(ev->arena, d->records, d->left, s->series->name,
		s->from->number, &i, &from)) {
		snprintf(d->why.text, sizeof(d->why.text),
		    "no record took it up to %u", s->from->number);
		d->left = 0;
		return false;
	}
	d->left = i;
	if (from != s->to->number) {
		snprintf(d->why.text, sizeof(d->why.text),
		    "record %zu took it up from %u", i + 1, from);
		return false;
	}
	if (!retract_record(&d->retract, i, v, &d->why))
		return false;
	lost_note(d->lost, ev->arena, *v);
	return true;
}

/* One step down, by the undo or else by a program. */
static bool
descend(struct descent *d, const struct step *s, struct value *v)
{
	struct value before = *v;

	if (take_back(d, s, v))
		return migration_set_version(
		    d->m->migration, d->ev, s, before, v);
	if (s->program != NULL)
		return migration_run(d->m, d->ev, s, v);
	migration_fail(d->ev, s, "%s; so it takes %s, which isn't there",
	    d->why.text, s->file);
	return false;
}

/* All steps from a version down to the target. */
static enum verdict
take_down(struct descent *d, const struct series *s, const struct version *from)
{
	struct event *ev = d->ev;
	size_t first = (size_t)(from - s->version);
	size_t n = (size_t)(from - s->target);
	struct lineage_step *done = arena_array(ev->arena, n, sizeof(*done));
	struct value v = ev->root;

	for (size_t i = 0; i < n; i++) {
		const struct step *step = &s->down[first - i];
		struct value before = v;

		if (!descend(d, step, &v))
			return VERDICT_REJECT;
		done[i] = migration_record(step, before, v);
		if (!migration_settle(d->m, ev, step, v, &v))
			return VERDICT_REJECT;
	}
	event_put_steps(ev, done, n);
	return VERDICT_PASS;
}

static enum verdict
down(struct event *ev, void *arg)
{
	struct down *all = arg;
	struct descent d = {.m = ev->local, .lost = &all->lost, .ev = ev};
	const struct version *from;
	const struct series *s;
	const struct step *here;
	uint32_t number;

	if (!migration_version(arg, ev, &s, &from, &number))
		return VERDICT_REJECT;
	if (s->target == NULL)
		return event_fail(
		    ev, "%s has no version %s", s->name, d.m->migration->to);
	if (number < s->target->number)
		return VERDICT_LEAVE;
	if (from == NULL)
		return event_fail(ev, "%s has no version %u", s->name, number);
	here = &s->here[from - s->version];
	if (!migration_check(d.m, ev, here))
		return VERDICT_REJECT;
	if (from == s->target)
		return migration_stay(ev, here);
	d.records = view_history(ev->arena, ev->history, &d.left);
	retract_init(&d.retract, ev->arena, ev->root, d.records, d.left);
	return take_down(&d, s, from);
}

/* Name what couldn't come back. */
static void
finish(void *arg, struct buf *out)
{
	struct down *all = arg;

	(void)out;
	lost_tell(&all->lost, "ms-schema");
}

static void
release(void *arg)
{
	struct down *all = arg;

	migration_release(&all->migration);
	lost_release(&all->lost);
}

static const struct command command = {
    .name = "ms-schema",
    .op = "schema",
    .synopsis = "down [options] -d DIR --to VERSION [file ...]",
    .summary = "Take events back to a version of their schema.",
    .options = options,
    .has_programs = true,
    .option = migration_option,
    .start = start,
    .local_new = migration_local_new,
    .local_free = migration_local_free,
    .event = down,
    .finish = finish,
    .release = release,
};

int
schema_down_main(int argc, char **argv)
{
	struct down all = {.migration = {.command = &command,
			       .versions = {.use = VERSIONS_DOWN}}};

	if (!lost_init(&all.lost)) {
		complain(command.name, "%s", strerror(ENOMEM));
		return STATUS_IO;
	}
	return driver_main(&command, &all, argc, argv);
}
