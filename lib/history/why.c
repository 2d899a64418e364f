#include <string.h>

#include "history/element.h"
#include "history/outside.h"
#include "history/why.h"
#include "value/number.h"
#include "value/object.h"

enum {
	NODES = 1000, /* values that are told of */
	DEPTH = 64,   /* that lead to each other */
};

/* What was told of a path as that record had set it. */
struct told {
	struct told *next;
	const struct why *why;
};

struct why_asking {
	struct why_event of;
	struct timeline line;
	size_t outside; /* others changed the event after this record, or 0 */
	size_t nodes, deep;
	struct told *told;
	struct analysis analysis;
};

/* A place in the event that is asked about. */
struct asked {
	struct site site;
	size_t state;
};

struct why_asking *
why_start(const struct why_event *e, struct rewind_error *error)
{
	struct why_asking *q = arena_alloc(e->a, sizeof(*q));

	*q = (struct why_asking){.of = *e};
	q->outside = outside_last(e->a, e->event, e->v, e->n);
	return timeline_init(&q->line, e->a, e->event, e->v, e->n, error)
	    ? q
	    : NULL;
}

/* --- answers --- */

static struct why *
new_why(struct why_asking *q, enum why_kind kind, size_t record)
{
	struct why *w = arena_alloc(q->of.a, sizeof(*w));

	*w = (struct why){.kind = kind, .record = record, .row = SIZE_MAX};
	w->value = VALUE_OF(VALUE_NULL);
	q->nodes++;
	return w;
}

/* Put it behind what is in the list. */
static void
append(struct why **list, struct why *w)
{
	while (*list != NULL)
		list = &(*list)->next;
	*list = w;
}

static struct why *ask(
    struct why_asking *q, const struct site *p, size_t state);

/* Add what a site has to say, of the event as record was given it. */
static void
add_site(struct why_asking *q, struct why **list, const struct site *p,
    size_t record)
{
	struct why *w;

	if (p->root != SITE_EVENT) {
		w = new_why(q, WHY_CONTEXT, record);
		w->site = *p;
	} else if (p->n == 0) {
		for (w = *list; w != NULL; w = w->next)
			if (w->kind == WHY_ANYWHERE)
				return;
		w = new_why(q, WHY_ANYWHERE, record);
	} else {
		w = ask(q, p, record - 1);
	}
	append(list, w);
}

static void
add_sites(
    struct why_asking *q, struct why **list, struct sites s, size_t record)
{
	for (uint32_t i = 0; i < s.n; i++)
		add_site(q, list, &s.p[i], record);
}

static const struct site anywhere = {.open = true};

static void
add_anywhere(struct why_asking *q, struct why **list, size_t record)
{
	add_site(q, list, &anywhere, record);
}

/* --- what a program made --- */

/* What a record did to a place. */
struct doing {
	struct why_asking *q;
	struct asked asked;
	size_t record;
	struct value now;
	bool has;
	struct sites of, by, gate;
	bool found;  /* a write that made all that is there */
	bool within; /* one that made a part of it */
};

/* p with the steps of the asked place behind the first n of them. */
static struct site
moved(struct doing *d, const struct site *p, uint32_t n)
{
	const struct site *asked = &d->asked.site;
	struct site to = *p;
	struct value *keys;

	if (p->open || n >= asked->n)
		return *p;
	to.n = p->n + asked->n - n;
	keys = arena_array(d->q->of.a, to.n, sizeof(*keys));
	if (p->n > 0)
		memcpy(keys, p->keys, p->n * sizeof(*keys));
	memcpy(keys + p->n, asked->keys + n, (asked->n - n) * sizeof(*keys));
	to.keys = keys;
	return to;
}

/* May a value be what stood at a site before?  A scalar is, as it is. */
static bool
is_copy(struct doing *d, const struct site *p)
{
	struct value was;

	if (p->root != SITE_EVENT || p->open ||
	    d->now.kind >= VALUE_RAW_ARRAY || d->record <= d->q->line.low)
		return true;
	return timeline_get(&d->q->line, p, d->record - 1, &was) &&
	    value_written_same(was, d->now);
}

