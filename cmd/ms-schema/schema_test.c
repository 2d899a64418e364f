/*
 * ms-schema test - do the programs between versions keep what they promise?
 *
 * Each event is taken up from its version to the last one, each step back is
 * taken as down takes it, and programs that lead down are run where they are.
 * The first step that fails rejects the event.  Versions that no event has are
 * tried with one that is made from the schema.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/driver.h"
#include "history/patch.h"
#include "migration.h"
#include "record/undo.h"
#include "subcommands.h"
#include "value/array.h"
#include "value/object.h"

/* What became of the events that were tried at a step. */
struct tally {
	uint64_t tried, wrong;
	struct buf first; /* that was wrong: place and reason */
};

struct testing {
	struct migration migration; /* first: it gets the options */
	struct settings *set;
	struct tally *step, *back; /* by step: its program; its undo */
	uint64_t *events;          /* by version */
	struct version_made {
		bool tried, made;
	} * made; /* by version */
};

/* The event in hand, at a version. */
struct trial {
	struct testing *t;
	struct migrant *m;
	struct event *ev;
	const char *place;
};

static const struct command command;

static const struct option_spec options[] = {
    MIGRATION_OPTIONS,
    {0, NULL, NULL, NULL},
};

static int
start(struct settings *set, void *arg)
{
	struct testing *t = arg;
	const struct versions *d = &t->migration.versions;
	int status;

	set->document = true;
	set->threads = 1; /* the first one that fails is told */
	set->lineage = LINEAGE_OFF;
	t->set = set;
	status = migration_start(&t->migration, set);
	if (status != STATUS_OK)
		return status;
	t->step = calloc(d->steps_n + 1, sizeof(*t->step));
	t->back = calloc(d->steps_n + 1, sizeof(*t->back));
	t->events = calloc(d->versions_n + 1, sizeof(*t->events));
	t->made = calloc(d->versions_n + 1, sizeof(*t->made));
	if (t->step != NULL && t->back != NULL && t->events != NULL &&
	    t->made != NULL)
		return STATUS_OK;
	complain(set->command, "memory is missing");
	return STATUS_IO;
}

/* Count a try; gives whether it went well. */
static bool
count(struct trial *x, struct tally *y, bool good)
{
	const struct event *ev = x->ev;

	y->tried++;
	if (good)
		return true;
	if (y->wrong++ == 0)
		buf_printf(&y->first, "%s: %s", x->place,
		    ev->reason != NULL ? ev->reason : ev->error);
	return false;
}

/* --- one step ------------------------------------------------------------- */

/* Take out the white space between tokens. */
static void
squeeze(struct buf *b)
{
	size_t n = 0;
	bool text = false;

	for (size_t i = 0; i < b->len; i++) {
		char c = b->p[i];

		if (!text && (c == ' ' || c == '\t'))
			continue;
		b->p[n++] = c;
		if (text && c == '\\')
			b->p[n++] = b->p[++i];
		else if (c == '"')
			text = !text;
	}
	b->len = n;
}

/* Are they written the same but for white space? */
static bool
same(struct arena *a, struct value x, struct value y)
{
	struct arena_deferred *release_x, *release_y;
	struct buf *p = buf_new(a, &release_x), *q = buf_new(a, &release_y);
	bool good;

	value_write(p, x);
	value_write(q, y);
	if (buf_failed(p) || buf_failed(q))
		arena_exceed(a);
	squeeze(p);
	squeeze(q);
	good = p->len == q->len && memcmp(p->p, q->p, p->len) == 0;
	arena_end(a, release_y);
	arena_end(a, release_x);
	return good;
}

/* Does the undo of a step give back what was before it? */
static bool
goes_back(struct trial *x, const struct step *up, struct value before,
    struct value now, struct value settled)
{
	struct arena *a = x->ev->arena;
	struct arena_deferred *release;
	struct buf *b = buf_new(a, &release);
	struct patch_error why = {.text = "it isn't what it was"};
	struct scan_error error;
	struct value undo = array_new(a, 0);
	bool good;

