#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "history/view.h"
#include "of_results.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

enum { FIRST = 16 }; /* results that there is room for at first */

bool
of_result_knows_lines(const struct of_result *r)
{
	return r->of->ranges_n > 0 && !r->of->more;
}

static void
result_release(struct of_result *r)
{
	free(r->label);
	free(r->window);
	free(r->of);
	free(r->found);
	free(r->more);
}

void
of_results_release(struct of_results *r)
{
	for (size_t i = 0; i < r->n; i++)
		result_release(&r->result[i]);
	for (size_t i = 0; i < r->rules; i++)
		of_rule_free(r->rule[i]);
	free(r->result);
	free(r->rule);
	free(r->span);
	composition_names_release(&r->names);
	buf_release(&r->forks);
}

/* --- adding results --- */

static bool
room(struct of_results *r)
{
	size_t cap = r->cap == 0 ? FIRST : r->cap * 2;
	struct of_result *more;

	if (r->n < r->cap)
		return true;
	more = reallocarray(r->result, cap, sizeof(*more));
	if (more == NULL)
		return false;
	r->result = more;
	r->cap = cap;
	return true;
}

/* Number of the rule of a record; SIZE_MAX where it can't be run. */
static size_t
find_rule(struct of_results *r, struct arena *a, const struct view *v)
{
	struct of_rule **more, *rule;
	bool starved = false;

	for (size_t i = 0; i < r->rules; i++)
		if (of_rule_is(r->rule[i], a, v))
			return i;
	rule = of_rule_new(a, v, &starved);
	if (rule == NULL && !starved)
		return SIZE_MAX;
	more = reallocarray(r->rule, r->rules + 1, sizeof(struct of_rule *));
	if (more != NULL)
		r->rule = more;
	if (more == NULL || rule == NULL) {
		of_rule_free(rule);
		arena_starve(a);
	}
	r->rule[r->rules] = rule;
	return r->rules++;
}

static char *
copy(struct arena *a, const char *text, size_t len)
{
	char *made = strndup(text, len);

	if (made == NULL)
		arena_starve(a);
	return made;
}

static bool
instant(
    struct arena *a, struct value window, const char *name, struct value *text)
{
	if (!object_get(a, window, value_cstring(name), text) ||
	    !value_is_string(*text))
		return false;
	*text = string_decoded(a, *text);
	return true;
}

/* "2026-11-22T14:20:00Z to 2026-11-22T14:20:05Z" */
static void
read_window(struct of_result *x, struct arena *a, const struct view *v)
{
	struct value w = v->of[VIEW_WINDOW], from, to;
	char *text;

	if (!value_is_object(w) || !instant(a, w, "from", &from) ||
	    !instant(a, w, "to", &to))
		return;
	x->has_window = instant_parse(from.text, from.n, &x->in.from) &&
	    instant_parse(to.text, to.n, &x->in.to);
	text = arena_alloc(a, (size_t)from.n + to.n + 4);
	memcpy(text, from.text, from.n);
	memcpy(text + from.n, " to ", 4);
	memcpy(text + from.n + 4, to.text, to.n);
	x->window = copy(a, text, (size_t)from.n + to.n + 4);
}

/* The same composition in no more memory than it takes. */
static struct composition *
keep(struct arena *a, const struct composition *c)
{
	struct composition *kept = malloc(composition_size(c));

	if (kept == NULL)
		arena_starve(a);
	memcpy(kept, c, composition_size(c));
	return kept;
}

static uint32_t
revision(const struct view *v)
{
	struct value rev = v->of[VIEW_REV];

	if (!value_is_number(rev))
		return 1;
	rev = rev.kind == VALUE_NUMBER ? value_number(rev) : rev;
	return rev.kind == VALUE_INT && rev.i > 0 && rev.i < UINT32_MAX
	    ? (uint32_t)rev.i
	    : 1;
}

/* The record that says what the event was made of; NULL: none does. */
static const struct view *
made_by(const struct view *v, size_t n)
{
	while (n > 0 && !view_has(&v[n - 1], VIEW_OF))
		n--;
	return n == 0 ? NULL : &v[n - 1];
}

/* Fill in a result that is among the others already, and zero. */
static void
describe(struct of_results *r, struct of_result *x, struct arena *a,
    const struct view *v)
{
	struct value label = view_label(a, v);

	x->rev = revision(v);
	x->rule = find_rule(r, a, v);
	x->label = copy(a, label.text, label.n);
	read_window(x, a, v);
	if (!x->has_window)
		x->rule = SIZE_MAX;
}

enum verdict
of_results_add(struct of_results *r, struct event *ev)
{
	struct arena *a = ev->arena;
	struct composition c;
	struct value id;
	size_t n;
	struct view *v = view_history(a, ev->history, &n);
	const struct view *made = made_by(v, n);
	struct of_result *x;

	if (made == NULL)
		return VERDICT_WRITTEN;
	if (!composition_parse(&c, a, &r->names, made->of[VIEW_OF]))
		return event_fail(ev,
		    "its \"of\" doesn't say what it was "
		    "made of, as ms-lineage(5) has it");
	if (!view_text(a, made, VIEW_ID, &id) || id.n != UUID_TEXT)
		return event_fail(ev, "the record with its \"of\" has no id");
	if (!room(r))
		arena_starve(a);
	x = &r->result[r->n];
	*x = (struct of_result){.order = r->n};
	r->n++; /* what is allocated from now on is freed with the others */
	memcpy(x->id, id.text, UUID_TEXT);
	x->of = keep(a, &c);
	describe(r, x, a, made);
	return VERDICT_WRITTEN;
}

/* --- sealing --- */