/* Sites of which one was copied as it stood; the value shows which. */
static void
take_copies(struct doing *d, struct sites copied, uint32_t n)
{
	struct analysis *a = &d->q->analysis;
	bool any = false;

	for (int all = 0; all < 2 && !any; all++)
		for (uint32_t i = 0; i < copied.n; i++) {
			struct site p = moved(d, &copied.p[i], n);

			if (all ? site_equal(&p, &d->asked.site)
				: !is_copy(d, &p))
				continue;
			d->of = sites_add(a, d->of, &p);
			any = true;
		}
}

static void
take_write(struct doing *d, const struct written *w, uint32_t n)
{
	struct analysis *a = &d->q->analysis;

	if (w->how == WRITTEN_SET) {
		d->of = sites_join(a, d->of, w->from);
		take_copies(d, w->copied, n);
	}
	d->by = sites_join(a, d->by, w->by);
}

/* Did the record change what is at a site? */
static bool
is_changed(struct doing *d, const struct site *p)
{
	return p->open || d->record <= d->q->line.low ||
	    !timeline_same(&d->q->line, p, d->record - 1, d->record);
}

/* The write that lies closest above the place, and what decided the others. */
static void
take_above(struct doing *d, const struct explain_report *e)
{
	struct analysis *a = &d->q->analysis;
	uint32_t best = 0;

	for (uint32_t i = 0; i < e->n; i++) {
		const struct written *w = &e->writes[i];

		if (!site_covers(&w->site, &d->asked.site))
			continue;
		if (w->how == WRITTEN_FILTERED) {
			d->gate = sites_join(a, d->gate, w->by);
			continue;
		}
		d->found = true;
		if (w->site.n > best)
			best = w->site.n;
	}
	for (uint32_t i = 0; i < e->n; i++) {
		const struct written *w = &e->writes[i];

		if (w->how == WRITTEN_FILTERED ||
		    !site_covers(&w->site, &d->asked.site))
			continue;
		if (w->site.n == best)
			take_write(d, w, w->site.n);
		else
			d->by = sites_join(a, d->by, w->by);
	}
}

/* Writes into what is at the place. */
static void
take_below(struct doing *d, const struct explain_report *e)
{
	for (uint32_t i = 0; i < e->n; i++) {
		const struct written *w = &e->writes[i];

		if (w->how == WRITTEN_FILTERED ||
		    w->site.n <= d->asked.site.n ||
		    !site_covers(&d->asked.site, &w->site) ||
		    !is_changed(d, &w->site))
			continue;
		take_write(d, w, UINT32_MAX);
		d->within = true;
	}
}

/* What decides that there is an event at all is told by why_here(). */
static struct sites
without_gate(struct doing *d, struct sites s)
{
	struct sites left = {0};

	for (uint32_t i = 0; i < s.n; i++) {
		bool gate = false;

		for (uint32_t k = 0; k < d->gate.n; k++)
			gate |= site_equal(&d->gate.p[k], &s.p[i]);
		if (!gate)
			left = sites_add(&d->q->analysis, left, &s.p[i]);
	}
	return left;
}

/* What a part was set in is otherwise as it was, if it was there. */
static void
tell_before(struct doing *d, struct why *w)
{
	const struct site *p = &d->asked.site;
	struct value was;

	if (d->has && timeline_get(&d->q->line, p, d->record - 1, &was))
		append(&w->of, ask(d->q, p, d->record - 1));
}

static void
tell_program(struct doing *d, const struct explain_report *e, struct why *w)
{
	struct why_asking *q = d->q;

	take_above(d, e);
	take_below(d, e);
	if (!d->found && !d->within) {
		add_anywhere(q, &w->of, d->record);
		return;
	}
	if (d->has)
		add_sites(q, &w->of, d->of, d->record);
	add_sites(q, &w->by, without_gate(d, d->by), d->record);
	if (!d->found)
		tell_before(d, w);
}

/* --- what a record did --- */

static bool
has_table(struct arena *a, const struct view *v)
{
	struct value table;

	return value_is_object(v->of[VIEW_FROM]) &&
	    object_get(a, v->of[VIEW_FROM], value_cstring("table"), &table);
}

