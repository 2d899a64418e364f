#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "render/changes.h"
#include "render/made.h"
#include "render/meter.h"
#include "render/show.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum {
	BEHIND = 1000, /* results stand behind what they were made of */
	AGAIN = 16,    /* times that an event may meet a stage anew */
};

static uint64_t
mix(uint64_t hash, const struct view *v, enum view_member m)
{
	uint64_t h = 1;

	if (value_is_string(v->of[m]))
		h = hash_bytes(v->of[m].text, v->of[m].n);
	return (hash ^ h) * UINT64_C(0x9E3779B97F4A7C15);
}

static void
keep_text(struct arena *a, const struct view *v, enum view_member m, char *out)
{
	struct value text;

	if (view_text(a, v, m, &text)) /* else it is zero, and so empty */
		show_keep(out, METER_TEXT, text);
}

/* Its slot in the table: the stage with that hash, or a free one. */
static uint16_t *
slot_of(struct meter *m, uint64_t hash)
{
	size_t i = hash >> 32 & (METER_SLOTS - 1);

	while (m->slot[i] != 0 && m->stage[m->slot[i] - 1]->hash != hash)
		i = (i + 1) & (METER_SLOTS - 1);
	return &m->slot[i];
}

/* The rule, which may be long, in memory of its own. */
static char *
keep_rule(struct arena *a, const struct view *v)
{
	char text[METER_RULE] = "";
	struct value rule;

	if (view_text(a, v, VIEW_RULE, &rule))
		show_keep(text, sizeof(text), rule);
	return strdup(text);
}

static struct meter_stage *
add_stage(struct meter *m, struct arena *a, const struct view *v, uint64_t hash)
{
	struct meter_stage *s;

	if (m->n == METER_STAGES)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		arena_starve(a);
	s->hash = hash;
	s->rule = keep_rule(a, v);
	if (s->rule == NULL) {
		free(s);
		arena_starve(a);
	}
	keep_text(a, v, VIEW_OP, s->op);
	keep_text(a, v, VIEW_STAGE, s->name);
	s->number = (uint16_t)m->n;
	m->stage[m->n++] = s;
	return s;
}

/* The stage of a record, which this event wasn't met at before. */
static struct meter_stage *
find_stage(struct meter *m, struct arena *a, const struct view *v)
{
	uint64_t hash =
	    mix(mix(mix(0, v, VIEW_OP), v, VIEW_STAGE), v, VIEW_RULE);
	struct meter_stage *s = NULL;

	for (int again = 0; again < AGAIN; again++, hash++) {
		uint16_t *slot = slot_of(m, hash);

		if (*slot == 0) {
			s = add_stage(m, a, v, hash);
			*slot = s == NULL ? 0 : (uint16_t)m->n;
			return s;
		}
		s = m->stage[*slot - 1];
		if (s->met != m->events)
			break;
	}
	return s;
}

/* A pointer with [] for what may be an index; it isn't longer by much. */
static size_t
fold(struct value path, char *out)
{
	size_t n = 0;

	for (uint32_t i = 0; i < path.n;) {
		uint32_t end = ++i;
		bool digits = true;

		for (; end < path.n && path.text[end] != '/'; end++)
			digits &=
			    path.text[end] >= '0' && path.text[end] <= '9';
		out[n++] = '/';
		if (digits && end > i) {
			out[n++] = '[';
			out[n++] = ']';
		} else {
			memcpy(out + n, path.text + i, end - i);
			n += end - i;
		}
		i = end;
	}
	return n;
}

static void
count_path(struct meter_stage *s, struct arena *a, struct value path)
{
	char *text;

	if (path.n == 0 || path.text[0] != '/')
		return;
	text = arena_array(a, path.n, 2);
	frequent_add(&s->fields, text, fold(path, text));
}

/* The paths of an operation; false where it replaces the whole event. */
static bool
count_field(struct meter_stage *s, struct arena *a, struct value op)
{
	struct value paths[2];
	size_t n = view_paths(a, op, paths);
	bool parts = true;

	for (size_t i = 0; i < n; i++) {
		parts &= paths[i].n > 0;
		count_path(s, a, paths[i]);
	}
	return parts;
}

/* Those of an undo; false where it takes going back to know them. */
static bool
count_fields(struct meter_stage *s, struct arena *a, struct value undo)
{
	const struct doc *d = undo.doc;
	bool parts = true;

	if (undo.kind != VALUE_RAW_ARRAY) {
		s->changed += undo.kind == VALUE_ARRAY && undo.n > 0;
		return true;
	}
	s->changed += d->match[undo.n] > undo.n + 1;
	for (uint32_t e = undo.n + 1; e < d->match[undo.n];
	     e = doc_after(d, e) + 1)
		parts &= count_field(s, a, value_source(d, e));
	return parts;
}