static int
by_id(const void *a, const void *b)
{
	const struct of_result *x = a, *y = b;
	int order = memcmp(x->id, y->id, UUID_TEXT);

	if (order == 0)
		order = (x->rev > y->rev) - (x->rev < y->rev);
	return order != 0 ? order
			  : (x->order > y->order) - (x->order < y->order);
}

/* Of results with the same id, the last revision counts. */
static void
drop_revised(struct of_results *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (i + 1 < r->n &&
		    memcmp(r->result[i].id, r->result[i + 1].id, UUID_TEXT) ==
			0)
			result_release(&r->result[i]);
		else
			r->result[n++] = r->result[i];
	}
	r->n = n;
}

static int
by_place(const void *a, const void *b)
{
	const struct of_span *x = a, *y = b;

	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return (x->from > y->from) - (x->from < y->from);
}

static void
add_spans(struct of_results *r, size_t i)
{
	const struct composition *c = r->result[i].of;

	for (uint16_t k = 0; k < c->ranges_n; k++)
		r->span[r->spans++] = (struct of_span){
		    .source = c->ranges[k].source,
		    .from = c->ranges[k].from,
		    .to = c->ranges[k].to,
		    .result = i,
		};
}

bool
of_results_seal(struct of_results *r)
{
	size_t n = 0;

	r->sealed = true;
	if (r->n == 0)
		return true;
	qsort(r->result, r->n, sizeof(*r->result), by_id);
	drop_revised(r);
	for (size_t i = 0; i < r->n; i++)
		n += r->result[i].of->ranges_n;
	r->span = calloc(n + 1, sizeof(*r->span));
	if (r->span == NULL)
		return false;
	for (size_t i = 0; i < r->n; i++)
		add_spans(r, i);
	qsort(r->span, r->spans, sizeof(*r->span), by_place);
	for (size_t i = 0; i < r->spans; i++) {
		struct of_span *s = &r->span[i];
		bool first = i == 0 || s[-1].source != s->source;

		s->most = !first && s[-1].most > s->to ? s[-1].most : s->to;
	}
	return true;
}

/* --- events --- */

/* An event that is being shown. */
struct showing {
	struct of_results *r;
	const struct composition_event *e;
	of_results_found *found;
	void *arg;
	bool failed;
};

static void
add_to(struct showing *s, struct composition **c)
{
	if (*c == NULL)
		*c = calloc(1, sizeof(**c));
	if (*c == NULL)
		s->failed = true;
	else
		composition_add(*c, s->e);
}

static void
part_of(struct showing *s, struct of_result *x)
{
	add_to(s, &x->found);
	s->found(s->arg, x);
}

/* Spans that end before the line lie between those that don't. */
static void
note_lines(struct showing *s)
{
	struct of_results *r = s->r;
	const struct composition_event *e = s->e;
	size_t low = 0, high = r->spans;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct of_span *x = &r->span[middle];

		if (x->source < e->source ||
		    (x->source == e->source && x->from <= e->line))
			low = middle + 1;
		else
			high = middle;
	}
	while (low-- > 0) {
		const struct of_span *x = &r->span[low];
		struct of_result *y = &r->result[x->result];

		if (x->source != e->source || x->most < e->line)
			return;
		if (x->to < e->line)
			continue;
		y->met = r->events;
		y->listed = true;
		/* Where nothing else is known, its line is what counts. */
		if (y->rule == SIZE_MAX)
			part_of(s, y);
	}
}

/* The rule of a result takes the event in hand. */
static void
taken(struct showing *s, struct of_result *x)
{
	bool listed = x->met == s->r->events && x->listed;
	bool counted = of_rule_plan(s->r->rule[x->rule])->kind == WINDOW_COUNT;

	if (listed || !of_result_knows_lines(x))
		part_of(s, x);
	else if (!counted) /* else it may be in the window before, or behind */
		add_to(s, &x->more);
}

static struct of_result *
find_result(struct of_results *r, const char *id)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp(r->result[middle].id, id, UUID_TEXT);

		if (order == 0)
			return &r->result[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void
note_id(void *arg, const char id[UUID_TEXT + 1])
{
	struct showing *s = arg;
	struct of_result *x = find_result(s->r, id);

	if (x != NULL && x->rule != SIZE_MAX)
		taken(s, x);
}

static void
note_rule(struct showing *s, size_t rule)
{
	struct of_results *r = s->r;

	if (of_rule_plan(r->rule[rule])->kind == WINDOW_TIME) {
		s->failed |= !of_rule_each_id(r->rule[rule], note_id, s);
		return;
	}
	for (size_t i = 0; i < r->n; i++) {
		struct of_result *x = &r->result[i];
		struct of_claim claim = {x->id, x->in, x->of, &r->names};

		if (x->rule == rule && of_rule_takes(r->rule[rule], &claim))
			taken(s, x);
	}
}

/* All events are meant where nothing says which are. */
static void
note_all(struct showing *s)
{
	for (size_t i = 0; i < s->r->n; i++) {
		struct of_result *x = &s->r->result[i];

		if (x->rule == SIZE_MAX && !of_result_knows_lines(x) &&
		    !(x->met == s->r->events && x->listed))
			part_of(s, x);
	}
}

bool
of_results_event(
    struct of_results *r, struct event *ev, of_results_found *found, void *arg)
{
	struct composition_event e;
	struct provenance p;
	struct showing s = {r, &e, found, arg, false};

	provenance_find(
	    &p, ev->arena, ev->history, ev->source, event_number(ev));
	if (!composition_describe(&e, ev->arena, &p, &r->forks, &r->names))
		return false;
	r->events++;
	if (e.has_line)
		note_lines(&s);
	for (size_t i = 0; i < r->rules; i++)
		if (of_rule_event(r->rule[i], ev))
			note_rule(&s, i);
	note_all(&s);
	return !s.failed;
}