/* The number of its row; SIZE_MAX where there is one, or it isn't known. */
static size_t
row_of(struct doing *d, const struct rule_report *r)
{
	struct timeline *t = &d->q->line;

	if (r->elements == NULL || d->record <= t->low)
		return SIZE_MAX;
	return element_holding(
	    t->a, r->elements, t->state[d->record - 1], &d->asked.site);
}

/* The record that a revert took back, from 1; 0 where it doesn't say. */
static size_t
reverted(const struct view *v, size_t record)
{
	struct value n = v->of[VIEW_REVERTS];

	if (!value_is_number(n))
		return 0;
	n = value_number(n);
	return n.kind == VALUE_INT && n.i >= 1 && (uint64_t)n.i < record
	    ? (size_t)n.i
	    : 0;
}

/* Did the row go into the place, and not into one above it? */
static void
tell_rest(struct doing *d, const struct explain_report *e, struct why *w)
{
	const struct site *p = &d->asked.site;
	bool all = p->n > 0;

	for (uint32_t i = 0; i < e->n && e->writes[i].site.n > 0; i++)
		all &= site_covers(&e->writes[i].site, p);
	if (!all)
		tell_before(d, w);
}

/* What keys of a join, or of a fold, decided. */
static void
tell_reads(struct doing *d, const struct rule_report *r, struct why *w)
{
	if (r->known)
		add_sites(d->q, &w->by, r->reads, d->record);
	else
		add_anywhere(d->q, &w->by, d->record);
}

static void
tell_record(struct doing *d, struct why *w)
{
	struct why_asking *q = d->q;
	struct arena *a = q->of.a;
	const struct view *v = &q->of.v[d->record - 1];
	const struct rule_report *r = rules_explain(q->of.rules, a, v);
	size_t back = reverted(v, d->record);

	if (back > 0) {
		w->kind = WHY_REVERTED;
		append(&w->of, ask(q, &d->asked.site, back - 1));
	} else if (view_says(a, v, VIEW_OP, "enrich")) {
		w->kind = has_table(a, v) ? WHY_ROW : w->kind;
		w->row = row_of(d, r);
		tell_rest(d, &r->program, w);
		tell_reads(d, r, w);
	} else if (view_says(a, v, VIEW_OP, "fold")) {
		w->kind = WHY_STREAM;
		tell_reads(d, r, w);
	} else if (r->known && r->writes) {
		tell_program(d, &r->program, w);
	} else {
		add_anywhere(q, &w->of, d->record);
	}
}

/* The record at which all that is known begins. */
static enum why_kind
bottom(struct why_asking *q, bool has)
{
	if (q->line.steps == 0)
		return WHY_MORE;
	if (q->line.low == 0)
		return has ? WHY_READ : WHY_ABSENT;
	if (!q->line.made)
		return WHY_UNKNOWN;
	if (!has)
		return WHY_ABSENT;
	return view_has(&q->of.v[q->line.low - 1], VIEW_OF) ? WHY_EVENTS
							    : WHY_LINE;
}

/* What was told of it before; NULL: nothing. */
static const struct why *
find_told(struct why_asking *q, const struct asked *p, size_t record)
{
	for (struct told *t = q->told; t != NULL; t = t->next)
		if (t->why->record == record &&
		    site_equal(&t->why->site, &p->site))
			return t->why;
	return NULL;
}

static void
note_told(struct why_asking *q, const struct why *w)
{
	struct told *t = arena_alloc(q->of.a, sizeof(*t));

	*t = (struct told){q->told, w};
	q->told = t;
}

/* Tell of a place which that record set. */
static struct why *
tell(struct why_asking *q, const struct asked *p, size_t record)
{
	struct doing d = {.q = q, .asked = *p, .record = record};
	struct why *w = new_why(q, WHY_SET, record);

	w->placed = true;
	w->site = p->site;
	w->has = d.has = timeline_get(&q->line, &p->site, p->state, &w->value);
	d.now = w->value;
	if (record <= q->outside && q->outside > 0) {
		w->kind = WHY_OUTSIDE;
		w->record = q->outside;
		return w;
	}
	if (record == q->line.low) {
		w->kind = bottom(q, w->has);
		return w;
	}
	w->kind = w->has ? WHY_SET : WHY_REMOVED;
	note_told(q, w);
	if (q->deep == DEPTH) {
		append(&w->of, new_why(q, WHY_MORE, record));
		return w;
	}
	q->deep++;
	tell_record(&d, w);
	q->deep--;
	return w;
}

