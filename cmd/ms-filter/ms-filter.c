/*
 * ms-filter - pass the events for which a predicate holds, or those that
 * --unique, --rate or --sample choose.
 *
 * An event passes if any output of the program is neither false nor null;
 * a program without output turns it away.  With one of those options there
 * is no program but that of -f, whose events alone are judged by them.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/driver.h"
#include "driver/footprint.h"
#include "driver/moment.h"
#include "driver/reload.h"
#include "memory.h"
#include "state/duration.h"

struct filter {
	bool tests; /* there is a predicate */
	struct reload predicate;
	const char *else_file;
	uint64_t stop_after;
	bool invert;
	bool count;
	bool quiet;
	bool refuse_empty; /* --no-output reject */
	struct memory memory;
};

struct filter_local {
	struct reload_local predicate;
	struct memory_local memory;
};

enum {
	ELSE = 256,
	UNIQUE,
	WITHIN,
	COUNT_AS,
	RATE,
	SAMPLE,
	BY,
	TIME,
	UNIT,
	MAX_STATE,
	MAX_KEYS,
};

static const struct command command;

static const struct option_spec options[] = {
    {'v', "invert-match", NULL, "pass the others"},
    {'c', "count", NULL, NULL},
    {'q', "quiet", NULL, "write only how many passed; nothing"},
    {'m', "max-count", "N", "stop after N events passed"},
    {ELSE, "else", "FILE", "write the events turned away to FILE"},
    {UNIQUE, "unique", "KEY", NULL},
    {WITHIN, "within", "10m", NULL},
    {COUNT_AS, "count-as", "PATH", "the first of each key"},
    {RATE, "rate", "100/s", NULL},
    {SAMPLE, "sample", "1%", NULL},
    {BY, "by", "KEY", "pass so many; by key"},
    {TIME, "time", "PROGRAM", NULL},
    {UNIT, "time-unit", "s|ms|us|ns", "when it was; a number"},
    {MAX_STATE, "max-state", "SIZE", NULL},
    {MAX_KEYS, "max-keys", "N", "limits of what is kept"},
    {0, NULL, NULL, NULL},
};

/* One of the three that choose events is met. */
static int
set_kind(struct filter *f, enum memory_kind kind)
{
	struct memory *m = &f->memory;

	if (m->kind != MEMORY_NONE && m->kind != kind)
		return usage_wrong(&command,
		    "--unique, --rate and --sample exclude each other: each "
		    "is a stage of its own");
	m->kind = kind;
	return 0;
}

static int
set_unique(struct filter *f, const char *value)
{
	if (f->memory.by != NULL && f->memory.kind != MEMORY_UNIQUE)
		return usage_wrong(&command, "--unique has its key; no --by");
	f->memory.by = value;
	return set_kind(f, MEMORY_UNIQUE);
}

static int
set_by(struct filter *f, const char *value)
{
	if (f->memory.kind == MEMORY_UNIQUE)
		return usage_wrong(&command, "--unique has its key; no --by");
	f->memory.by = value;
	return 0;
}

static int
set_limit(size_t *limit, const char *name, const char *value)
{
	if (size_parse(value, limit) && *limit > 0)
		return 0;
	return usage_wrong(
	    &command, "%s: '%s' is no number above 0", name, value);
}