static size_t
record_length(struct value record)
{
	const struct doc *d = record.doc;

	if (record.kind != VALUE_RAW_OBJECT)
		return 0;
	return d->at[d->match[record.n]] + 1 - d->at[record.n];
}

/* False where it takes going back through the history to know its paths. */
static bool
count_record(struct meter_stage *s, struct arena *a, const struct view *v)
{
	s->bytes += record_length(v->record) + 1;
	s->forks += value_is_array(v->of[VIEW_FORK]);
	s->made += made_count(a, v);
	s->revised += made_revised(v);
	if (!value_is_true(v->of[VIEW_TRUNCATED]))
		return count_fields(s, a, v->of[VIEW_UNDO]);
	s->changed++;
	return true;
}

/* A record whose undo replaces the whole event. */
struct meter_whole {
	struct meter_whole *next;
	size_t i;
	struct meter_stage *stage;
};

/* What such records changed in truth. */
static void
count_wholes(struct arena *a, const struct meter_whole *w, struct value event,
    struct value history)
{
	size_t n;
	struct view *v = view_history(a, history, &n);
	struct changes_of *all = changes_history(a, event, v, n, true);

	for (; w != NULL; w = w->next) {
		const struct change *c = all[w->i].first;

		if (!all[w->i].known)
			frequent_add(&w->stage->fields, "", 0);
		for (; all[w->i].known && c != NULL; c = c->next)
			count_path(w->stage, a, c->path);
	}
}

static void
count_time(struct meter_stage *s, int64_t passed)
{
	if (passed < 0)
		s->disorder++;
	else
		histogram_add(&s->times, (uint64_t)passed);
}

static void
count_step(struct meter *m, struct arena *a, struct meter_step *step,
    struct meter_whole **wholes)
{
	struct meter_whole *w;
	struct meter_stage *s = find_stage(m, a, step->v);

	step->stage = s;
	step->ending = ending_of(a, step->v);
	if (s == NULL) {
		m->others++;
		return;
	}
	s->met = m->events;
	s->events++;
	s->positions += step->i + m->before;
	s->left[step->ending]++;
	if (count_record(s, a, step->v))
		return;
	w = arena_alloc(a, sizeof(*w));
	*w = (struct meter_whole){*wholes, step->i, s};
	*wholes = w;
}

void
meter_event(struct meter *m, struct arena *a, const struct value *event,
    struct value history)
{
	struct meter_whole *wholes = NULL;
	struct meter_step step = {.ending = ENDING_NONE};
	int64_t before = 0, now;
	bool known = false;

	m->events++;
	history = array_open(a, history);
	m->without += array_length(history) == 0;
	for (; step.i < array_length(history); step.i++) {
		struct view v;
		bool timed;

		view_record(a, array_at(history, step.i), &v);
		step.v = &v;
		if (step.i == 0)
			m->before = view_has(&v, VIEW_OF) ? BEHIND : 0;
		m->malformed += view_fault(a, &m->clock, &v) != NULL;
		timed = view_time(a, &m->clock, &v, &now);
		count_step(m, a, &step, &wholes);
		step.micros = known && timed ? now - before : -1;
		if (known && timed && step.stage != NULL)
			count_time(step.stage, now - before);
		known = timed;
		before = now;
		if (m->step != NULL)
			m->step(m->arg, a, &step);
	}
	m->out += step.ending == ENDING_NONE;
	if (step.ending != ENDING_NONE && step.stage != NULL)
		step.stage->lost[step.ending]++;
	if (wholes != NULL && event != NULL)
		count_wholes(a, wholes, *event, history);
}

void
meter_release(struct meter *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->stage[i]->rule);
		free(m->stage[i]);
	}
	m->n = 0;
}

uint64_t
meter_left(const struct meter_stage *s)
{
	return s->events - s->left[ENDING_NONE];
}

static double
mean_position(const struct meter_stage *s)
{
	return (double)s->positions / (double)(s->events > 0 ? s->events : 1);
}

/* In the order of the pipeline; stages at one position as they were met. */
void
meter_sort(const struct meter *m, const struct meter_stage **order)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct meter_stage *s = m->stage[i];
		size_t k = i;

		for (; k > 0 && mean_position(order[k - 1]) > mean_position(s);
		     k--)
			order[k] = order[k - 1];
		order[k] = s;
	}
}
