/*
 * ms-fold - give each event what the events before it add up to.
 *
 * PROGRAM's input is the state of the event's key (null at first), and what
 * it gives is the new state, which the event passes on with.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/footprint.h"
#include "driver/moment.h"
#include "fold.h"
#include "persist.h"
#include "state/duration.h"
#include "windows.h"

enum {
	BY = 256,
	AS,
	TIME,
	UNIT,
	WINDOW,
	LATE,
	KEEP,
	LATE_TO,
	MAX_STATE,
	MAX_KEYS,
	TTL,
	STATE,
	RESET,
	CLOSE,
	ON_REPEAT,
	DUMP,
	LOAD,
};

static const struct command command;

static const struct option_spec options[] = {
    {BY, "by", "PROGRAM", NULL},
    {AS, "as", "PATH", "an event's key; where the state goes (.fold)"},
    {TIME, "time", "PROGRAM", NULL},
    {UNIT, "time-unit", "s|ms|us|ns", "when it was; what a number counts"},
    {WINDOW, "window", "PLAN", "5m, 5m/1m, session:10m, count:100 or all"},
    {LATE, "late", "TIME|end", NULL},
    {KEEP, "keep", "TIME", "wait for late events; revise results"},
    {LATE_TO, "late-to", "FILE", NULL},
    {CLOSE, "close", NULL, "take later ones; close windows at the end"},
    {MAX_STATE, "max-state", "SIZE", NULL},
    {MAX_KEYS, "max-keys", "N", NULL},
    {TTL, "ttl", "TIME", "limits (1G, none, none)"},
    {STATE, "state", "FILE", NULL},
    {RESET, "reset", NULL, NULL},
    {ON_REPEAT, "on-repeat", "skip|stop", "keep it; begin anew; repeats"},
    {DUMP, "dump", NULL, NULL},
    {LOAD, "load", "FILE", "write the state as lines; read it"},
    {0, NULL, NULL, NULL},
};

static int
add_key(struct fold *f, const char *value)
{
	if (f->by_n == FOLD_KEYS)
		return usage_wrong(
		    &command, "--by: more than %d keys", FOLD_KEYS);
	f->by[f->by_n++] = value;
	return 0;
}

static int
set_unit(struct fold *f, const char *value)
{
	if (moment_unit(value, &f->unit))
		return 0;
	return usage_wrong(
	    &command, "--time-unit: '%s' is not s, ms, us or ns", value);
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
set_duration(int64_t *micros, const char *name, const char *value)
{
	if (duration_parse(value, strlen(value), micros))
		return 0;
	return usage_wrong(&command,
	    "%s: '%s' is no time as 30m (us ms s m h d w)", name, value);
}

static int
set_ttl(struct fold *f, const char *value)
{
	int status = set_duration(&f->limits.ttl, "--ttl", value);

	if (status != 0 || f->limits.ttl > 0)
		return status;
	return usage_wrong(
	    &command, "--ttl: no key would be kept for '%s'", value);
}

static int
set_late(struct fold *f, const char *value)
{
	if (strcmp(value, "end") != 0)
		return set_duration(&f->late, "--late", value);
	f->late = FOLD_LATE_END;
	return 0;
}

static int
set_window(struct fold *f, const char *value)
{
	const char *why;

	f->window = value;
	if (window_plan_parse(&f->plan, value, &why))
		return 0;
	return usage_wrong(&command, "--window: '%s': %s", value, why);
}

static int
set_on_repeat(struct fold *f, const char *value)
{
	f->judges_repeats = true;
	f->stop_on_repeat = strcmp(value, "stop") == 0;
	if (f->stop_on_repeat || strcmp(value, "skip") == 0)
		return 0;
	return usage_wrong(
	    &command, "--on-repeat: '%s' is neither skip nor stop", value);
}

static int
option_of_file(struct fold *f, int id, const char *value)
{
	switch (id) {
	case STATE:
		f->file = value;
		return 0;
	case RESET:
		f->reset = true;
		return 0;
	case CLOSE:
		f->close = true;
		return 0;
	case DUMP:
		f->dump = true;
		return 0;
	case LOAD:
		f->load = value;
		return 0;
	default:
		return set_on_repeat(f, value);
	}
}

static int
option(void *arg, int id, const char *value)
{
	struct fold *f = arg;

	switch (id) {
	case BY:
		return add_key(f, value);
	case AS:
		f->as = value;
		return 0;
	case TIME:
		f->time = value;
		return 0;
	case UNIT:
		return set_unit(f, value);
	case MAX_STATE:
		return set_limit(&f->limits.bytes, "--max-state", value);
	case MAX_KEYS:
		return set_limit(&f->limits.keys, "--max-keys", value);
	case WINDOW:
		return set_window(f, value);
	case LATE:
		return set_late(f, value);
	case KEEP:
		return set_duration(&f->keep, "--keep", value);
	case LATE_TO:
		f->late_to = value;
		return 0;
	case TTL:
		return set_ttl(f, value);
	default:
		return option_of_file(f, id, value);
	}
}

/* What the rule says that a number counts, where it isn't seconds. */
static const char *
unit_words(int64_t unit)
{
	if (unit == 1)
		return "";
	return unit == 1000 ? " as ms" : unit == 1000000 ? " as us" : " as ns";
}

