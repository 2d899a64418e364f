#include "versions.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "driver/complain.h"
#include "driver/rejects.h"
#include "driver/variables.h"
#include "open.h"
#include "version_files.h"

struct loading {
	struct versions *d;
	const struct command *c;
	struct settings *set;
	struct arena *a;
};

/* A text in the arena. */
static const char *__attribute__((format(printf, 2, 3)))
text(struct loading *g, const char *format, ...)
{
	struct arena_deferred *release;
	struct buf *b = buf_new(g->a, &release);
	char line[8192];
	const char *copy;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	buf_put(b, line, n < 0 || (size_t)n >= sizeof(line) ? 0 : (size_t)n);
	if (buf_failed(b))
		arena_starve(g->a);
	copy = arena_copy(g->a, b->len > 0 ? b->p : "", b->len);
	arena_end(g->a, release);
	return copy;
}

const struct series *
versions_series(const struct versions *d, const char *name, size_t len)
{
	for (size_t i = 0; i < d->n; i++)
		if (strlen(d->series[i].name) == len &&
		    memcmp(d->series[i].name, name, len) == 0)
			return &d->series[i];
	return NULL;
}

const struct version *
series_version(const struct series *s, uint64_t number)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->version[i].number == number)
			return &s->version[i];
	return NULL;
}

/* --- schemas and programs ------------------------------------------------ */

/* Is a version among those that events are taken from or to? */
static bool
is_wanted(const struct versions *d, const struct series *s, size_t i)
{
	const struct version *target = s->target;

	if (target == NULL)
		return false;
	return d->use == VERSIONS_TEST ||
	    (d->use == VERSIONS_UP ? s->version[i].number <= target->number
				   : s->version[i].number >= target->number);
}

static int
load_schema(struct loading *g, struct version *v)
{
	struct schema_options o = g->d->options;
	const char *path = text(g, "%s/%s", g->d->dir, v->name), *file;
	int status;

	o.name = v->name;
	status = schema_open(g->c, path, &o, &v->schema);
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; (file = schema_file(v->schema, i)) != NULL; i++)
		if (*file != '\0' &&
		    settings_reads(g->set, file, "a schema") == -1)
			return STATUS_IO;
	return STATUS_OK;
}

static int
load_program(struct loading *g, struct step *s)
{
	const char *path = text(g, "%s/%s", g->d->dir, s->file);
	struct buf b = {0};
	size_t skip = 0;
	int status = STATUS_USAGE;

	if (variables_read_file(g->set, &b, path) == 0) {
		if (b.len >= 3 && memcmp(b.p, "\xEF\xBB\xBF", 3) == 0)
			skip = 3; /* a BOM, as in inputs */
		status = settings_compile(
		    g->set, b.p + skip, b.len - skip, path, &s->program);
	}
	buf_release(&b);
	if (status == STATUS_OK &&
	    settings_reads(g->set, path, "a program") == -1)
		status = STATUS_IO;
	return status;
}

/* What its records say: the step, the schema, and that of before. */
static int
describe(struct loading *g, struct step *s)
{
	const struct settings *set = g->set;
	size_t n = strlen(s->label);

	if (settings_lineage(set, &s->lineage, g->c->op, s->label, n) == -1)
		return STATUS_IO;
	s->lineage.parts = true;
	buf_puts(&s->origin, "{\"schema\":");
	value_write_string(&s->origin, s->to->name, strlen(s->to->name));
	buf_printf(&s->origin, ",\"hash\":\"%s\"", schema_hash(s->to->schema));
	if (s->from != s->to) {
		buf_puts(&s->origin, ",\"was\":");
		value_write_string(
		    &s->origin, s->from->name, strlen(s->from->name));
	}
	buf_putc(&s->origin, '}');
	rejects_head(&s->rejects_head, g->c->op, set->stage, s->label, n);
	if (buf_failed(&s->origin) || buf_failed(&s->rejects_head))
		arena_starve(g->a);
	return STATUS_OK;
}

static bool
has_program(const struct version_files *f, uint32_t from, uint32_t to)
{
	for (size_t i = 0; i < f->programs_n; i++)
		if (f->program[i].from == from && f->program[i].to == to)
			return true;
	return false;
}

static int
missing_program(struct loading *g, const struct step *s)
{
	complain(g->c->name,
	    "%s/%s is missing: the program that makes %s of %s", g->d->dir,
	    s->file, s->to->label, s->from->label);
	return STATUS_USAGE;
}

static int
load_step(struct loading *g, const struct series *s, struct step *step,
    size_t from, size_t to, const struct version_files *f)
{
	const struct version *x = &s->version[from], *y = &s->version[to];
	int status = STATUS_OK;

	step->series = s;
	step->from = x;
	step->to = y;
	step->id = g->d->steps_n++;
	step->label = from == to
	    ? text(g, "%s %u", s->name, x->number)
	    : text(g, "%s %u>%u", s->name, x->number, y->number);
	step->file = text(g, "%s/%u-%u.jq", s->name, x->number, y->number);
	if (x->schema == NULL || y->schema == NULL)
		return STATUS_OK;
	if (from != to && has_program(f, x->number, y->number))
		status = load_program(g, step);
	else if (from < to && (g->d->use & VERSIONS_UP) != 0)
		status = missing_program(g, step);
	return status == STATUS_OK ? describe(g, step) : status;
}

