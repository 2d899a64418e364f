#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "driver/ahead.h"
#include "driver/complain.h"
#include "enrich_footprint.h"
#include "enricher.h"
#include "source/coproc.h"
#include "source/live.h"
#include "source/sql.h"
#include "source/table.h"

enum { WINDOWS = 1024 }; /* that are read ahead at most */

/* A thread's own. */
struct local {
	struct join_local *join;
	struct machine *when;
	struct refresh_local refresh;
	struct reload_local key; /* in a file */
	struct source_wait wait;
	const struct event *now; /* what waits for an answer */
};

/* A program that the join makes of what the user wrote. */
typedef void put_program(struct buf *b, const struct join *j);

/* The path is compiled alone first: a complaint shows what the user wrote. */
static int
compile_made(struct enricher *e, const struct settings *set, const char *path,
    put_program *put, struct program **p)
{
	struct program *alone;
	struct buf b = {0};
	int status = settings_compile(set, path, strlen(path), NULL, &alone);

	if (status != STATUS_OK)
		return status;
	program_free(alone);
	put(&b, &e->join);
	if (buf_failed(&b)) {
		complain(set->command, "%s", strerror(ENOMEM));
		status = STATUS_IO;
	} else {
		status = settings_compile(set, b.p, b.len, NULL, p);
	}
	buf_release(&b);
	return status;
}

/* Does a program give one value?  What says how it is given, as "-k". */
static int
check_single(const struct settings *set, const char *what, const char *text,
    size_t len, const struct program *p)
{
	bool time = strcmp(what, "--as-of") == 0;

	if (!program_gives_several(p))
		return STATUS_OK;
	complain(set->command,
	    "%s %.*s: gives several %s of an event, where one is wanted: "
	    "pick one, as in %s 'first(%.*s)', or let ms-map make an event of "
	    "each before%s",
	    what, (int)len, text, time ? "times" : "keys", what, (int)len, text,
	    time ? "" : "; for each element of an array, see --each");
	return STATUS_USAGE;
}

static int
compile_single(const struct settings *set, const char *what, const char *path,
    size_t len, struct program **p)
{
	int status = settings_compile(set, path, len, NULL, p);

	return status != STATUS_OK ? status
				   : check_single(set, what, path, len, *p);
}

/* The rule of another program in the key's file. */
static void
put_rule(struct buf *b, const void *arg, const char *text, size_t len)
{
	const struct enricher *e = arg;

	join_put_rule_with(b, &e->join, e->file_key, text, len);
}

/* The key's program is in a file, and may be followed. */
static int
compile_file(struct enricher *e, struct settings *set)
{
	int status = reload_init(&e->reload, set, "enrich", false);

	if (status != STATUS_OK)
		return status;
	e->reload.put_rule = put_rule;
	e->reload.put_rule_arg = e;
	return check_single(set, "-f", set->program_file,
	    strlen(set->program_file), e->reload.first);
}

static int
compile_key(struct enricher *e, struct settings *set, size_t i)
{
	const struct keyspec *k = &e->join.key[i];

	if (e->from_file && e->file_key == i)
		return compile_file(e, set);
	return compile_single(
	    set, e->key_option, k->path, k->path_len, &e->join.key_program[i]);
}

static int
compile_keys(struct enricher *e, struct settings *set)
{
	struct join *j = &e->join;
	int status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < j->keys_n; i++) {
		const struct keyspec *k = &j->key[i];

		e->keys[i] = (struct source_key){
		    {k->column, k->column_len}, {k->to, k->to_len}};
		status = compile_key(e, set, i);
	}
	j->options.keys = e->keys;
	j->options.keys_n = j->keys_n;
	return status;
}

/* Is --default JSON, and with --merge an object? */
static int
check_default(const struct settings *set, const struct join *j)
{
	struct scan_error error;
	bool well;

	if (j->instead == NULL)
		return STATUS_OK;
	well =
	    scan_diagnose(j->instead, strlen(j->instead), SCAN_DEPTH, &error);
	if (!well)
		complain(set->command, "--default: %zu: %s", error.column,
		    error.reason);
	else if (j->merge && j->instead[strspn(j->instead, " \t\n")] != '{')
		complain(set->command,
		    "--default: with --merge it is an object, whose members "
		    "stand in for the columns");
	else
		return STATUS_OK;
	return STATUS_USAGE;
}