	(void)undo_write_parts(b, a, before, now, SIZE_MAX);
	if (buf_failed(b))
		arena_exceed(a);
	good = (b->len == 0 || value_parse(a, b->p, b->len, &undo, &error)) &&
	    patch_apply(a, value_share(undo), &settled, NULL, &why) &&
	    same(a, before, settled);
	arena_end(a, release);
	if (!good)
		migration_fail(x->ev, up, "taken back: %s", why.text);
	return good;
}

/* The program of a step, and what is wrong with its result. */
static bool
try_step(struct trial *x, const struct step *s, struct value before,
    struct value *now, struct value *settled)
{
	*now = before;
	return count(x, &x->t->step[s->id],
	    migration_run(x->m, x->ev, s, now) &&
		migration_settle(x->m, x->ev, s, *now, settled));
}

/* All steps from a version on. */
static bool
try_steps(struct trial *x, const struct series *s, size_t i, struct value v)
{
	struct value now, settled;

	for (;; i++) {
		const struct step *up = &s->up[i], *down = &s->down[i];

		if (down->program != NULL &&
		    !try_step(x, down, v, &now, &settled))
			return false;
		if (i + 1 == s->n)
			return true;
		if (!try_step(x, up, v, &now, &settled) ||
		    !count(x, &x->t->back[up->id],
			goes_back(x, up, v, now, settled)))
			return false;
		v = settled;
	}
}

static enum verdict
test(struct event *ev, void *arg)
{
	struct testing *t = arg;
	struct trial x = {t, ev->local, ev, NULL};
	const struct version *from;
	const struct series *s;
	struct arena_deferred *release;
	struct buf *place = buf_new(ev->arena, &release);
	uint32_t number;

	if (!migration_version(&t->migration, ev, &s, &from, &number))
		return VERDICT_REJECT;
	if (from == NULL)
		return event_fail(ev, "%s has no version %u", s->name, number);
	if (!migration_check(x.m, ev, &s->here[from - s->version]))
		return VERDICT_REJECT;
	t->events[from->id]++;
	buf_printf(place, "%s:%" PRIu64, ev->window->name, event_number(ev));
	buf_putc(place, '\0');
	if (buf_failed(place))
		arena_exceed(ev->arena);
	x.place = place->p;
	return try_steps(&x, s, (size_t)(from - s->version), ev->root)
	    ? VERDICT_DROP
	    : VERDICT_REJECT;
}

/* --- events that are made ------------------------------------------------- */

static int64_t
no_line(void *arg)
{
	(void)arg;
	return 0;
}

/* An event of a version that is valid by its schema; false where none is. */
static bool
make_event(struct trial *x, const struct series *s, const struct version *v,
    struct value *made)
{
	struct arena *a = x->ev->arena;
	struct schema_checker *c = x->m->checker[v->id];
	const struct migration *g = x->m->migration;
	struct arena_deferred *release;
	struct buf *b = buf_new(a, &release);
	struct scan_error error;
	bool good;

	(void)schema_example(c, a, b);
	good = !buf_failed(b) && value_parse(a, b->p, b->len, made, &error) &&
	    value_is_object(*made) &&
	    migration_set_version(
		g, x->ev, &s->here[v - s->version], *made, made);
	if (good) {
		b->len = 0;
		value_write(b, *made);
		good = !buf_failed(b) &&
		    value_parse(a, b->p, b->len, made, &error) &&
		    schema_check(c, a, made->doc, made->n) == SCHEMA_VALID;
	}
	if (good) {
		struct buf *place = buf_new(a, &release);

		buf_puts(place, "one made up, ");
		buf_put(place, b->p, b->len);
		buf_putc(place, '\0');
		if (buf_failed(place))
			arena_exceed(a);
		x->place = place->p;
	}
	return good;
}

