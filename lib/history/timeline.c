#include <string.h>

#include "history/timeline.h"
#include "value/array.h"
#include "value/object.h"

enum {
	LARGE = 128,     /* entries of an array that is worth opening */
	STATES = 1000,   /* records back that changed something */
	STEPS = 4000000, /* comparisons; of a container they are COSTLY */
	COSTLY = 100,
};

/* --- states --- */

/* Is there nothing before this record to go back to? */
static bool
makes(struct arena *a, const struct view *v)
{
	return view_made_event(a, v) || view_has(v, VIEW_OF);
}

static bool
changes(const struct view *v)
{
	return view_has(v, VIEW_UNDO);
}

/*
 * Go back to the state before record i, from 0.  False where that can't be
 * had; *wrong where it is the fault of its undo.
 */
static bool
go_back(struct timeline *t, struct draft *draft, size_t i,
    struct rewind_error *why, bool *wrong)
{
	const struct view *v = &t->v[i];
	enum rewind_status status;

	*wrong = false;
	if (makes(t->a, v)) {
		t->made = true;
		return false;
	}
	status = rewind_record(draft, v, NULL, why);
	*wrong = status == REWIND_WRONG;
	if (status != REWIND_OK)
		return false;
	t->state[i] = t->state[i + 1];
	return !changes(v) || draft_value(draft, &t->state[i]);
}

bool
timeline_init(struct timeline *t, struct arena *a, struct value event,
    const struct view *v, size_t n, struct rewind_error *error)
{
	struct rewind_error why;
	struct draft draft;
	size_t changed = 0;
	bool wrong = false;

	*t = (struct timeline){.a = a, .v = v, .n = n, .low = n};
	timeline_allow(t);
	t->opened = arena_array(a, TIMELINE_OPENED, sizeof(*t->opened));
	memset(t->opened, 0, TIMELINE_OPENED * sizeof(*t->opened));
	t->state = arena_array(a, n + 1, sizeof(*t->state));
	t->state[n] = value_share(event);
	draft_init(&draft, a, t->state[n]);
	while (t->low > 0 && changed < STATES &&
	    go_back(t, &draft, t->low - 1, &why, &wrong)) {
		t->low--;
		changed += changes(&v[t->low]);
	}
	if (!wrong)
		return true;
	rewind_name(a, v, t->low - 1, &why, error);
	return false;
}

void
timeline_allow(struct timeline *t)
{
	t->steps = STEPS;
}

/* --- places --- */

/*
 * To find an element in an array as it was read is to walk up to it; who
 * asks for one place of a large one often asks for them all.
 */
static struct value
opened(struct timeline *t, struct value v)
{
	uint32_t hash = v.n * 0x9E3779B1u ^ (uint32_t)((uintptr_t)v.doc >> 4);
	struct timeline_opened *o =
	    &t->opened[(hash >> 8) & (TIMELINE_OPENED - 1)];

	if (v.kind != VALUE_RAW_ARRAY || v.doc->match[v.n] - v.n < LARGE)
		return v;
	if (o->doc != v.doc || o->entry != v.n)
		*o = (struct timeline_opened){
		    v.doc, v.n, value_share(array_open(t->a, v))};
	return o->array;
}

static bool
child_at(
    struct timeline *t, struct value v, struct value key, struct value *out)
{
	if (key.kind == VALUE_STRING)
		return value_is_object(v) && object_get(t->a, v, key, out);
	if (!value_is_array(v))
		return false;
	v = opened(t, v);
	if ((uint64_t)key.i >= array_length(v))
		return false;
	*out = array_get(v, (size_t)key.i);
	return true;
}

bool
timeline_get(
    struct timeline *t, const struct site *p, size_t state, struct value *out)
{
	struct value v = t->state[state];

	for (uint32_t i = 0; i < p->n; i++)
		if (!child_at(t, v, p->keys[i], &v))
			return false;
	*out = value_share(v);
	return true;
}

static void
spend(struct timeline *t, uint64_t n)
{
	t->steps -= n < t->steps ? n : t->steps;
}

bool
timeline_same(struct timeline *t, const struct site *p, size_t x, size_t y)
{
	struct value was, now;
	bool had, has;

	had = timeline_get(t, p, x, &was);
	has = timeline_get(t, p, y, &now);
	if (!had || !has)
		return had == has;
	spend(t, was.kind >= VALUE_RAW_ARRAY ? COSTLY : 1);
	/* Of what was destroyed it is known only where it is the same null. */
	if ((was.flags | now.flags) & VALUE_FORGOTTEN)
		return was.kind == now.kind && was.text == now.text;
	return value_same(was, now) || value_written_same(was, now);
}

size_t
timeline_setter(struct timeline *t, const struct site *p, size_t state)
{
	while (state > t->low && t->steps > 0) {
		if (changes(&t->v[state - 1]) &&
		    !timeline_same(t, p, state - 1, state))
			break;
		state--;
	}
	return state;
}

/* Its keys as they are in a state; false where nothing is there. */
static bool
place_in(struct timeline *t, const struct pointer *path, size_t state,
    struct value *keys)
{
	struct value v = t->state[state];

	for (size_t i = 0; i < path->n; i++) {
		const struct pointer_step *step = &path->steps[i];

		if (!value_is_array(v))
			keys[i] = step->key;
		else
			keys[i] = value_int((int64_t)step->i);
		if (!child_at(t, v, keys[i], &v))
			return false;
	}
	return true;
}

struct site
timeline_place(struct timeline *t, const struct pointer *path)
{
	struct value *keys = arena_array(t->a, path->n + 1, sizeof(*keys));
	struct site p = {.n = (uint32_t)path->n, .keys = keys};

	for (size_t state = t->n;; state--) {
		if ((state == t->n || changes(&t->v[state])) &&
		    place_in(t, path, state, keys))
			return p;
		if (state == t->low)
			break;
	}
	for (size_t i = 0; i < path->n; i++)
		keys[i] = path->steps[i].key.kind == VALUE_NULL
		    ? value_int((int64_t)path->steps[i].i)
		    : path->steps[i].key;
	return p;
}
