/*
 * --state FILE: the state is read at the start and committed batch by batch,
 * with how far each source was folded, and with the batch's own lines.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "persist.h"
#include "value/value.h"

static const char STREAM_TIME[] = "stream time", ORDER[] = "order",
		  USES[] = "uses";

/* Are keys forgotten by their use? */
static bool
is_bounded(const struct fold *f)
{
	return f->limits.keys > 0 || f->limits.ttl > 0;
}

static int
open_file(struct fold *f)
{
	const struct settings *set = f->set;
	struct persist_owner texts;
	char error[KEEP_ERROR] = "out of memory";
	enum keep_status status = KEEP_FAILED;

	if (persist_owner(f, &texts)) {
		struct keep_owner owner = {.program = texts.program.p,
		    .key = texts.key.p,
		    .window = texts.window.p};

		status =
		    keep_open(&f->keep_file, f->file, &owner, f->reset, error);
	}
	persist_owner_release(&texts);
	if (status == KEEP_OK)
		return STATUS_OK;
	complain(set->command, "%s: %s", f->file, error);
	return status == KEEP_DIFFERS ? STATUS_USAGE : STATUS_IO;
}

/* What rows are read into. */
struct reading {
	struct fold *f;
	struct arena *a;
	const char *why; /* a row can't be read */
};

static bool
parse(struct reading *r, const char *text, size_t len, struct value *v)
{
	struct scan_error error;

	if (value_parse(r->a, text, len, v, &error))
		return true;
	r->why = "a text in it is no JSON";
	return false;
}

static bool
take_row(void *arg, const char *key, size_t key_len, const char *value,
    size_t value_len, const char *at, size_t at_len)
{
	struct reading *r = arg;
	struct value k, v, time = VALUE_OF(VALUE_NULL);

	arena_reset(r->a);
	if (!parse(r, key, key_len, &k) || !parse(r, value, value_len, &v))
		return false;
	if (at_len > 0)
		time = value_text(at, at_len);
	r->why = persist_decode(r->f, r->a, k, v, time);
	return r->why == NULL;
}

static bool
take_position(void *arg, const char *source, size_t source_len, int64_t number,
    const char *forks, size_t forks_len)
{
	struct reading *r = arg;
	struct position at = {.number = number};

	if (!position_forks_read(&at, forks, forks_len))
		r->why = "a position in it is none";
	else if (!positions_found(r->f->positions, source, source_len, &at))
		r->why = "out of memory";
	return r->why == NULL;
}

bool
kept_file_facts(struct keep *k, struct dump_facts *facts)
{
	char time[KEEP_FACT], order[KEEP_FACT];

	if (!keep_fact(k, STREAM_TIME, time) || !keep_fact(k, ORDER, order))
		return false;
	facts->has_time = instant_parse(time, strlen(time), &facts->time);
	facts->order = strtoull(order, NULL, 10);
	return true;
}

bool
kept_file_uses(struct keep *k, uint64_t *uses)
{
	char text[KEEP_FACT];

	if (!keep_fact(k, USES, text))
		return false;
	*uses = strtoull(text, NULL, 10);
	return true;
}

static bool
read_facts(struct fold *f)
{
	struct dump_facts facts;

	if (!kept_file_facts(f->keep_file, &facts) ||
	    !kept_file_uses(f->keep_file, &f->uses))
		return false;
	persist_take_facts(f, &facts);
	return true;
}

/* Read all that the file holds; NULL, or why that isn't possible. */
static const char *
read_file(struct reading *r)
{
	struct fold *f = r->f;
	jmp_buf overflow;

	r->a->overflow = &overflow;
	if (setjmp(overflow) != 0)
		return "out of memory";
	if (!read_facts(f) ||
	    !keep_each_position(f->keep_file, take_position, r) ||
	    (r->why == NULL &&
		!keep_each(f->keep_file, is_bounded(f), take_row, r)))
		return keep_error(f->keep_file);
	if (r->why == NULL && !persist_plan(f))
		return "out of memory";
	return r->why;
}

int
kept_file_open(struct fold *f)
{
	struct arena a;
	struct reading r = {.f = f, .a = &a};
	const char *why = "out of memory";
	int status = open_file(f);

	if (status != STATUS_OK)
		return status;
	f->positions = positions_new();
	arena_init(&a, f->set->max_memory);
	if (f->positions != NULL)
		why = read_file(&r);
	if (why != NULL)
		complain(f->set->command, "%s: %s", f->file, why);
	arena_release(&a);
	/* Where some had to go at once, the file is to know. */
	if (state_evicted(f->kept) == 0)
		state_settle(f->kept);
	return why == NULL ? STATUS_OK : STATUS_IO;
}

void
kept_file_close(struct fold *f)
{
	if (f->repeats > 0)
		complain(f->set->command,
		    "%" PRIu64 " event%s folded before, by source and "
		    "position, and skipped",
		    f->repeats, f->repeats == 1 ? " was" : "s were");
	positions_free(f->positions);
	keep_close(f->keep_file);
}