static struct why *
tell_again(struct why_asking *q, const struct why *told)
{
	struct why *w = new_why(q, told->kind, told->record);

	*w = *told;
	w->again = told->of != NULL || told->by != NULL;
	w->next = w->of = w->by = NULL;
	return w;
}

/* Before the oldest state that can be had. */
static struct why *
tell_unknown(struct why_asking *q, const struct asked *p)
{
	struct why *w = new_why(q, WHY_UNKNOWN, q->line.low);

	if (q->line.made)
		w->kind = WHY_ABSENT;
	w->placed = true;
	w->site = p->site;
	return w;
}

static struct why *
ask(struct why_asking *q, const struct site *site, size_t state)
{
	struct asked p = {*site, state};
	const struct why *told;
	size_t record;

	if (q->nodes >= NODES)
		return new_why(q, WHY_MORE, 0);
	if (state < q->line.low)
		return tell_unknown(q, &p);
	record = timeline_setter(&q->line, site, state);
	told = find_told(q, &p, record);
	return told != NULL ? tell_again(q, told) : tell(q, &p, record);
}

/* --- questions --- */

/* Sets of sites are small, and have no limit of steps of their own. */
static void
begin(struct why_asking *q)
{
	q->analysis = (struct analysis){q->of.a, UINT64_MAX, NULL};
	q->nodes = 0;
	timeline_allow(&q->line);
}

struct why *
why_value(struct why_asking *q, const struct pointer *path)
{
	struct site p = timeline_place(&q->line, path);

	begin(q);
	return ask(q, &p, q->of.n);
}

/* What decided in a stage whether the event goes on. */
static void
tell_gate(struct why_asking *q, struct why **list, size_t record)
{
	struct arena *a = q->of.a;
	const struct view *v = &q->of.v[record - 1];
	const struct rule_report *r = rules_explain(q->of.rules, a, v);
	bool map = view_says(a, v, VIEW_OP, "map");
	struct sites by = r->reads;
	struct why *w;

	if (map) {
		by.n = 0;
		for (uint32_t i = 0; r->known && i < r->program.n; i++)
			if (r->program.writes[i].how == WRITTEN_FILTERED)
				by = r->program.writes[i].by;
		if (by.n == 0)
			return;
	}
	w = new_why(q, WHY_SET, record);
	if (r->known)
		add_sites(q, &w->by, by, record);
	else
		add_anywhere(q, &w->by, record);
	append(list, w);
}

struct why *
why_here(struct why_asking *q)
{
	struct arena *a = q->of.a;
	struct why *list = NULL;

	begin(q);
	for (size_t i = 0; i < q->of.n && q->nodes < NODES; i++)
		if (view_says(a, &q->of.v[i], VIEW_OP, "filter") ||
		    view_says(a, &q->of.v[i], VIEW_OP, "schema") ||
		    view_says(a, &q->of.v[i], VIEW_OP, "map"))
			tell_gate(q, &list, i + 1);
	return list;
}

struct why *
why_past(struct why_asking *q, const struct pointer *path)
{
	struct site p = timeline_place(&q->line, path);
	struct why *list = NULL, **end = &list;
	size_t state = q->of.n;

	begin(q);
	while (q->nodes < NODES && q->line.steps > 0) {
		size_t record = timeline_setter(&q->line, &p, state);
		struct why *w = new_why(q, WHY_SET, record);

		w->placed = true;
		w->site = p;
		w->has = timeline_get(&q->line, &p, record, &w->value);
		if (record <= q->outside && q->outside > 0)
			w->kind = WHY_OUTSIDE;
		else if (record == q->line.low)
			w->kind = bottom(q, w->has);
		else if (!w->has)
			w->kind = WHY_REMOVED;
		*end = w;
		end = &w->next;
		if (record == q->line.low || w->kind == WHY_OUTSIDE)
			break;
		state = record - 1;
	}
	return list;
}