static int
compile(struct enricher *e, struct settings *set)
{
	struct join *j = &e->join;
	int status = compile_keys(e, set);

	if (status == STATUS_OK)
		status = when_init(&e->when, set);
	if (status == STATUS_OK)
		status = check_default(set, j);
	if (status == STATUS_OK && j->as_of != NULL)
		status = compile_single(set, "--as-of", j->as_of,
		    strlen(j->as_of), &j->time_program);
	if (status == STATUS_OK && !join_sets_member(j))
		status =
		    compile_made(e, set, j->as, join_put_setter, &j->setter);
	if (status == STATUS_OK && j->each != NULL)
		status = compile_made(
		    e, set, j->each, join_put_gather, &j->elements);
	if (status == STATUS_OK && j->each != NULL)
		status = compile_made(
		    e, set, j->each, join_put_elements, &j->put_elements);
	return status;
}

static void
complain_source(const struct settings *set, const struct source_options *o,
    const struct source_error *error)
{
	if (error->line > 0)
		complain(set->command, "%s:%zu:%zu: %s", o->name, error->line,
		    error->column, error->text);
	else
		complain(set->command, "%s: %s", o->name, error->text);
}

/* What a followed table has to say while events flow. */
static void
tell_source(void *arg, const char *text)
{
	const struct enricher *e = arg;
	const char *name = e->join.label;

	complain(e->set->command,
	    text[0] >= '0' && text[0] <= '9' ? "%s:%s" : "%s: %s", name, text);
}

static int
open_source(struct enricher *e, const struct settings *set)
{
	struct join *j = &e->join;
	struct source_error error;
	const struct source_kind *kind = &table_source;

	if (e->kind == ENRICHER_COPROC)
		kind = &coproc_source;
	else if (e->kind == ENRICHER_SQL)
		kind = &sql_source;
	else if (j->options.follow || j->options.mmdb)
		kind = &live_source;
	j->options.tell = tell_source;
	j->options.tell_arg = e;
	e->set = set;
	j->source = kind->open(&j->options, &error);
	if (j->source == NULL) {
		complain_source(set, &j->options, &error);
		return error.usage ? STATUS_USAGE : STATUS_IO;
	}
	if (j->source->note[0] != '\0')
		complain(set->command, "%s: %s", j->label, j->source->note);
	return STATUS_OK;
}

/* What a coprocess is told of the stage, and the stage of it. */
static void
prepare_coproc(struct enricher *e, struct settings *set)
{
	struct source_options *o = &e->join.options;
	size_t windows;

	o->processes = set->threads;
	o->max_line = set->max_line;
	windows = o->in_flight * o->processes;
	set->ahead = windows < WINDOWS ? windows : WINDOWS;
}

int
enricher_start(struct enricher *e, struct settings *set)
{
	int status = compile(e, set);

	join_set_label(&e->join);
	if (e->kind == ENRICHER_COPROC)
		prepare_coproc(e, set);
	else if (settings_reads(set, e->join.options.name, "the table") == -1)
		return STATUS_IO;
	if (status == STATUS_OK)
		status = open_source(e, set);
	if (status != STATUS_OK)
		return status;
	if (join_init(&e->join) == -1) {
		complain(set->command, "out of memory");
		return STATUS_IO;
	}
	status = refresh_init(&e->refresh, set, &e->join);
	if (status == STATUS_OK)
		status = footprint_check(set, enrich_footprint, e);
	if (status != STATUS_OK)
		return status;
	set->rule = e->join.rule.p;
	set->rule_len = e->join.rule.len;
	return STATUS_OK;
}

void *
enricher_local_new(struct enricher *e)
{
	struct local *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->join = join_local_new(&e->join);
	if (l->join != NULL && when_machine(&e->when, &l->when) &&
	    refresh_local_init(&l->refresh, &e->refresh) &&
	    (!e->from_file || reload_local_init(&l->key, &e->reload)))
		return l;
	enricher_local_free(l);
	return NULL;
}

void
enricher_local_free(void *local)
{
	struct local *l = local;

	if (l->join != NULL)
		join_local_free(l->join);
	machine_free(l->when);
	if (l->key.reload != NULL)
		reload_local_release(&l->key);
	refresh_local_release(&l->refresh);
	free(l);
}

/* The key's program as it is now; false after event_fail(). */
static bool
take_key(const struct enricher *e, struct local *l, struct event *ev)
{
	struct machine *m = reload_machine(&l->key, ev);

	join_set_key(l->join, e->file_key, m);
	return m != NULL;
}

/* A number that grows from event to event. */
static uint64_t
number(const struct event *ev)
{
	return ev->window->turn << 32 | (ev->index & UINT32_MAX);
}

/* --- while an event waits ----------------------------------------------- */

static bool
ask_ahead(void *arg)
{
	const struct local *l = arg;

	return ahead_ask(l->now->ahead, l->now);
}