bool
kept_file_resume(void *arg, struct buf *lines)
{
	struct fold *f = arg;

	if (keep_last_output(f->keep_file, lines))
		return true;
	complain(f->set->command, "%s: %s", f->file, keep_error(f->keep_file));
	return false;
}

/* What a batch is written with. */
struct writing {
	const struct fold *f;
	struct persist_texts texts;
	uint64_t uses; /* f->uses, and those of the batch */
	bool no_memory;
};

/* The number of an entry's row; those of a batch come in any order. */
static uint64_t
number_use(struct writing *w, const struct state_entry *e)
{
	uint64_t n = e->use == 0 ? 0 : w->f->uses + e->use;

	w->uses = n > w->uses ? n : w->uses;
	return n;
}

/* A running state, whose texts are those of the file. */
static bool
write_running(struct writing *w, const struct state_entry *e)
{
	struct persist_texts *t = &w->texts;

	t->at_len = e->at == 0 ? 0 : instant_format(e->at, t->at);
	return keep_put(w->f->keep_file, e->key, e->key_len, e->text,
	    e->text_len, t->at, t->at_len, number_use(w, e));
}

static bool
write_entry(void *arg, const struct state_entry *e)
{
	struct writing *w = arg;
	const struct persist_texts *t = &w->texts;
	struct keep *k = w->f->keep_file;

	if (w->f->window == NULL && e->text != NULL)
		return write_running(w, e);
	if (!persist_encode(w->f, e, &w->texts)) {
		w->no_memory = true;
		return false;
	}
	if (e->text == NULL)
		return keep_forget(k, t->key.p, t->key.len);
	return keep_put(k, t->key.p, t->key.len, t->value.p, t->value.len,
	    t->at, t->at_len, number_use(w, e));
}

static bool
write_position(
    void *arg, const char *source, size_t len, const struct position *at)
{
	const struct writing *w = arg;
	char forks[POSITION_TEXT];
	size_t n = position_forks_text(at, forks);

	return keep_put_position(
	    w->f->keep_file, source, len, at->number, forks, n);
}

static bool
write_number(const struct fold *f, const char *name, uint64_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, n);
	return keep_put_fact(f->keep_file, name, text);
}

static bool
write_facts(const struct fold *f, uint64_t uses)
{
	struct dump_facts facts = persist_facts(f);
	char time[INSTANT_TEXT] = "";

	if (is_bounded(f) && !write_number(f, USES, uses))
		return false;
	if (f->window == NULL && f->limits.ttl == 0)
		return true;
	if (facts.has_time)
		(void)instant_format(facts.time, time);
	return keep_put_fact(f->keep_file, STREAM_TIME, time) &&
	    (f->window == NULL || write_number(f, ORDER, facts.order));
}

bool
kept_file_commit(void *arg, const char *lines, size_t len)
{
	struct fold *f = arg;
	struct writing w = {.f = f, .uses = f->uses};
	struct keep *k = f->keep_file;
	bool good = keep_begin(k) &&
	    state_changes_by_key(f->kept, write_entry, &w) &&
	    positions_changes(f->positions, write_position, &w) &&
	    write_facts(f, w.uses) && keep_put_output(k, lines, len) &&
	    keep_end(k);

	persist_texts_release(&w.texts);
	if (good) {
		state_settle(f->kept);
		f->uses = w.uses;
		return true;
	}
	keep_cancel(k);
	complain(f->set->command,
	    "%s: %s; what came since the last commit is "
	    "not written",
	    f->file, w.no_memory ? "out of memory" : keep_error(k));
	return false;
}

void
kept_file_tidy(void *arg)
{
	const struct fold *f = arg;

	keep_tidy(f->keep_file);
}

static void
tell_new(struct fold *f)
{
	if (f->told_new)
		return;
	f->told_new = true;
	complain(f->set->command,
	    "some events say no origin but standard input, or none: a repeat "
	    "of one would be folded again (ms-trace --source NAME names it)");
}

enum verdict
kept_file_judge(struct fold *f, struct event *ev, bool *known)
{
	struct position at, last;
	struct value source;

	*known = fold_position(ev, &source, &at);
	if (!*known) {
		tell_new(f);
		return VERDICT_PASS;
	}
	switch (
	    positions_judge(f->positions, source.text, source.n, &at, &last)) {
	case POSITION_NEW:
		return VERDICT_PASS;
	case POSITION_REPEAT:
		if (!f->stop_on_repeat) {
			f->repeats++;
			return VERDICT_DROP;
		}
		event_fail(ev,
		    "%.*s:%" PRId64 " was folded before: the state has it up "
		    "to %" PRId64,
		    (int)source.n, source.text, at.number, last.number);
		return VERDICT_ABORT;
	case POSITION_BACK:
		event_fail(ev,
		    "%.*s goes back: its line %" PRId64 " comes behind line "
		    "%" PRId64 "; a state that is kept needs each source in "
		    "order",
		    (int)source.n, source.text, at.number, last.number);
		return VERDICT_ABORT;
	default:
		event_fail(ev, "no memory");
		return VERDICT_ABORT;
	}
}

void
kept_file_note(struct fold *f)
{
	positions_note(f->positions);
}