static void
try_made(struct testing *t, struct event *ev, const struct series *s, size_t i)
{
	const struct version *v = &s->version[i];
	struct trial x = {t, ev->local, ev, ""};
	struct value made;

	ev->reason = NULL;
	t->made[v->id].tried = true;
	if (!make_event(&x, s, v, &made))
		return;
	t->made[v->id].made = true;
	if (!try_steps(&x, s, i, made))
		t->set->unsound = true;
}

static enum verdict
end(struct event *ev, void *arg, bool cut)
{
	struct testing *t = arg;
	const struct versions *d = &t->migration.versions;

	(void)cut;
	ev->context.line = no_line;
	ev->context.lineage = value_share(array_new(ev->arena, 0));
	ev->context.source = VALUE_OF(VALUE_NULL);
	for (size_t i = 0; i < d->n; i++)
		for (size_t k = 0; k < d->series[i].n; k++)
			if (t->events[d->series[i].version[k].id] == 0)
				try_made(t, ev, &d->series[i], k);
	return VERDICT_WRITTEN;
}

/* --- the report ----------------------------------------------------------- */

static void
put_tally(struct buf *out, const struct tally *y, const char *label,
    const char *file, const char *well)
{
	buf_printf(out, "%s%s%s: ", label, *file == '\0' ? "" : ", ", file);
	if (y->tried == 0) {
		buf_puts(out, "not tried\n");
		return;
	}
	buf_printf(out, "%" PRIu64 " tried, ", y->tried);
	if (y->wrong == 0) {
		buf_printf(out, "%s\n", well);
		return;
	}
	buf_printf(out, "%" PRIu64 " wrong; the first is ", y->wrong);
	complain_visible(out, y->first.p, y->first.len);
	buf_putc(out, '\n');
}

static void
put_version(struct buf *out, const struct testing *t, const struct version *v)
{
	uint64_t n = t->events[v->id];

	if (n > 0)
		buf_printf(out, "%s: %" PRIu64 " event%s\n", v->label, n,
		    n == 1 ? "" : "s");
	else
		buf_printf(out, "%s: no event; %s\n", v->label,
		    t->made[v->id].made ? "one is made up"
					: "and none can be made up");
}

static void
finish(void *arg, struct buf *out)
{
	const struct testing *t = arg;
	const struct versions *d = &t->migration.versions;

	for (size_t i = 0; i < d->n; i++) {
		const struct series *s = &d->series[i];

		for (size_t k = 0; k < s->n; k++)
			put_version(out, t, &s->version[k]);
		for (size_t k = 0; k + 1 < s->n; k++) {
			const struct step *up = &s->up[k],
					  *down = &s->down[k + 1];

			put_tally(out, &t->step[up->id], up->label, up->file,
			    "valid");
			put_tally(out, &t->back[up->id], down->label,
			    "its undo", "as they were");
			if (down->program != NULL)
				put_tally(out, &t->step[down->id], down->label,
				    down->file, "valid");
		}
	}
}

static void
release(void *arg)
{
	struct testing *t = arg;
	size_t n = t->migration.versions.steps_n;

	for (size_t i = 0; t->step != NULL && i < n; i++)
		buf_release(&t->step[i].first);
	for (size_t i = 0; t->back != NULL && i < n; i++)
		buf_release(&t->back[i].first);
	free(t->step);
	free(t->back);
	free(t->events);
	free(t->made);
	migration_release(&t->migration);
}

static const struct command command = {
    .name = "ms-schema",
    .op = "schema",
    .synopsis = "test [options] -d DIR [file ...]",
    .summary = "Try the programs between versions of schemas with events.",
    .options = options,
    .has_programs = true,
    .reads_histories = true,
    .option = migration_option,
    .start = start,
    .local_new = migration_local_new,
    .local_free = migration_local_free,
    .event = test,
    .end = end,
    .finish = finish,
    .release = release,
};

int
schema_test_main(int argc, char **argv)
{
	struct testing t = {.migration = {.command = &command,
				.versions = {.use = VERSIONS_TEST}}};

	return driver_main(&command, &t, argc, argv);
}
