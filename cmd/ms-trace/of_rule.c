#include <stdlib.h>
#include <string.h>

#include "driver/moment.h"
#include "lang/program.h"
#include "of_rule.h"
#include "state/key_text.h"
#include "state/result_id.h"

/* A program of the rule, on one event after the other. */
struct runner {
	struct program *program;
	struct machine *machine;
};

struct of_rule {
	char *text, *stage; /* stage is NULL where there is none */
	size_t text_len, stage_len;
	struct window_plan plan;
	struct runner key[RULE_KEYS], when;
	int64_t unit;
	size_t keys_n;
	/* Of the event in hand: */
	struct buf name;
	int64_t time;
	struct buf scratch;
};

static bool
runner_init(struct runner *r, struct rule_piece text, bool *starved)
{
	struct program_source source = {.text = text.p, .len = text.n};
	struct program_error error = {.starved = false};

	r->program = program_new(&source, &error);
	if (r->program != NULL)
		r->machine = machine_new(r->program);
	*starved |= r->program == NULL ? error.starved : r->machine == NULL;
	return r->machine != NULL;
}

static void
runner_release(struct runner *r)
{
	machine_free(r->machine);
	program_free(r->program);
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

static bool
run(struct runner *r, struct event *ev, struct value *v)
{
	struct single s = {.n = 0};

	if (machine_run(r->machine, ev->arena, ev->root, &ev->context,
		take_single, &s) == PROGRAM_FAILED)
		return false;
	*v = s.v;
	return s.n == 1;
}

/* Read its own copy of the rule; false where that can't be run. */
static bool
read_rule(struct of_rule *r, struct arena *a, bool *starved)
{
	struct rule_fold fold;
	const char *why, *plan;

	if (!rule_fold_read(&fold, (struct rule_piece){r->text, r->text_len}) ||
	    fold.window.p == NULL)
		return false;
	plan = arena_copy(a, fold.window.p, fold.window.n);
	if (!window_plan_parse(&r->plan, plan, &why))
		return false;
	for (; r->keys_n < fold.by_n; r->keys_n++)
		if (!runner_init(
			&r->key[r->keys_n], fold.by[r->keys_n], starved))
			return false;
	r->unit = fold.unit;
	if (fold.time.p != NULL)
		return runner_init(&r->when, fold.time, starved);
	return r->plan.kind == WINDOW_ALL; /* else by the time of arrival */
}

struct of_rule *
of_rule_new(struct arena *a, const struct view *v, bool *starved)
{
	struct of_rule *r;
	struct value rule, stage;

	if (!view_text(a, v, VIEW_RULE, &rule))
		return NULL;
	r = calloc(1, sizeof(*r));
	*starved |= r == NULL;
	if (r == NULL)
		return NULL;
	r->text = strndup(rule.text, rule.n);
	r->text_len = rule.n;
	if (view_text(a, v, VIEW_STAGE, &stage)) {
		r->stage = strndup(stage.text, stage.n);
		r->stage_len = stage.n;
		*starved |= r->stage == NULL;
	}
	*starved |= r->text == NULL;
	if (!*starved && strlen(r->text) == r->text_len &&
	    read_rule(r, a, starved))
		return r;
	of_rule_free(r);
	return NULL;
}

void
of_rule_free(struct of_rule *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < RULE_KEYS; i++)
		runner_release(&r->key[i]);
	runner_release(&r->when);
	free(r->text);
	free(r->stage);
	buf_release(&r->name);
	buf_release(&r->scratch);
	free(r);
}

bool
of_rule_is(const struct of_rule *r, struct arena *a, const struct view *v)
{
	struct value rule, stage;
	bool named = view_text(a, v, VIEW_STAGE, &stage);

	return view_text(a, v, VIEW_RULE, &rule) && rule.n == r->text_len &&
	    memcmp(rule.text, r->text, rule.n) == 0 &&
	    named == (r->stage != NULL) &&
	    (!named ||
		(stage.n == r->stage_len &&
		    memcmp(stage.text, r->stage, stage.n) == 0));
}

const struct window_plan *
of_rule_plan(const struct of_rule *r)
{
	return &r->plan;
}

/* The key's text, as ms-fold makes it. */
static bool
find_key(struct of_rule *r, struct event *ev)
{
	buf_clear(&r->name);
	buf_puts(&r->name, r->keys_n > 1 ? "[" : "");
	for (size_t i = 0; i < r->keys_n; i++) {
		struct value v;

		if (!run(&r->key[i], ev, &v))
			return false;
		buf_puts(&r->name, i > 0 ? "," : "");
		if (!key_text_write(&r->name, ev->arena, v))
			return false;
	}
	buf_puts(&r->name, r->keys_n > 1 ? "]" : "");
	if (r->keys_n == 0)
		buf_puts(&r->name, "null");
	if (buf_failed(&r->name))
		arena_starve(ev->arena);
	return true;
}

static bool
find_time(struct of_rule *r, struct event *ev)
{
	struct value v;

	return r->when.machine == NULL ||
	    (run(&r->when, ev, &v) &&
		moment_read(ev->arena, v, r->unit, &r->time));
}

bool
of_rule_event(struct of_rule *r, struct event *ev)
{
	return find_key(r, ev) && find_time(r, ev);
}

/* Windows of time hold what is before their end, others their last event. */
static bool
is_in(const struct of_rule *r, struct of_window w)
{
	bool open =
	    r->plan.kind == WINDOW_TIME || r->plan.kind == WINDOW_SESSION;

	return r->when.machine == NULL ||
	    (r->time >= w.from && r->time < w.to + !open);
}

static bool
make_id(struct of_rule *r, int64_t from, const struct of_claim *c,
    char id[UUID_TEXT + 1])
{
	struct result_name name = {
	    .stage = r->stage,
	    .stage_len = r->stage_len,
	    .rule = r->text,
	    .rule_len = r->text_len,
	    .key = r->name.p,
	    .key_len = r->name.len,
	    .from = from,
	};

	if (r->plan.kind == WINDOW_COUNT) {
		name.of = c->of;
		name.sources = c->sources;
	}
	return result_id_make(id, &r->scratch, &name);
}

bool
of_rule_takes(struct of_rule *r, const struct of_claim *c)
{
	char made[UUID_TEXT + 1];

	return is_in(r, c->window) && make_id(r, c->window.from, c, made) &&
	    memcmp(made, c->id, UUID_TEXT) == 0;
}

bool
of_rule_each_id(struct of_rule *r, of_rule_id *call, void *arg)
{
	char id[UUID_TEXT + 1];
	int64_t from = window_plan_first(&r->plan, r->time);

	for (; from <= r->time; from += r->plan.step) {
		if (!make_id(r, from, NULL, id))
			return false;
		call(arg, id);
	}
	return true;
}