/* What it was told to do, in one text: .seen = fold by .user: . + 1 */
static bool
make_rule(struct fold *f, struct settings *set)
{
	if (f->window == NULL || f->as != NULL)
		buf_printf(&f->rule, "%s = ", f->as == NULL ? ".fold" : f->as);
	buf_puts(&f->rule, "fold");
	for (size_t i = 0; i < f->by_n; i++)
		buf_printf(&f->rule, "%s %s", i == 0 ? " by" : ",", f->by[i]);
	if (f->window != NULL)
		buf_printf(&f->rule, " in %s", f->window);
	if (f->window != NULL && f->time != NULL)
		buf_printf(&f->rule, " of %s%s", f->time, unit_words(f->unit));
	buf_puts(&f->rule, ": ");
	buf_put(&f->rule, set->rule, set->rule_len);
	if (buf_failed(&f->rule))
		return false;
	set->rule = f->rule.p;
	set->rule_len = f->rule.len;
	return true;
}

static int
check_file_options(const struct fold *f)
{
	if (f->file == NULL &&
	    (f->reset || f->dump || f->load != NULL || f->judges_repeats))
		return usage_wrong(&command,
		    "--reset, --on-repeat, --dump and --load go with --state");
	if (f->dump && (f->reset || f->load != NULL))
		return usage_wrong(
		    &command, "--dump only reads: no --reset, no --load");
	if (f->close && f->window == NULL)
		return usage_wrong(&command, "--close goes with --window");
	return 0;
}

static int
check_options(const struct fold *f)
{
	bool timed =
	    f->plan.kind == WINDOW_TIME || f->plan.kind == WINDOW_SESSION;

	if (f->window != NULL && f->limits.ttl > 0)
		return usage_wrong(
		    &command, "--ttl and --window exclude each other");
	if (!timed && (f->late > 0 || f->keep > 0 || f->late_to != NULL))
		return usage_wrong(&command,
		    "--late, --keep and --late-to go with a --window of time");
	if (f->plan.kind == WINDOW_SESSION && f->keep > 0)
		return usage_wrong(
		    &command, "--keep: sessions can't be revised");
	return 0;
}

/* One event, by what the options say. */
static enum verdict
fold(struct event *ev, void *arg)
{
	struct fold *f = arg;
	struct fold_local *l = ev->local;
	enum verdict v = VERDICT_PASS;

	l->known = false;
	if (f->keep_file != NULL)
		v = kept_file_judge(f, ev, &l->known);
	if (v != VERDICT_PASS)
		return v;
	v = f->window != NULL ? windows_event(ev, f) : fold_event(ev, f);
	/* What stops the stage comes again. */
	if (l->known && v != VERDICT_ABORT && v != VERDICT_PASS &&
	    (v != VERDICT_REJECT || f->set->on_error != ON_ERROR_STOP))
		kept_file_note(f);
	return v;
}

/* It stands in the output: now the state may change. */
static bool
settle(struct event *ev, void *arg)
{
	struct fold *f = arg;
	const struct fold_local *l = ev->local;
	const struct fold_prepared *p = ev->prepared;

	if (p != NULL && p->settled)
		return true;
	if (!fold_keep(f, ev))
		return false;
	if (l->known)
		kept_file_note(f);
	return true;
}

static void
finish(void *arg, struct buf *out)
{
	const struct fold *f = arg;
	size_t n = state_evicted(f->kept);

	(void)out;
	if (n > 0)
		complain(command.name,
		    "%zu time%s a key was forgotten for --max-keys%s", n,
		    n == 1 ? "" : "s",
		    f->window != NULL ? ", its windows unwritten" : "");
	if (f->partly_late > 0)
		complain(command.name,
		    "%" PRIu64 " event%s came after some of the windows had "
		    "closed, and %s only in the others; --late waits longer",
		    f->partly_late, f->partly_late == 1 ? "" : "s",
		    f->partly_late == 1 ? "is" : "are");
}

static enum verdict
pass_time(struct event *ev, void *arg, int64_t time, int64_t *passed_on)
{
	struct fold *f = arg;

	return f->window == NULL ? VERDICT_WRITTEN
				 : windows_time(ev, f, time, passed_on);
}

static enum verdict
end(struct event *ev, void *arg, bool cut)
{
	struct fold *f = arg;

	return f->window == NULL ? VERDICT_WRITTEN : windows_end(ev, f, cut);
}

/* What an event's key is, as an array. */
static void
put_keys(struct footprint *f, const struct fold *t)
{
	footprint_put(f, "[1");
	for (size_t i = 0; i < t->by_n; i++) {
		footprint_put(f, ", ");
		footprint_program(f, "--by", t->by[i], strlen(t->by[i]));
	}
	if (t->time != NULL) {
		footprint_put(f, ", ");
		footprint_program(f, "--time", t->time, strlen(t->time));
	}
	footprint_put(f, "]");
}

