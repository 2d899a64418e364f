#include <string.h>

#include "history/divergence.h"
#include "history/draft.h"
#include "history/outside.h"
#include "history/timeline.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum { AHEAD = 256 }; /* records that are searched for a match */

/* --- what isn't compared --- */

/* Take a place away; in an array it becomes null, and keeps its place. */
static void
remove_at(struct draft *d, const struct pointer *path)
{
	struct draft_slot *slot = &d->root;

	for (size_t i = 0; i < path->n; i++) {
		const struct pointer_step *step = &path->steps[i];
		bool last = i + 1 == path->n;

		draft_touch(d, slot);
		if (draft_is_object(slot) && step->key.kind != VALUE_NULL) {
			struct draft_slot *next =
			    draft_member(d, slot, step->key);

			if (next != NULL && last)
				draft_remove_member(d, slot, step->key);
			slot = next;
		} else if (draft_is_array(slot) &&
		    step->i < draft_length(d, slot)) {
			slot = draft_element(d, slot, step->i);
			if (last)
				*slot = (struct draft_slot){
				    .value = VALUE_OF(VALUE_NULL)};
		} else {
			return;
		}
		if (slot == NULL)
			return;
	}
}

/* The event without what is ignored. */
static struct value
without(
    struct arena *a, const struct divergence_ignored *ignored, struct value v)
{
	struct value left;
	struct draft d;

	if (ignored->n == 0)
		return v;
	draft_init(&d, a, value_share(v));
	for (size_t i = 0; i < ignored->n; i++)
		remove_at(&d, &ignored->paths[i]);
	return draft_value(&d, &left) ? left : v;
}

/* --- order --- */

static bool same_order(struct arena *a, struct value x, struct value y);

static bool
same_order_of_members(struct arena *a, struct value x, struct value y)
{
	struct member *m, *n;
	uint32_t i = 0, k = 0;

	x = object_open(a, x);
	y = object_open(a, y);
	while ((m = object_next(a, x, &i)) != NULL) {
		n = object_next(a, y, &k);
		if (n == NULL || !string_equal(a, m->key, n->key) ||
		    !same_order(
			a, value_take(&m->value), value_take(&n->value)))
			return false;
	}
	return true;
}

/* Of values that don't differ: do their members stand in one order? */
static bool
same_order(struct arena *a, struct value x, struct value y)
{
	if (value_is_object(x) && value_is_object(y))
		return same_order_of_members(a, x, y);
	if (!value_is_array(x) || !value_is_array(y))
		return true;
	x = array_open(a, x);
	y = array_open(a, y);
	for (size_t i = 0; i < array_length(x) && i < array_length(y); i++)
		if (!same_order(a, array_at(x, i), array_at(y, i)))
			return false;
	return true;
}

/* --- since when --- */

struct searching {
	struct arena *a;
	struct timeline old, new;
	bool known; /* the histories can be followed, as far as they go */
	struct site in_old, in_new;      /* the place in question */
	size_t outside_old, outside_new; /* behind these, or 0 */
};

static bool
states_differ(struct searching *s, size_t i, size_t k)
{
	struct value x, y;
	bool had = timeline_get(&s->old, &s->in_old, i, &x);
	bool has = timeline_get(&s->new, &s->in_new, k, &y);

	if (!had || !has)
		return had != has;
	return !value_same(x, y) && !value_written_same(x, y);
}

static bool
labels_match(struct arena *a, const struct view *x, const struct view *y)
{
	return string_equal(a, view_label(a, x), view_label(a, y));
}

/* The record behind k that is the stage of record i; 0: there is none. */
static size_t
match_of(struct searching *s, size_t i, size_t k)
{
	size_t end = k + AHEAD < s->new.n ? k + AHEAD : s->new.n;

	for (size_t m = k + 1; m <= end; m++)
		if (labels_match(s->a, &s->old.v[i - 1], &s->new.v[m - 1]))
			return m;
	return 0;
}

static void
found(struct divergence *d, bool in_old, size_t record)
{
	d->since = DIVERGENCE_STAGE;
	d->in_old = in_old;
	d->record = record;
}

/*
 * One of the stages that only one of both has: behind record from_k of the
 * new up to k, or behind from_i of the old up to i.
 */
static void
blame_unmatched(struct searching *s, struct divergence *d, size_t from_i,
    size_t i, size_t from_k, size_t k)
{
	size_t in_new = timeline_setter(&s->new, &s->in_new, k);
	size_t in_old = timeline_setter(&s->old, &s->in_old, i);

	if (in_new > from_k && in_new > s->new.low)
		found(d, false, in_new);
	else if (in_old > from_i && in_old > s->old.low)
		found(d, true, in_old);
	else
		d->since = DIVERGENCE_UNKNOWN;
}

