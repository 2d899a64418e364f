/*
 * The programs of ms-fold: what an event's key is, when it was, and what
 * the new state of its key is.
 */
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/moment.h"
#include "driver/single_value.h"
#include "fold.h"
#include "state/key_text.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

enum { PARSE_DEPTH = SCAN_DEPTH * 10 }; /* as value_parse() has it */

enum { EVENT, ORIGIN, OWN_BINDINGS };

static const char *const OWN_NAMES[OWN_BINDINGS] = {"event", "origin"};

/* Would --arg hide $event or $origin? */
static bool
names_are_free(const struct settings *set)
{
	for (size_t i = 0; i < set->bindings_n; i++) {
		for (size_t j = 0; j < OWN_BINDINGS; j++) {
			if (strcmp(set->bindings[i].name, OWN_NAMES[j]) != 0)
				continue;
			complain(set->command,
			    "--arg and the like: $%s has a meaning of its own "
			    "here; take another name",
			    OWN_NAMES[j]);
			return false;
		}
	}
	return true;
}

/* PROGRAM knows two variables more than others do. */
static int
compile_fold(struct fold *f, const struct settings *set)
{
	struct settings with = *set;
	size_t n = set->bindings_n;
	int status;

	with.bindings = calloc(n + OWN_BINDINGS, sizeof(*with.bindings));
	if (with.bindings == NULL) {
		complain(set->command, "out of memory");
		return STATUS_IO;
	}
	if (n > 0)
		memcpy(
		    with.bindings, set->bindings, n * sizeof(*with.bindings));
	for (size_t i = 0; i < OWN_BINDINGS; i++)
		with.bindings[n + i] = (struct binding){
		    .name = OWN_NAMES[i], .value = VALUE_OF(VALUE_NULL)};
	with.bindings_n = n + OWN_BINDINGS;
	f->event_binding = n;
	f->wants_origin = memmem(set->program_text, set->program_len, "origin",
			      strlen("origin")) != NULL;
	status = settings_compile(&with, set->program_text, set->program_len,
	    set->program_file, &f->program);
	free(with.bindings);
	return status;
}

int
fold_compile(struct fold *f, struct settings *set)
{
	int status = STATUS_OK;

	f->set = set;
	if (!names_are_free(set))
		return STATUS_USAGE;
	for (size_t i = 0; i < f->by_n && status == STATUS_OK; i++)
		status = settings_compile(
		    set, f->by[i], strlen(f->by[i]), "--by", &f->keys[i]);
	if (status == STATUS_OK && f->time != NULL)
		status = settings_compile(
		    set, f->time, strlen(f->time), "--time", &f->when);
	if (status == STATUS_OK)
		status = compile_fold(f, set);
	if (status == STATUS_OK)
		status = setter_init(
		    &f->setter, set, f->as == NULL ? ".fold" : f->as);
	return status;
}

static bool
machine_for(struct machine **m, const struct program *p)
{
	*m = p == NULL ? NULL : machine_new(p);
	return p == NULL || *m != NULL;
}

void *
fold_local_new(void *arg)
{
	const struct fold *f = arg;
	struct fold_local *l = calloc(1, sizeof(*l));
	bool whole = l != NULL;

	if (!whole)
		return NULL;
	(void)clock_init(&l->clock);
	arena_init(&l->results, f->set->max_memory);
	arena_init(&l->recalled, f->set->max_memory);
	whole = scan_init(&l->scan, PARSE_DEPTH) == 0 &&
	    machine_for(&l->program, f->program) &&
	    machine_for(&l->when, f->when) &&
	    setter_machine(&f->setter, &l->setter);
	for (size_t i = 0; i < f->by_n && whole; i++)
		whole = machine_for(&l->keys[i], f->keys[i]);
	if (whole)
		return l;
	fold_local_free(l);
	return NULL;
}

void
fold_local_free(void *local)
{
	struct fold_local *l = local;

	machine_free(l->program);
	machine_free(l->when);
	machine_free(l->setter);
	for (size_t i = 0; i < FOLD_KEYS; i++)
		machine_free(l->keys[i]);
	buf_release(&l->key);
	buf_release(&l->state);
	buf_release(&l->next);
	buf_release(&l->former);
	buf_release(&l->record);
	buf_release(&l->forks);
	buf_release(&l->text);
	arena_release(&l->results);
	arena_release(&l->recalled);
	scan_release(&l->scan);
	free(l);
}

/* What a program gave: one output is wanted. */
struct single {
	size_t n;
	struct value v;
};

static bool
take_single(void *arg, struct value v)
{
	struct single *s = arg;

	s->v = v;
	return ++s->n < 2;
}

bool
fold_key(const struct fold *f, struct event *ev)
{
	struct fold_local *l = ev->local;
	bool several = f->by_n > 1;

	buf_clear(&l->key);
	if (several)
		buf_putc(&l->key, '[');
	for (size_t i = 0; i < f->by_n; i++) {
		struct value v;

		if (!single_value_of(ev, l->keys[i], "--by", &v))
			return false;
		if (i > 0)
			buf_putc(&l->key, ',');
		if (!key_text_write(&l->key, ev->arena, v)) {
			event_fail(ev, "--by: the key is nested too deeply");
			return false;
		}
	}
	if (several)
		buf_putc(&l->key, ']');
	if (f->by_n == 0)
		buf_puts(&l->key, "null");
	if (!buf_failed(&l->key))
		return true;
	event_fail(ev, "no memory for the key");
	return false;
}

bool
fold_time(const struct fold *f, struct event *ev, int64_t *micros)
{
	struct fold_local *l = ev->local;

	if (f->when == NULL) {
		*micros = clock_micros(&l->clock);
		return true;
	}
	return moment_of(ev, l->when, f->unit, micros);
}

bool
fold_place(const struct fold *f, struct event *ev, int64_t *time)
{
	const struct fold_prepared *p = ev->prepared;
	struct fold_local *l = ev->local;

	if (p == NULL)
		return fold_key(f, ev) &&
		    (time == NULL || fold_time(f, ev, time));
	if (p->refused) {
		(void)event_reject(ev, p->why.column, p->why.text);
		return false;
	}
	buf_clear(&l->key);
	buf_put(&l->key, p->key, p->key_len);
	if (buf_failed(&l->key)) {
		event_fail(ev, "no memory for the key");
		return false;
	}
	if (time == NULL)
		return true;
	*time = p->time;
	return f->when != NULL || fold_time(f, ev, time);
}

bool
fold_run(const struct fold *f, struct event *ev, const char *state, size_t len,
    struct value *next)
{
	struct fold_local *l = ev->local;
	struct value in = VALUE_OF(VALUE_NULL);
	struct single s = {.v = in};
	struct scan_error error;

	if (state != NULL &&
	    !value_parse_by(&l->scan, ev->arena, state, len, &in, &error)) {
		event_fail(ev, "the state is no JSON: %s", error.reason);
		return false;
	}
	if (!machine_bind(l->program, f->event_binding + EVENT, ev->root) ||
	    (f->wants_origin &&
		!machine_bind(l->program, f->event_binding + ORIGIN,
		    fold_origin_value(ev)))) {
		event_fail(ev, "no memory");
		return false;
	}
	if (machine_run(l->program, ev->arena, in, &ev->context, take_single,
		&s) == PROGRAM_FAILED) {
		event_fail(ev, "%s", machine_error(l->program));
		return false;
	}
	if (s.n > 1) {
		event_fail(
		    ev, "the program gave several values, and a state is one");
		return false;
	}
	*next = s.v;
	return true;
}
