#include "migration.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/footprint.h"
#include "open.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"
#include "version_files.h"

/* --- options -------------------------------------------------------------- */

int
migration_option(void *arg, int id, const char *value)
{
	struct migration *g = arg;

	switch (id) {
	case 'd':
		g->versions.dir = value;
		return 0;
	case 'n':
		g->stage = value;
		return 0;
	case MIGRATION_TO:
		g->to = value;
		return 0;
	case MIGRATION_AT:
		g->at_text = value;
		return 0;
	case MIGRATION_NAME:
		g->versions.only = value;
		return 0;
	case MIGRATION_FORMATS:
		g->versions.options.formats = true;
		return 0;
	default:
		return schema_map_add(
		    g->command, &g->maps, &g->versions.options.maps_n, value);
	}
}

/* What --to says. */
static int
read_target(struct migration *g)
{
	const char *to = g->to;

	if (g->versions.use == VERSIONS_TEST)
		return 0;
	if (to == NULL)
		return usage_wrong(g->command, "--to VERSION is missing");
	if (strcmp(to, "latest") == 0 ||
	    version_number(to, strlen(to), &g->versions.to))
		return 0;
	return usage_wrong(g->command,
	    "--to: '%s' is no version: a number from 1, or latest", to);
}

static int
read_options(struct migration *g, struct settings *set)
{
	if (g->versions.dir == NULL)
		return usage_wrong(g->command, "-d DIR is missing");
	if (read_target(g) == -1)
		return -1;
	if (g->versions.only != NULL &&
	    (*g->versions.only == '\0' || *g->versions.only == '.' ||
		strchr(g->versions.only, '/') != NULL))
		return usage_wrong(g->command,
		    "--name: '%s' is no directory in %s", g->versions.only,
		    g->versions.dir);
	if (g->at_text == NULL)
		g->at_text = ".schema";
	if (!pointer_parse(&set->arena, &g->at, g->at_text) || g->at.n == 0)
		return usage_wrong(g->command,
		    "--version-at: '%s' is no path as .a.b or /a/b",
		    g->at_text);
	return 0;
}

/* The place where an event says its version is written, too. */
static void
put_version(struct footprint *f, const struct pointer *at)
{
	footprint_put(f, " | setpath([");
	for (size_t i = 0; i < at->n; i++) {
		const struct pointer_step *s = &at->steps[i];

		footprint_put(f, i > 0 ? ", " : "");
		if (s->key.kind == VALUE_STRING)
			value_write_string(&f->text, s->key.text, s->key.n);
		else
			footprint_put(f, "%zu", s->i);
	}
	footprint_put(f, "]; \"\")");
}

/* All programs from one version on. */
static void
put_way(struct footprint *f, const struct migration *g, const struct series *s,
    const struct version *from)
{
	footprint_put(f, ".");
	for (; from < s->target; from++) {
		const struct step *step = &s->up[from - s->version];

		footprint_put(f, " | ");
		footprint_program(f, step->file, step->program->text,
		    strlen(step->program->text));
		put_version(f, &g->at);
	}
	footprint_judge(f);
}

/* Going down is an undo: it brings back what was there. */
static void
say(struct footprint *f, void *arg)
{
	const struct migration *g = arg;
	const struct versions *d = &g->versions;

	for (size_t i = 0; i < d->n; i++) {
		const struct series *s = &d->series[i];

		for (size_t k = 0; s->target != NULL && k < s->n; k++)
			if (&s->version[k] < s->target &&
			    f->status == STATUS_OK)
				put_way(f, g, s, &s->version[k]);
	}
}