static void
search(struct searching *s, struct divergence *d)
{
	size_t at_i = s->old.low, at_k = s->new.low;

	if (at_i == 0 && at_k == 0 && states_differ(s, 0, 0)) {
		d->since = DIVERGENCE_READ;
		d->outside = s->outside_old + s->outside_new > 0;
		return;
	}
	for (size_t i = at_i + 1; i <= s->old.n; i++) {
		size_t k = match_of(s, i, at_k);

		if (k == 0)
			continue;
		if (states_differ(s, i - 1, k - 1)) {
			blame_unmatched(s, d, at_i, i - 1, at_k, k - 1);
			return;
		}
		if (states_differ(s, i, k)) {
			found(d, false, k);
			d->outside = s->outside_old >= i || s->outside_new >= k;
			d->was = &s->old.v[i - 1];
			return;
		}
		at_i = i;
		at_k = k;
	}
	blame_unmatched(s, d, at_i, s->old.n, at_k, s->new.n);
}

static void
search_path(struct searching *s, struct divergence *d)
{
	struct value path = d->change.path;
	struct pointer place;

	d->since = DIVERGENCE_UNKNOWN;
	if (!pointer_parse(s->a, &place, arena_copy(s->a, path.text, path.n)))
		return;
	timeline_allow(&s->old);
	timeline_allow(&s->new);
	s->in_old = timeline_place(&s->old, &place);
	s->in_new = timeline_place(&s->new, &place);
	d->site = d->change.has ? s->in_new : s->in_old;
	if (s->known)
		search(s, d);
}

static void
start_search(struct searching *s, struct arena *a,
    const struct divergence_side *old, const struct divergence_side *new)
{
	struct rewind_error error;

	s->a = a;
	s->outside_old = outside_last(a, old->event, old->v, old->n);
	s->outside_new = outside_last(a, new->event, new->v, new->n);
	s->known = old->n > 0 && new->n > 0 &&
	    timeline_init(&s->old, a, old->event, old->v, old->n, &error) &&
	    timeline_init(&s->new, a, new->event, new->v, new->n, &error);
	if (s->known)
		return;
	/* Without histories: just as they are. */
	timeline_init(&s->old, a, old->event, NULL, 0, &error);
	timeline_init(&s->new, a, new->event, NULL, 0, &error);
}

/* --- events --- */

static struct divergence *
difference_of(struct arena *a, const struct change *c)
{
	struct divergence *d = arena_alloc(a, sizeof(*d));

	*d = (struct divergence){.change = *c};
	return d;
}

/* Only the order differs: of the whole event, without a stage. */
static struct divergence *
order_of(struct arena *a, struct value x, struct value y)
{
	struct divergence *d;

	if (same_order(a, x, y))
		return NULL;
	d = arena_alloc(a, sizeof(*d));
	*d = (struct divergence){.order = true, .since = DIVERGENCE_UNKNOWN};
	d->change = (struct change){.path = value_cstring(""),
	    .before = value_share(x),
	    .after = value_share(y),
	    .had = true,
	    .has = true};
	return d;
}

struct divergence *
divergence_find(struct arena *a, const struct divergence_ignored *ignored,
    const struct divergence_side *old, const struct divergence_side *new)
{
	struct divergence *first = NULL, **end = &first;
	struct value x = without(a, ignored, old->event);
	struct value y = without(a, ignored, new->event);
	struct searching s;
	struct change_list l;

	if (value_same(x, y) || value_written_same(x, y))
		return NULL;
	change_list_init(&l);
	change_between(a, &l, value_cstring(""), &x, &y);
	if (l.first == NULL)
		return order_of(a, x, y);
	start_search(&s, a, old, new);
	for (const struct change *c = l.first; c != NULL; c = c->next) {
		*end = difference_of(a, c);
		search_path(&s, *end);
		end = &(*end)->next;
	}
	return first;
}

/* --- rows --- */

static bool
from_text(
    struct arena *a, const struct view *v, const char *name, struct value *text)
{
	if (v == NULL || !value_is_object(v->of[VIEW_FROM]) ||
	    !object_get(a, v->of[VIEW_FROM], value_cstring(name), text) ||
	    !value_is_string(*text))
		return false;
	*text = string_decoded(a, *text);
	return true;
}

const char *
divergence_row(struct arena *a, const struct view *old, const struct view *new,
    struct value *line)
{
	struct value x = VALUE_OF(VALUE_NULL), y = x, table;

	*line = x;
	if (!from_text(a, new, "table", &table))
		return NULL;
	from_text(a, old, "hash", &x);
	from_text(a, new, "hash", &y);
	if (x.kind == y.kind && (x.kind == VALUE_NULL || string_equal(a, x, y)))
		return NULL;
	(void)object_get(a, new->of[VIEW_FROM], value_cstring("line"), line);
	return arena_copy(a, table.text, table.n);
}