static int
load_steps(struct loading *g, struct series *s, const struct version_files *f)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < s->n && status == STATUS_OK; i++) {
		status = load_step(g, s, &s->here[i], i, i, f);
		if (status == STATUS_OK && i + 1 < s->n &&
		    (g->d->use & VERSIONS_UP) != 0)
			status = load_step(g, s, &s->up[i], i, i + 1, f);
		if (status == STATUS_OK && i > 0 &&
		    (g->d->use & VERSIONS_DOWN) != 0)
			status = load_step(g, s, &s->down[i], i, i - 1, f);
	}
	return status;
}

/* --- names --------------------------------------------------------------- */

static int
wrong(struct loading *g, const char *name, const char *why)
{
	complain(g->c->name, "%s/%s: %s", g->d->dir, name, why);
	return STATUS_USAGE;
}

/* Each program leads from a version to its neighbour. */
static int
check_programs(
    struct loading *g, const struct series *s, const struct version_files *f)
{
	for (size_t i = 0; i < f->programs_n; i++) {
		const struct version_file *p = &f->program[i];
		const struct version *x = series_version(s, p->from),
				     *y = series_version(s, p->to);
		const char *name =
		    text(g, "%s/%u-%u.jq", s->name, p->from, p->to);

		if (x == NULL || y == NULL)
			return wrong(g, name,
			    text(g, "there is no %s/%u.json", s->name,
				x == NULL ? p->from : p->to));
		if (x + 1 != y && y + 1 != x)
			return wrong(g, name,
			    "a program leads from a version to its neighbour");
	}
	return STATUS_OK;
}

static struct step *
new_steps(struct loading *g, size_t n)
{
	struct step *s = arena_array(g->a, n, sizeof(*s));

	memset(s, 0, n * sizeof(*s));
	return s;
}

static void
list_versions(
    struct loading *g, struct series *s, const struct version_files *f)
{
	s->version = arena_array(g->a, f->n, sizeof(*s->version));
	memset(s->version, 0, f->n * sizeof(*s->version));
	s->n = f->n;
	for (size_t i = 0; i < f->n; i++) {
		struct version *v = &s->version[i];

		v->number = f->version[i];
		v->id = g->d->versions_n++;
		v->name = text(g, "%s/%u.json", s->name, v->number);
		v->label = text(g, "%s/%u", s->name, v->number);
	}
	s->up = new_steps(g, s->n);
	s->down = new_steps(g, s->n);
	s->here = new_steps(g, s->n);
	s->target =
	    g->d->to == 0 ? &s->version[s->n - 1] : series_version(s, g->d->to);
}

/* One directory of the directory, where its files say versions. */
static int
load_series(struct loading *g, const char *name)
{
	struct series *s = &g->d->series[g->d->n];
	const char *path = text(g, "%s/%s", g->d->dir, name), **names;
	struct version_files f;
	size_t n;
	int status = STATUS_OK;

	if (!version_names(g->a, path, &names, &n)) {
		if (errno == ENOTDIR)
			return STATUS_OK;
		complain(g->c->name, "%s: %s", path, strerror(errno));
		return STATUS_USAGE;
	}
	version_files(g->a, names, n, &f);
	if (f.wrong != NULL)
		return wrong(g, text(g, "%s/%s", name, f.wrong),
		    "a version is a number from 1, as in 1.json and 1-2.jq");
	if (f.n == 0)
		return STATUS_OK;
	if (utf8_check(name, strlen(name)) != strlen(name))
		return wrong(g, name, "a schema's name is UTF-8");
	*s = (struct series){.name = name};
	list_versions(g, s, &f);
	g->d->n++; /* from now on it is released */
	status = check_programs(g, s, &f);
	for (size_t i = 0; i < s->n && status == STATUS_OK; i++)
		if (is_wanted(g->d, s, i))
			status = load_schema(g, &s->version[i]);
	return status == STATUS_OK ? load_steps(g, s, &f) : status;
}

/* Is there anything to be done? */
static int
check_targets(struct loading *g)
{
	const struct versions *d = g->d;

	if (d->n == 0 && d->only != NULL)
		return wrong(g, d->only, "there is no schema, such as 1.json");
	if (d->n == 0) {
		complain(g->c->name, "%s: there is no schema, such as %s/%s",
		    d->dir, d->dir, "order/1.json");
		return STATUS_USAGE;
	}
	for (size_t i = 0; i < d->n; i++)
		if (d->series[i].target != NULL)
			return STATUS_OK;
	complain(g->c->name, "--to %u: no schema in %s has that version", d->to,
	    d->dir);
	return STATUS_USAGE;
}

int
versions_load(struct versions *d, const struct command *c, struct settings *set)
{
	struct loading g = {d, c, set, &set->arena};
	const char **names;
	size_t n;
	int status = STATUS_OK;

	if (!version_names(g.a, d->dir, &names, &n)) {
		complain(c->name, "%s: %s", d->dir, strerror(errno));
		return STATUS_USAGE;
	}
	d->series = arena_array(g.a, n, sizeof(*d->series));
	for (size_t i = 0; i < n && status == STATUS_OK; i++)
		if (d->only == NULL || strcmp(names[i], d->only) == 0)
			status = load_series(&g, names[i]);
	return status == STATUS_OK ? check_targets(&g) : status;
}

static void
release_step(struct step *s)
{
	program_free(s->program);
	lineage_release(&s->lineage);
	buf_release(&s->origin);
	buf_release(&s->rejects_head);
}

void
versions_release(struct versions *d)
{
	for (size_t i = 0; i < d->n; i++) {
		struct series *s = &d->series[i];

		for (size_t k = 0; k < s->n; k++) {
			release_step(&s->up[k]);
			release_step(&s->down[k]);
			release_step(&s->here[k]);
			schema_free(s->version[k].schema);
		}
	}
}