int
migration_start(struct migration *g, struct settings *set)
{
	static const char *const ways[] = {"", "up", "down", "test"};
	int status;

	if (setjmp(set->overflow) != 0) {
		complain(set->command, "memory is missing");
		return STATUS_IO;
	}
	if (read_options(g, set) == -1)
		return STATUS_USAGE;
	if (g->stage != NULL)
		set->stage = g->stage;
	g->versions.options.maps = g->maps;
	g->lineage_key = set->lineage_key;
	buf_printf(&g->rule, "%s to %s", ways[g->versions.use],
	    g->to == NULL ? "latest" : g->to);
	if (buf_failed(&g->rule))
		arena_starve(&set->arena);
	set->rule = g->rule.p;
	set->rule_len = g->rule.len;
	status = versions_load(&g->versions, g->command, set);
	if (status == STATUS_OK && g->versions.use == VERSIONS_UP)
		status = footprint_check(set, say, g);
	return status;
}

void
migration_release(struct migration *g)
{
	versions_release(&g->versions);
	schema_maps_free(g->maps, g->versions.options.maps_n);
	buf_release(&g->rule);
}

/* --- a thread's own ------------------------------------------------------- */

static bool
new_machine(struct migrant *m, const struct step *s)
{
	if (s->program == NULL)
		return true;
	m->machine[s->id] = machine_new(s->program);
	return m->machine[s->id] != NULL;
}

static bool
new_checker(struct migrant *m, const struct version *v)
{
	if (v->schema == NULL)
		return true;
	m->checker[v->id] = schema_checker_new(v->schema);
	return m->checker[v->id] != NULL;
}

static bool
fill_migrant(struct migrant *m, const struct versions *d)
{
	m->machine = calloc(d->steps_n + 1, sizeof(*m->machine));
	m->checker = calloc(d->versions_n + 1, sizeof(*m->checker));
	if (m->machine == NULL || m->checker == NULL)
		return false;
	for (size_t i = 0; i < d->n; i++) {
		const struct series *s = &d->series[i];

		for (size_t k = 0; k < s->n; k++)
			if (!new_machine(m, &s->up[k]) ||
			    !new_machine(m, &s->down[k]) ||
			    !new_checker(m, &s->version[k]))
				return false;
	}
	return true;
}

void *
migration_local_new(void *arg)
{
	const struct migration *g = arg;
	struct migrant *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->migration = g;
	if (fill_migrant(m, &g->versions))
		return m;
	migration_local_free(m);
	return NULL;
}

void
migration_local_free(void *local)
{
	struct migrant *m = local;
	const struct versions *d = &m->migration->versions;

	for (size_t i = 0; m->machine != NULL && i < d->steps_n; i++)
		machine_free(m->machine[i]);
	for (size_t i = 0; m->checker != NULL && i < d->versions_n; i++)
		schema_checker_free(m->checker[i]);
	free(m->machine);
	free(m->checker);
	free(m);
}

/* --- versions in events --------------------------------------------------- */

enum verdict
migration_fail(struct event *ev, const struct step *s, const char *format, ...)
{
	char why[400];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	ev->rejects_head = &s->rejects_head;
	return event_fail(ev, "%s: %s", s->label, why);
}

/* "order/1", or with one name for all "1" as well. */
static bool
read_text(const struct migration *g, struct value text, struct value *name,
    uint32_t *number)
{
	const char *slash = memrchr(text.text, '/', text.n);
	size_t from = slash == NULL ? 0 : (size_t)(slash - text.text) + 1;

	*name = slash != NULL          ? value_text(text.text, from - 1)
	    : g->versions.only != NULL ? value_cstring(g->versions.only)
				       : value_text("", 0);
	return version_number(text.text + from, text.n - from, number);
}

static bool
read_version(const struct migration *g, struct event *ev, struct value v,
    struct value *name, uint32_t *number)
{
	struct arena_deferred *release;
	struct buf *b;
	bool good;

	if (value_is_string(v))
		return read_text(g, string_decoded(ev->arena, v), name, number);
	if (!value_is_number(v) || g->versions.only == NULL)
		return false;
	b = buf_new(ev->arena, &release);
	value_write(b, v);
	good = !buf_failed(b) && version_number(b->p, b->len, number);
	arena_end(ev->arena, release);
	*name = value_cstring(g->versions.only);
	return good;
}