/* The state, of any number of events, which the key decides about. */
static void
put_state(struct footprint *f, const struct fold *t)
{
	footprint_put(f, "(. as $event | {} as $origin | (if ");
	put_keys(f, t);
	footprint_put(f,
	    " then 1 else 2 end) as $__policy "
	    "| reduce range($__policy) as $__policy (null; ");
	footprint_main(f);
	footprint_put(f, "))");
}

/* What it does, for a policy. */
static void
say(struct footprint *f, void *arg)
{
	const struct fold *t = arg;
	const char *as = t->as == NULL && t->window == NULL ? ".fold" : t->as;

	f->creates = t->window != NULL;
	if (f->creates) {
		footprint_put(f, ". as $__policy | ");
		if (as == NULL) {
			put_state(f, t);
		} else {
			footprint_put(f, "{} | ");
			footprint_program(f, "--as", as, strlen(as));
			footprint_put(f, " = ($__policy | ");
			put_state(f, t);
			footprint_put(f, ")");
		}
		for (size_t i = 0; i < t->by_n; i++) {
			footprint_put(f, " | .[");
			value_write_string(
			    &f->text, t->names[i].text, t->names[i].n);
			footprint_put(f, "] = ($__policy | ");
			footprint_program(
			    f, "--by", t->by[i], strlen(t->by[i]));
			footprint_put(f, ")");
		}
		footprint_put(f, " | .window = {}");
		return;
	}
	footprint_program(f, "--as", as, strlen(as));
	footprint_put(f, " = ");
	put_state(f, t);
}

static int
start_file(struct fold *f, struct settings *set)
{
	int status = STATUS_IO;

	set->batches = true;
	if (settings_reads(set, f->file, "the state") == 0)
		status = kept_file_open(f);
	if (status == STATUS_OK && f->load != NULL)
		status = state_lines_load(f);
	return status;
}

static int
start_keeping(struct fold *f, struct settings *set)
{
	if (f->file != NULL)
		return start_file(f, set);
	if (set->state_dir == NULL)
		return STATUS_OK;
	return beside_stream_open(f, set);
}

static int
start(struct settings *set, void *arg)
{
	struct fold *f = arg;
	int status;

	if (set->reload) {
		usage_wrong(&command,
		    "--reload: what was folded by one program can't go on "
		    "with another");
		return STATUS_USAGE;
	}
	set->in_order = true;
	set->makes_events = f->window != NULL;
	set->else_file = f->late_to;
	f->set = set;
	if (check_options(f) != 0 || check_file_options(f) != 0)
		return STATUS_USAGE;
	if (f->dump)
		return state_lines_dump(f, set);
	if (f->file != NULL && set->state_dir != NULL) {
		usage_wrong(&command,
		    "--state and MS_STATE exclude each other: with MS_STATE "
		    "the state is kept beside the stream");
		return STATUS_USAGE;
	}
	if (set->program_text == NULL) {
		usage_no_program(&command, set->stage);
		return STATUS_USAGE;
	}
	if (f->window != NULL && !result_names(f, set))
		return STATUS_USAGE;
	status = fold_compile(f, set);
	if (status == STATUS_OK)
		status = footprint_check(set, say, f);
	if (status != STATUS_OK)
		return status;
	/* What --close has closed is gone from the state as well. */
	set->keep_end |= f->close;
	f->limits.changes = f->file != NULL || set->state_dir != NULL;
	f->kept = state_new(&f->limits);
	set->later = f->window == NULL && f->file == NULL &&
	    set->state_dir == NULL && setter_is_plain(&f->setter, set);
	if (f->kept != NULL && make_rule(f, set)) {
		status = start_keeping(f, set);
		f->first_order = f->order;
		return status;
	}
	complain(set->command, "out of memory");
	return STATUS_IO;
}

static void
release(void *arg)
{
	struct fold *f = arg;

	for (size_t i = 0; i < f->by_n; i++)
		program_free(f->keys[i]);
	program_free(f->program);
	program_free(f->when);
	setter_release(&f->setter);
	keeping_end(&f->beside);
	persist_texts_release(&f->texts);
	state_free(f->kept);
	kept_file_close(f);
	windows_release(f);
	buf_release(&f->rule);
}

static const struct command command = {
    .name = "ms-fold",
    .op = "fold",
    .synopsis = "[options] [--by PROGRAM ...] [--as PATH] PROGRAM [file ...]",
    .summary = "Give each event what the events of its key add up to.",
    .options = options,
    .takes_program = true,
    .may_lack_it = true,
    .option = option,
    .start = start,
    .local_new = fold_local_new,
    .local_free = fold_local_free,
    .event = fold,
    .prepare = fold_prepare,
    .fetch = fold_fetch,
    .complete = fold_complete,
    .settle = settle,
    .time = pass_time,
    .end = end,
    .resume = kept_file_resume,
    .commit = kept_file_commit,
    .tidy = kept_file_tidy,
    .finish = finish,
    .barrier = beside_stream_barrier,
    .release = release,
};

int
main(int argc, char **argv)
{
	struct fold f = {
	    .unit = 1,
	    .limits = {.bytes = (size_t)1 << 30},
	};

	return driver_main(&command, &f, argc, argv);
}