static int
option_of_memory(struct filter *f, int id, const char *value)
{
	struct memory *m = &f->memory;

	switch (id) {
	case UNIQUE:
		return set_unique(f, value);
	case WITHIN:
		m->within = value;
		if (duration_parse(value, strlen(value), &m->within_for) &&
		    m->within_for > 0)
			return 0;
		return usage_wrong(&command,
		    "--within: '%s' is no time as 10m (us ms s m h d w)",
		    value);
	case COUNT_AS:
		m->count_as = value;
		return 0;
	case RATE:
		if (memory_rate(m, value))
			return set_kind(f, MEMORY_RATE);
		return usage_wrong(&command,
		    "--rate: '%s' is no rate as 100/s, 5/m or 1/10s", value);
	case SAMPLE:
		if (memory_sample(m, value))
			return set_kind(f, MEMORY_SAMPLE);
		return usage_wrong(&command,
		    "--sample: '%s' is no share as 1%% or 0.01", value);
	case BY:
		return set_by(f, value);
	case TIME:
		m->time = value;
		return 0;
	case UNIT:
		if (moment_unit(value, &m->unit))
			return 0;
		return usage_wrong(&command,
		    "--time-unit: '%s' is not s, ms, us or ns", value);
	case MAX_STATE:
		return set_limit(&m->limits.bytes, "--max-state", value);
	default:
		return set_limit(&m->limits.keys, "--max-keys", value);
	}
}

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
	case 'q':
		f->quiet = true;
		return 0;
	case 'm':
		if (!size_parse(value, &n) || n == 0)
			return usage_wrong(
			    &command, "-m: '%s' is no number above 0", value);
		f->stop_after = n;
		return 0;
	case ELSE:
		f->else_file = value;
		return 0;
	default:
		return option_of_memory(f, id, value);
	}
}

static bool
no_program(const void *arg)
{
	const struct filter *f = arg;

	return f->memory.kind != MEMORY_NONE;
}

static int
check_options(const struct filter *f, const struct settings *set)
{
	const char *why = memory_conflict(&f->memory, f->invert);

	if (why != NULL)
		return usage_wrong(&command, "%s", why);
	if (f->quiet && (f->count || f->else_file != NULL))
		return usage_wrong(
		    &command, "-q writes nothing, and excludes -c and --else");
	if (set->reload && f->memory.kind != MEMORY_NONE)
		return usage_wrong(&command,
		    "--reload doesn't go with --unique, --rate and --sample: a "
		    "predicate that changes is a stage of its own");
	return 0;
}

static void
put_option(struct footprint *f, const char *name, const char *text)
{
	if (text == NULL)
		return;
	footprint_put(f, ", ");
	footprint_program(f, name, text, strlen(text));
}

/* What it does, for a policy. */
static void
say(struct footprint *f, void *arg)
{
	const struct filter *t = arg;
	const struct memory *m = &t->memory;

	footprint_put(f, "if [1");
	if (t->tests) {
		footprint_put(f, ", ");
		footprint_main(f);
	}
	put_option(f, m->kind == MEMORY_UNIQUE ? "--unique" : "--by", m->by);
	put_option(f, "--time", m->time);
	footprint_put(f, "] then . else empty end");
	if (m->count_as == NULL)
		return;
	footprint_put(f, " | ");
	footprint_program(f, "--count-as", m->count_as, strlen(m->count_as));
	footprint_put(f, " = ([1");
	put_option(f, "--unique", m->by);
	footprint_put(f, "] | if . then 1 else 2 end)");
}

static int
start(struct settings *set, void *arg)
{
	struct filter *f = arg;
	bool chooses = f->memory.kind != MEMORY_NONE;
	int status = STATUS_OK;

	if (check_options(f, set) != 0)
		return STATUS_USAGE;
	f->refuse_empty = set->no_output == NO_OUTPUT_REJECT;
	set->count_only = f->count || f->quiet;
	set->quiet = f->quiet;
	set->stop_after = f->quiet ? 1 : f->stop_after;
	set->else_file = f->else_file;
	f->tests = !chooses || set->program_file != NULL;
	if (f->tests)
		status = reload_init(&f->predicate, set, command.op, true);
	if (status == STATUS_OK && chooses)
		status = memory_start(&f->memory, set);
	return status == STATUS_OK ? footprint_check(set, say, f) : status;
}

static void
local_free(void *local)
{
	struct filter_local *l = local;

	if (l->predicate.reload != NULL)
		reload_local_release(&l->predicate);
	memory_local_release(&l->memory);
	free(l);
}