/* What an event should have there. */
static const char *
wanted(const struct migration *g)
{
	return g->versions.only != NULL
	    ? "a version, as 1"
	    : "a schema's name and version, as \"order/1\"";
}

static void
say_unread(const struct migration *g, struct event *ev, struct value v)
{
	struct arena_deferred *release;
	struct buf *b = buf_new(ev->arena, &release);

	value_write(b, v);
	if (buf_failed(b))
		arena_starve(ev->arena);
	if (b->len > 60 || value_is_object(v) || value_is_array(v))
		event_fail(ev, "%s is %s%s; expected %s", g->at_text,
		    event_article(v), value_type(v), wanted(g));
	else
		event_fail(ev, "%s is %.*s; expected %s", g->at_text,
		    (int)b->len, b->p, wanted(g));
	arena_end(ev->arena, release);
}

bool
migration_version(const struct migration *g, struct event *ev,
    const struct series **s, const struct version **from, uint32_t *number)
{
	struct value v, name;

	if (!pointer_get(ev->arena, ev->root, &g->at, &v)) {
		event_fail(
		    ev, "%s is missing; expected %s", g->at_text, wanted(g));
		return false;
	}
	if (!read_version(g, ev, v, &name, number)) {
		say_unread(g, ev, v);
		return false;
	}
	*s = versions_series(&g->versions, name.text, name.n);
	if (*s == NULL) {
		event_fail(ev, "%s says %.*s/%u, and %s has no %.*s",
		    g->at_text, (int)(name.n < 60 ? name.n : 60), name.text,
		    *number, g->versions.dir, (int)(name.n < 60 ? name.n : 60),
		    name.text);
		return false;
	}
	*from = series_version(*s, *number);
	return true;
}

/* The version of a step's result, spelled as before spells its own. */
static struct value
spelled(const struct migration *g, struct event *ev, const struct step *s,
    struct value before)
{
	struct value was = VALUE_OF(VALUE_NULL);
	char text[NUMBER_TEXT];
	size_t n = number_format_int(s->to->number, text);

	if (g->versions.only == NULL)
		return value_cstring(s->to->label);
	pointer_get(ev->arena, before, &g->at, &was);
	if (!value_is_string(was))
		return value_int(s->to->number);
	was = string_decoded(ev->arena, was);
	if (memchr(was.text, '/', was.n) == NULL)
		return value_text(arena_copy(ev->arena, text, n), n);
	return value_cstring(s->to->label);
}

/* The value with x at the end of a way; false where the way ends before. */
static bool
set_at(struct arena *a, struct value *v, const struct pointer_step *step,
    size_t n, struct value x)
{
	struct value child = x;

	if (n > 1 &&
	    (!pointer_child(a, *v, step, &child) ||
		!set_at(a, &child, step + 1, n - 1, x)))
		return false;
	if (value_is_object(*v) && step->key.kind != VALUE_NULL)
		*v = object_set(a, value_share(*v), step->key, child);
	else if (value_is_array(*v) && step->i < array_length(*v))
		*v = array_set(a, value_share(*v), step->i, child);
	else
		return false;
	return true;
}

bool
migration_set_version(const struct migration *g, struct event *ev,
    const struct step *s, struct value before, struct value *v)
{
	struct value was, is, version = spelled(g, ev, s, before);

	if (pointer_get(ev->arena, *v, &g->at, &is)) {
		if (value_equal(ev->arena, is, version))
			return true;
		if (pointer_get(ev->arena, before, &g->at, &was) &&
		    !value_equal(ev->arena, is, was)) {
			migration_fail(ev, s, "%s of the result isn't %s",
			    g->at_text, s->to->label);
			return false;
		}
	}
	if (set_at(ev->arena, v, g->at.steps, g->at.n, version))
		return true;
	migration_fail(ev, s, "the result has no place for %s", g->at_text);
	return false;
}

/* --- steps ---------------------------------------------------------------- */

