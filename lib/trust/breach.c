#include "trust/breach.h"

#include <stdlib.h>
#include <string.h>

#include "trust/mask.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

/* A place that is looked at: steps from the root, the last one first. */
struct place {
	const struct place *up;
	struct value key;
};

struct breach {
	struct arena *a;
	const char *found;
};

static void
put_place(struct buf *b, const struct place *p)
{
	if (p == NULL)
		return;
	put_place(b, p->up);
	if (p->up == NULL && p->key.kind == VALUE_INT)
		buf_putc(b, '.');
	pathspec_put_step(b, &p->key);
}

/* The place is where it is broken; gives false. */
static bool
broken(struct breach *x, const struct place *p)
{
	struct arena_deferred *release;
	struct buf *b = buf_new(x->a, &release);

	put_place(b, p);
	if (p == NULL)
		buf_putc(b, '.');
	if (buf_failed(b))
		arena_starve(x->a);
	x->found = arena_copy(x->a, b->p, b->len);
	arena_end(x->a, release);
	return false;
}

static bool
key_same(struct arena *a, struct value x, struct value y)
{
	x = string_decoded(a, x);
	y = string_decoded(a, y);
	return x.n == y.n && (x.n == 0 || memcmp(x.text, y.text, x.n) == 0);
}

static bool same(struct arena *a, struct value x, struct value y);

/* The next member that is written, whether it counts or not. */
static struct member *
next_written(struct object *o, uint32_t *i)
{
	while (*i < o->n)
		if (o->m[(*i)++].key.kind != VALUE_NULL)
			return &o->m[*i - 1];
	return NULL;
}

static bool
same_members(struct arena *a, struct value x, struct value y)
{
	struct member *m, *n;
	uint32_t i = 0, j = 0;

	x = object_open(a, x);
	y = object_open(a, y);
	for (;;) {
		m = next_written(x.object, &i);
		n = next_written(y.object, &j);
		if (m == NULL || n == NULL)
			break;
		if (!key_same(a, m->key, n->key) ||
		    !same(a, m->value, n->value))
			return false;
	}
	return m == n;
}

static bool
same_elements(struct arena *a, struct value x, struct value y)
{
	size_t n = array_length(x);

	if (array_length(y) != n)
		return false;
	x = array_open(a, x);
	y = array_open(a, y);
	for (size_t i = 0; i < n; i++)
		if (!same(a, array_at(x, i), array_at(y, i)))
			return false;
	return true;
}

/* Are they written the same, but for white space between tokens? */
static bool
same(struct arena *a, struct value x, struct value y)
{
	if (value_same(x, y))
		return true;
	arena_recurse(a);
	if (value_is_object(x) && value_is_object(y))
		return same_members(a, x, y);
	if (value_is_array(x) && value_is_array(y))
		return same_elements(a, x, y);
	return value_written_same(x, y);
}

/* What is at a key; false where nothing is.  v may be NULL. */
static bool
child(struct arena *a, const struct value *v, const struct value *key,
    struct value *out)
{
	if (v == NULL)
		return false;
	if (key->kind != VALUE_INT)
		return value_is_object(*v) && object_get(a, *v, *key, out);
	if (!value_is_array(*v) || (size_t)key->i >= array_length(*v))
		return false;
	*out = array_get(*v, (size_t)key->i);
	return true;
}

/* What is done with each place below one. */
typedef bool visit(struct breach *x, const struct place *p,
    const struct value *was, const struct value *now, const void *arg);

static bool
visit_last(struct breach *x, const struct place *up, const struct value *key,
    const struct value *was, const struct value *now, visit *f, const void *arg)
{
	struct place p = {up, *key};
	struct value before, after;
	bool had = child(x->a, was, key, &before);
	bool has = child(x->a, now, key, &after);

	return f(x, &p, had ? &before : NULL, has ? &after : NULL, arg);
}

/* A member as it is written, with its decoded key. */
struct appearance {
	struct value key;
	uint32_t i;
	const struct value *v;
};