static void *
local_new(void *arg)
{
	struct filter *f = arg;
	struct filter_local *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	if ((!f->tests || reload_local_init(&l->predicate, &f->predicate)) &&
	    memory_local_init(&l->memory, &f->memory))
		return l;
	local_free(l);
	return NULL;
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

/* VERDICT_PASS if any output of the predicate is true. */
static enum verdict
test(const struct filter *f, struct filter_local *l, struct event *ev)
{
	struct machine *m = reload_machine(&l->predicate, ev);
	enum truth t;

	if (m == NULL)
		return VERDICT_REJECT;
	t = machine_test(m, ev->arena, ev->root, &ev->context);
	if (t == TRUTH_FAILED)
		return event_fail(ev, "%s", machine_error(m));
	if (t == TRUTH_NO && f->refuse_empty && is_empty(m, ev))
		return VERDICT_EMPTY;
	return t == TRUTH_YES ? VERDICT_PASS : VERDICT_TURN_AWAY;
}

static void
prepare(struct event *ev, void *arg)
{
	struct filter *f = arg;
	struct filter_local *l = ev->local;
	struct memory_prepared *p = arena_alloc(ev->arena, sizeof(*p));

	*p = (struct memory_prepared){.verdict = VERDICT_PASS};
	if (f->tests)
		p->verdict = test(f, l, ev);
	memory_prepare(&f->memory, &l->memory, ev, p);
	ev->prepared = p;
}

static void
fetch(const void *prepared, void *arg, int stage)
{
	const struct filter *f = arg;
	const struct memory_prepared *p = prepared;

	if (p->key != NULL)
		state_fetch(f->memory.kept, p->hash, stage);
}

static void
complete(struct event *ev, void *arg)
{
	struct filter *f = arg;
	struct filter_local *l = ev->local;

	memory_complete(&f->memory, &l->memory, ev, ev->prepared);
}

/* What is known of the event without those before it. */
static enum verdict
judge_alone(struct filter *f, struct event *ev)
{
	const struct memory_prepared *p = ev->prepared;

	if (p == NULL)
		return f->tests ? test(f, ev->local, ev) : VERDICT_PASS;
	if (p->verdict == VERDICT_REJECT)
		(void)event_reject(ev, p->why.column, p->why.text);
	return p->verdict;
}

static enum verdict
filter(struct event *ev, void *arg)
{
	struct filter *f = arg;
	struct filter_local *l = ev->local;
	enum verdict v = judge_alone(f, ev);

	if (v == VERDICT_PASS && f->memory.kind != MEMORY_NONE)
		v = memory_judge(&f->memory, &l->memory, ev);
	if (!f->invert || (v != VERDICT_PASS && v != VERDICT_TURN_AWAY))
		return v;
	return v == VERDICT_PASS ? VERDICT_TURN_AWAY : VERDICT_PASS;
}

static bool
barrier(void *arg, const char *name, size_t len)
{
	struct filter *f = arg;

	return memory_barrier(&f->memory, name, len);
}

static void
finish(void *arg, struct buf *out)
{
	const struct filter *f = arg;
	size_t n = f->memory.kept == NULL ? 0 : state_evicted(f->memory.kept);

	(void)out;
	if (n > 0)
		complain(command.name,
		    "%zu time%s a key was forgotten for --max-keys", n,
		    n == 1 ? "" : "s");
}

static void
release(void *arg)
{
	struct filter *f = arg;

	reload_release(&f->predicate);
	memory_release(&f->memory);
}

static const struct command command = {
    .name = "ms-filter",
    .op = "filter",
    .synopsis = "[options] PROGRAM [file ...]",
    .summary = "Pass the events for which PROGRAM, a jq program, is true.",
    .options = options,
    .takes_program = true,
    .no_program = no_program,
    .option = option,
    .start = start,
    .local_new = local_new,
    .local_free = local_free,
    .event = filter,
    .prepare = prepare,
    .fetch = fetch,
    .complete = complete,
    .barrier = barrier,
    .finish = finish,
    .release = release,
};

int
main(int argc, char **argv)
{
	struct filter f = {0};

	return driver_main(&command, &f, argc, argv);
}
