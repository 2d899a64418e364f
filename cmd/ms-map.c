/*
 * ms-map - change events by a program.
 *
 * Each output of the program is an event; no output drops the event, and
 * several are told apart by "fork" in their records.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/driver.h"
#include "driver/footprint.h"
#include "driver/forgetting.h"
#include "driver/reload.h"
#include "driver/when.h"
#include "lang/explain/explain.h"

struct map {
	struct reload program;
	struct when when;
	bool raw;
	bool explain, json;
	struct forget_list {
		const char *option, *path;
	} * forget; /* what is said of paths, in its order */
	size_t forget_n;
};

/* A thread's own. */
struct local {
	struct reload_local program;
	struct machine *when;
};

enum { EXPLAIN = 256, JSON, WHEN, FORGET, MASK };

static const struct command command;

static const struct option_spec options[] = {
    {'R', "raw-input", NULL, "take each line as a string, not as an event"},
    {WHEN, "when", "PROGRAM", "change these events, and leave the others"},
    {FORGET, "forget", "PATH", NULL},
    {MASK, "mask", "PATH", "take it out; put a keyed digest in its place"},
    {EXPLAIN, "explain", NULL, "only tell what PROGRAM reads and writes"},
    {JSON, "json", NULL, "tell it as JSON"},
    {'c', "compact-output", NULL, "what is done anyway"},
    {0, NULL, NULL, NULL},
};

static int
note_path(struct map *m, const char *name, const char *path)
{
	struct forget_list *more =
	    realloc(m->forget, (m->forget_n + 1) * sizeof(*more));

	if (more == NULL)
		return usage_wrong(&command, "%s", strerror(errno));
	more[m->forget_n++] = (struct forget_list){name, path};
	m->forget = more;
	return 0;
}

static int
option(void *arg, int id, const char *value)
{
	struct map *m = arg;

	if (id == FORGET || id == MASK)
		return note_path(m, id == MASK ? "--mask" : "--forget", value);
	if (id == WHEN && m->when.text != NULL)
		return usage_wrong(&command, "--when is given twice");
	if (id == WHEN)
		m->when.text = value;
	else if (id == 'R')
		m->raw = true;
	else if (id == EXPLAIN)
		m->explain = true;
	else if (id == JSON)
		m->json = true;
	return 0;
}

/* The explanation as text; false where memory ends. */
static bool
explain(const struct map *m, struct arena *a, struct buf *out)
{
	struct explain_report e;
	jmp_buf overflow;

	if (setjmp(overflow) != 0)
		return false;
	a->overflow = &overflow;
	explain_program(a, m->program.first, !m->raw, &e);
	if (m->json)
		explain_report_write_json(out, &e);
	else
		explain_report_write(out, &e);
	return !buf_failed(out);
}

/* Tell what the program reads and writes, and read no input. */
static int
tell(const struct settings *set, const struct map *m)
{
	struct arena a;
	struct buf out = {0};
	bool told;

	arena_init(&a, set->max_memory);
	errno = ENOMEM;
	told = explain(m, &a, &out) &&
	    fwrite(out.p, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
	if (!told)
		complain(set->command, "standard output: %s", strerror(errno));
	buf_release(&out);
	arena_release(&a);
	return told ? STATUS_DONE : STATUS_IO;
}

/* What is taken out of each event before PROGRAM sees it. */
static int
take_out(struct settings *set, const struct map *m)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < m->forget_n && status == STATUS_OK; i++)
		status = forgetting_path(set, m->forget[i].option,
		    m->forget[i].path, m->forget[i].option[2] == 'm');
	return status;
}

/* What it does, for a policy. */
static void
say(struct footprint *f, void *arg)
{
	const struct map *m = arg;
	const char *when = m->when.text;

	f->creates = m->raw;
	if (when == NULL) {
		footprint_main(f);
		return;
	}
	footprint_put(f, "if ");
	footprint_program(f, "--when", when, strlen(when));
	footprint_put(f, " then ");
	footprint_main(f);
	footprint_put(f, " else . end");
}

static int
start(struct settings *set, void *arg)
{
	struct map *m = arg;
	int status;

	set->raw = m->raw;
	if (m->json && !m->explain) {
		usage_wrong(&command, "--json goes with --explain");
		return STATUS_USAGE;
	}
	if (m->raw && m->when.text != NULL) {
		usage_wrong(&command,
		    "--when leaves events as they are, and a line of -R is "
		    "none: PROGRAM can give empty for it");
		return STATUS_USAGE;
	}
	status = take_out(set, m);
	if (status != STATUS_OK)
		return status;
	status = reload_init(&m->program, set, command.op, false);
	if (status == STATUS_OK)
		status = when_init(&m->when, set);
	if (status == STATUS_OK)
		status = footprint_check(set, say, m);
	return status == STATUS_OK && m->explain ? tell(set, m) : status;
}

static void *
local_new(void *arg)
{
	struct map *m = arg;
	struct local *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	if (reload_local_init(&l->program, &m->program) &&
	    when_machine(&m->when, &l->when))
		return l;
	reload_local_release(&l->program);
	free(l);
	return NULL;
}

static void
local_free(void *local)
{
	struct local *l = local;

	reload_local_release(&l->program);
	machine_free(l->when);
	free(l);
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
	struct local *l = ev->local;
	struct machine *m = reload_machine(&l->program, ev);
	enum verdict verdict = VERDICT_REJECT;

	(void)arg;
	if (m == NULL || !when_holds(l->when, ev, &verdict))
		return verdict;
	if (machine_run(m, ev->arena, ev->root, &ev->context, put, ev) ==
	    PROGRAM_FAILED)
		return event_fail(ev, "%s", machine_error(m));
	return ev->outputs_n > 0 ? VERDICT_PASS : VERDICT_EMPTY;
}

static void
release(void *arg)
{
	struct map *m = arg;

	reload_release(&m->program);
	when_release(&m->when);
	free(m->forget);
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