static int
key_compare(const struct value *x, const struct value *y)
{
	uint32_t n = x->n < y->n ? x->n : y->n;
	int order = n == 0 ? 0 : memcmp(x->text, y->text, n);

	return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

/* By key; of those with one key, the last comes first. */
static int
appearance_compare(const void *p, const void *q)
{
	const struct appearance *x = p, *y = q;
	int order = key_compare(&x->key, &y->key);

	return order != 0 ? order : (x->i < y->i) - (x->i > y->i);
}

/* The members with a key, or all (VALUE_NULL), in that order; *n of them. */
static struct appearance *
list_written(
    struct arena *a, const struct value *v, const struct value *key, size_t *n)
{
	struct appearance *list;
	struct object *o;

	*n = 0;
	if (v == NULL || !value_is_object(*v))
		return NULL;
	o = object_open(a, *v).object;
	list = arena_array(a, o->n, sizeof(*list));
	for (uint32_t i = 0; i < o->n; i++) {
		const struct member *m = &o->m[i];

		if (m->key.kind == VALUE_NULL ||
		    (key->kind != VALUE_NULL && !key_same(a, m->key, *key)))
			continue;
		list[(*n)++] = (struct appearance){
		    string_decoded(a, m->key), i, &m->value};
	}
	if (*n > 1)
		qsort(list, *n, sizeof(*list), appearance_compare);
	return list;
}

/* Is a key, or any (VALUE_NULL), there more than once? */
static bool
repeats(struct arena *a, const struct value *v, const struct value *key)
{
	return v != NULL && value_is_object(*v) &&
	    (key->kind == VALUE_NULL ? object_repeats(a, *v)
				     : object_repeats_key(a, *v, *key));
}

/*
 * Of a key that occurs twice the last member counts, but the others are
 * written as well, and anybody can read them: they are looked at in pairs,
 * from the last but one on.
 */
static bool
visit_repeats(struct breach *x, const struct place *up, const struct value *key,
    const struct value *was, const struct value *now, visit *f, const void *arg)
{
	struct value last = VALUE_OF(VALUE_NULL);
	struct appearance *v, *w;
	size_t n, m, i = 0, j = 0;

	if (!repeats(x->a, was, key) && !repeats(x->a, now, key))
		return true;
	v = list_written(x->a, was, key, &n);
	w = list_written(x->a, now, key, &m);
	while (i < n || j < m) {
		int order = i == n ? 1
		    : j == m       ? -1
				   : key_compare(&v[i].key, &w[j].key);
		struct place p = {up, order <= 0 ? v[i].key : w[j].key};
		const struct value *had = order <= 0 ? v[i++].v : NULL;
		const struct value *has = order >= 0 ? w[j++].v : NULL;
		bool counts =
		    last.kind == VALUE_NULL || key_compare(&last, &p.key) != 0;

		last = p.key;
		if (!counts && !f(x, &p, had, has, arg))
			return false;
	}
	return true;
}

static bool
visit_key(struct breach *x, const struct place *up, const struct value *key,
    const struct value *was, const struct value *now, visit *f, const void *arg)
{
	return visit_last(x, up, key, was, now, f, arg) &&
	    (key->kind == VALUE_INT ||
		visit_repeats(x, up, key, was, now, f, arg));
}

/* The members of v, but those that are in other, too, where that is given. */
static bool
visit_members(struct breach *x, const struct place *up, const struct value *v,
    const struct value *other, const struct value *was, const struct value *now,
    visit *f, const void *arg)
{
	struct value open, found;
	struct member *m;
	uint32_t i = 0;

	if (v == NULL || !value_is_object(*v))
		return true;
	open = object_open(x->a, *v);
	while ((m = object_next(x->a, open, &i)) != NULL) {
		struct value key = string_decoded(x->a, m->key);

		if (child(x->a, other, &key, &found))
			continue;
		if (!visit_last(x, up, &key, was, now, f, arg))
			return false;
	}
	return true;
}

static size_t
elements(const struct value *v)
{
	return v == NULL || !value_is_array(*v) ? 0 : array_length(*v);
}

/* An object opened here isn't opened again for each thing asked of it. */
static const struct value *
open_once(struct arena *a, const struct value *v, struct value *open)
{
	if (v == NULL || !value_is_object(*v))
		return v;
	*open = object_open(a, *v);
	return open;
}

/* All elements and members that are in one of the two. */
static bool
visit_all(struct breach *x, const struct place *up, const struct value *was,
    const struct value *now, visit *f, const void *arg)
{
	const struct value every = VALUE_OF(VALUE_NULL);
	size_t n = elements(was), after = elements(now);
	struct value before, behind;

	was = open_once(x->a, was, &before);
	now = open_once(x->a, now, &behind);

	n = after > n ? after : n;
	for (size_t i = 0; i < n; i++) {
		struct value key = value_int((int64_t)i);

		if (!visit_last(x, up, &key, was, now, f, arg))
			return false;
	}
	return visit_members(x, up, was, NULL, was, now, f, arg) &&
	    visit_members(x, up, now, was, was, now, f, arg) &&
	    visit_repeats(x, up, &every, was, now, f, arg);
}

/* --- one path --- */

struct rest {
	const struct value *keys;
	uint32_t n;
	bool masks; /* what looks like a mask may be there */
};

static bool
keeps(struct breach *x, const struct place *p, const struct value *was,
    const struct value *now, const void *arg)
{
	const struct rest *r = arg;
	struct rest next = {r->keys + 1, r->n - 1, r->masks};

	if (was == NULL && now == NULL)
		return true;
	if (was != NULL && now != NULL && value_same(*was, *now))
		return true;
	if (r->n == 0)
		return (was != NULL && now != NULL && same(x->a, *was, *now)) ||
		    broken(x, p);
	arena_recurse(x->a);
	if (r->keys->kind == VALUE_NULL)
		return visit_all(x, p, was, now, keeps, &next);
	return visit_key(x, p, r->keys, was, now, keeps, &next);
}

const char *
breach_of_path(struct arena *a, const struct touch_path *path,
    const struct value *was, const struct value *now)
{
	struct breach x = {a, NULL};
	struct rest all = {path->keys, path->n, false};

	(void)keeps(&x, NULL, was, now, &all);
	return x.found;
}

static bool
lacks(struct breach *x, const struct place *p, const struct value *was,
    const struct value *now, const void *arg)
{
	const struct rest *r = arg;
	struct rest next = {r->keys + 1, r->n - 1, r->masks};

	if (now == NULL)
		return true;
	if (r->n == 0)
		return now->kind == VALUE_NULL ||
		    (r->masks && mask_is(x->a, *now)) || broken(x, p);
	arena_recurse(x->a);
	if (r->keys->kind == VALUE_NULL)
		return visit_all(x, p, was, now, lacks, &next);
	return visit_key(x, p, r->keys, was, now, lacks, &next);
}

static const char *
presence(struct arena *a, const struct touch_path *path, struct value event,
    bool masks)
{
	struct breach x = {a, NULL};
	struct rest all = {path->keys, path->n, masks};

	(void)lacks(&x, NULL, NULL, &event, &all);
	return x.found;
}

const char *
breach_presence(
    struct arena *a, const struct touch_path *path, struct value event)
{
	return presence(a, path, event, false);
}

const char *
breach_unmasked(
    struct arena *a, const struct touch_path *path, struct value event)
{
	return presence(a, path, event, true);
}

/* --- outside of paths --- */

/* The paths that go on below a place, so many steps from the root. */
struct allowed {
	const struct pathspecs *all;
	const bool *on; /* by number */
	uint32_t depth;
};

static bool
goes_on(const struct touch_path *p, uint32_t depth, const struct value *key)
{
	const struct value *want = &p->keys[depth];

	if (want->kind == VALUE_NULL)
		return true;
	if (want->kind != key->kind)
		return false;
	if (want->kind == VALUE_INT)
		return want->i == key->i;
	return want->n == key->n &&
	    (want->n == 0 || memcmp(want->text, key->text, want->n) == 0);
}

/* Is the place at the end of a path?  Else *any: there is one below it. */
static bool
is_end(const struct allowed *w, bool *any)
{
	*any = false;
	for (size_t i = 0; i < w->all->n; i++) {
		if (!w->on[i])
			continue;
		if (w->all->v[i].path.n == w->depth)
			return true;
		*any = true;
	}
	return false;
}

/* Does a path end at the member with that key? */
static bool
ends_at(const struct allowed *w, const struct value *key)
{
	for (size_t i = 0; i < w->all->n; i++)
		if (w->on[i] && w->all->v[i].path.n == w->depth + 1 &&
		    goes_on(&w->all->v[i].path, w->depth, key))
			return true;
	return false;
}

/* The next member that other has, too, and that isn't free to move. */
static struct member *
next_fixed(struct arena *a, const struct allowed *w, struct value v,
    struct value other, uint32_t *i)
{
	struct member *m;
	struct value found;

	while ((m = object_next(a, v, i)) != NULL) {
		struct value key = string_decoded(a, m->key);

		if (object_get(a, other, key, &found) && !ends_at(w, &key))
			break;
	}
	return m;
}

/* Do the members that both have stand in the same order? */
static bool
in_order(struct arena *a, const struct allowed *w, const struct value *was,
    const struct value *now)
{
	struct value x, y;
	struct member *m, *n;
	uint32_t i = 0, j = 0;

	if (!value_is_object(*was) || !value_is_object(*now))
		return true;
	x = object_open(a, *was);
	y = object_open(a, *now);
	for (;;) {
		m = next_fixed(a, w, x, y, &i);
		n = next_fixed(a, w, y, x, &j);
		if (m == NULL || n == NULL)
			return m == n;
		if (!key_same(a, m->key, n->key))
			return false;
	}
}

static bool
is_container(const struct value *v)
{
	return value_is_object(*v) || value_is_array(*v);
}

/* May what is below the places be looked at one by one? */
static bool
alike(const struct value *was, const struct value *now, bool any)
{
	if (now == NULL || !is_container(now))
		return false;
	/* A program that sets .a.b makes .a where it isn't there. */
	if (was == NULL || was->kind == VALUE_NULL)
		return any;
	return value_is_object(*was)
	    ? value_is_object(*now)
	    : value_is_array(*was) && value_is_array(*now);
}

static bool stays(struct breach *x, const struct place *p,
    const struct value *was, const struct value *now, const void *arg);

static bool
stays_below(struct breach *x, const struct place *p, const struct value *was,
    const struct value *now, const struct allowed *w)
{
	if (was != NULL && was->kind == VALUE_NULL)
		was = NULL;
	if (!visit_all(x, p, was, now, stays, w))
		return false;
	return was == NULL || in_order(x->a, w, was, now) || broken(x, p);
}

/* arg is a struct allowed of the place above. */
static bool
stays(struct breach *x, const struct place *p, const struct value *was,
    const struct value *now, const void *arg)
{
	const struct allowed *above = arg;
	struct allowed w = {above->all, NULL, above->depth + (p != NULL)};
	bool *on, any;

	if (was != NULL && now != NULL && value_same(*was, *now))
		return true;
	arena_recurse(x->a);
	on = arena_array(x->a, w.all->n, sizeof(*on));
	for (size_t i = 0; i < w.all->n; i++)
		on[i] = p == NULL ||
		    (above->on[i] && w.all->v[i].path.n >= w.depth &&
			goes_on(&w.all->v[i].path, w.depth - 1, &p->key));
	w.on = on;
	if (is_end(&w, &any))
		return true;
	if (alike(was, now, any))
		return stays_below(x, p, was, now, &w);
	return (was != NULL && now != NULL && same(x->a, *was, *now)) ||
	    broken(x, p);
}

const char *
breach_outside(struct arena *a, const struct pathspecs *paths,
    const struct value *was, const struct value *now)
{
	struct breach x = {a, NULL};
	struct allowed all = {paths, NULL, 0};

	(void)stays(&x, NULL, was, now, &all);
	return x.found;
}