/* Say why the value is invalid, behind the step's name. */
static bool
refuse(struct migrant *m, struct event *ev, const struct step *s,
    struct value v, bool as_read)
{
	struct arena_deferred *release;
	struct buf *why = buf_new(ev->arena, &release);
	struct schema_checker *c = m->checker[s->to->id];
	size_t at;

	buf_printf(why, "%s: ", s->label);
	at = schema_explain(c, ev->arena, v.doc, v.n, v.n, false, why);
	buf_putc(why, '\0');
	if (buf_failed(why))
		arena_exceed(ev->arena);
	ev->rejects_head = &s->rejects_head;
	event_reject(ev,
	    as_read ? (size_t)(v.doc->text + at - ev->line.text) + 1 : 0,
	    why->p);
	return false;
}

static bool
check(struct migrant *m, struct event *ev, const struct step *s, struct value v,
    bool as_read)
{
	struct schema_checker *c = m->checker[s->to->id];

	switch (schema_check(c, ev->arena, v.doc, v.n)) {
	case SCHEMA_VALID:
		return true;
	case SCHEMA_INVALID:
		return refuse(m, ev, s, v, as_read);
	case SCHEMA_FAILED:
		break;
	}
	migration_fail(ev, s, "the check ends: %s", schema_failure(c));
	return false;
}

bool
migration_check(struct migrant *m, struct event *ev, const struct step *here)
{
	return check(m, ev, here, ev->root, true);
}

enum verdict
migration_stay(struct event *ev, const struct step *here)
{
	ev->lineage = &here->lineage;
	ev->record.from = here->origin.p;
	ev->record.from_len = here->origin.len;
	return VERDICT_PASS;
}

/* Takes outputs of a program; more than two don't matter. */
struct outputs {
	struct value v;
	size_t n;
};

static bool
take(void *arg, struct value v)
{
	struct outputs *o = arg;

	o->v = v;
	return ++o->n < 2;
}

bool
migration_run(
    struct migrant *m, struct event *ev, const struct step *s, struct value *v)
{
	struct machine *machine = m->machine[s->id];
	struct outputs o = {.n = 0};

	if (machine_run(machine, ev->arena, *v, &ev->context, take, &o) ==
	    PROGRAM_FAILED) {
		migration_fail(
		    ev, s, "%s: %s", s->file, machine_error(machine));
		return false;
	}
	if (o.n != 1) {
		migration_fail(ev, s, "%s gives %s", s->file,
		    o.n == 0 ? "no output" : "more than one output");
		return false;
	}
	if (!value_is_object(o.v)) {
		migration_fail(ev, s, "%s gives %s%s; an event is an object",
		    s->file, event_article(o.v), value_type(o.v));
		return false;
	}
	if (!migration_set_version(m->migration, ev, s, *v, &o.v))
		return false;
	*v = value_share(o.v);
	return true;
}

struct lineage_step
migration_record(const struct step *s, struct value before, struct value now)
{
	return (struct lineage_step){
	    .lineage = &s->lineage,
	    .record = {.from = s->origin.p, .from_len = s->origin.len},
	    .before = before,
	    .now = now,
	};
}

bool
migration_settle(struct migrant *m, struct event *ev, const struct step *s,
    struct value now, struct value *settled)
{
	const char *key = m->migration->lineage_key;
	struct arena_deferred *release;
	struct scan_error error;
	struct value history;
	struct buf *b;
	bool good;

	if (object_get(ev->arena, now, value_cstring(key), &history)) {
		migration_fail(ev, s,
		    "nothing can set %s; it is the event's history", key);
		return false;
	}
	b = buf_new(ev->arena, &release);
	value_write(b, now);
	if (buf_failed(b))
		arena_exceed(ev->arena);
	good = value_parse(ev->arena, b->p, b->len, settled, &error);
	arena_end(ev->arena, release);
	if (good)
		return check(m, ev, s, *settled, false);
	migration_fail(ev, s, "%s", error.reason);
	return false;
}