static void
begin_waiting(void *arg)
{
	const struct local *l = arg;

	ahead_flush(l->now->ahead);
}

static bool
poll_both(void *arg, struct pollfd *p, nfds_t n, int milliseconds, bool *ending)
{
	const struct local *l = arg;

	return ahead_poll(l->now->ahead, p, n, milliseconds, ending);
}

/* The event may have to wait: say what goes on meanwhile. */
static void
prepare_wait(struct local *l, const struct event *ev)
{
	static_assert((int)SOURCE_WATCHED == (int)AHEAD_WATCHED, "");
	if (l->now == NULL) {
		l->wait = (struct source_wait){
		    l, ask_ahead, begin_waiting, poll_both};
		join_wait(l->join, &l->wait);
	}
	l->now = ev;
	join_number(l->join, number(ev));
}

bool
enricher_ask(const struct enricher *e, struct event *ev)
{
	struct local *l = ev->local;
	enum verdict verdict;

	if (!when_holds(l->when, ev, &verdict))
		return true;
	if (e->from_file && !take_key(e, l, ev))
		return true;
	join_number(l->join, number(ev));
	if (e->refresh.wanted)
		return refresh_ask(&e->refresh, l->join, ev);
	return join_ask(l->join, ev->arena, ev->root, &ev->context);
}

bool
enricher_end(const struct enricher *e, const char **error)
{
	const struct source *s = e->join.source;

	return s->kind->end == NULL || s->kind->end(e->join.source, error);
}

/* --- events ------------------------------------------------------------- */

enum verdict
enricher_event(const struct enricher *e, struct event *ev)
{
	struct joined joined;
	struct local *l = ev->local;
	enum join_status status;
	enum verdict verdict;

	if (!when_holds(l->when, ev, &verdict))
		return verdict;
	join_window(l->join, ev->window->turn);
	if (e->from_file && !take_key(e, l, ev))
		return VERDICT_REJECT;
	if (ev->ahead != NULL)
		prepare_wait(l, ev);
	if (e->refresh.wanted)
		return refresh_event(&e->refresh, &l->refresh, l->join, ev);
	status =
	    join_event(l->join, ev->arena, ev->root, &ev->context, &joined);

	if (status == JOIN_FAILED)
		return event_fail(ev, "%s", joined.error);
	if (status == JOIN_ENDED) {
		event_fail(ev, "%s", joined.error);
		return VERDICT_ABORT;
	}
	ev->record.from = joined.from;
	ev->record.from_len = joined.from_len;
	if (status == JOIN_CHANGED)
		event_put(ev, joined.event);
	return VERDICT_PASS;
}

static void
tell_stats(struct enricher *e)
{
	const struct join *j = &e->join;

	struct buf more = {0};

	if (j->source->kind->count != NULL)
		j->source->kind->count(j->source, &more);
	complain(e->set->command,
	    "%s: %" PRIu64 " hits, %" PRIu64 " misses%.*s", j->label,
	    (uint64_t)j->hits, (uint64_t)j->misses, (int)more.len,
	    more.p == NULL ? "" : more.p);
	buf_release(&more);
}

/* A stage that finds nothing is likely a mistake: it is told in any case. */
static void
tell_never(const struct enricher *e)
{
	const struct join *j = &e->join;
	const struct keyspec *k = &j->key[0];
	const char *hint = e->kind != ENRICHER_TABLE
	    ? ""
	    : " (a string finds strings, a number numbers: see --types)";
	bool odd = j->keyed > 0 && !j->options.follow;

	if (j->hits > 0 || (!odd && (!e->set->stats || j->misses == 0)))
		return;
	if (e->kind == ENRICHER_COPROC)
		complain(e->set->command, "%s: never had an answer", j->label);
	else if (k->column_len == 0)
		complain(e->set->command, "%s: never found a row", j->label);
	else
		complain(e->set->command,
		    "%s: %.*s never found a row by %.*s%s", j->label,
		    (int)k->path_len, k->path, (int)k->column_len, k->column,
		    hint);
}

void
enricher_release(struct enricher *e)
{
	struct join *j = &e->join;

	if (j->source != NULL && e->set->stats)
		tell_stats(e);
	if (j->source != NULL)
		tell_never(e);
	join_release(j);
	source_close(j->source);
	for (size_t i = 0; i < j->keys_n; i++)
		program_free(j->key_program[i]);
	reload_release(&e->reload);
	when_release(&e->when);
	refresh_release(&e->refresh);
	program_free(j->time_program);
	program_free(j->setter);
	program_free(j->elements);
	program_free(j->put_elements);
}
