#include <string.h>

#include "trust/breach_parts.h"
#include "trust/mask.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum { FEW = 12 }; /* keys that are looked up one by one */

/* --- paths --- */

/* Paths that go on below a place. */
struct rest {
	const struct pathset *set;
	struct pathset_at at;
	bool masks; /* what looks like a mask may be there */
	bool *hit;  /* by number: something is there; or NULL: one is enough */
};

/* The keys and indexes of the paths, each looked up. */
static bool
visit_steps(struct breach *x, const struct breach_place *p,
    const struct value *was, const struct value *now, breach_visit *f,
    const struct rest *r)
{
	struct pathset_at at = r->at;
	struct rest next = *r;
	const struct value *key;

	while (pathset_next(r->set, &at, &next.at, &key))
		if (!breach_visit_key(x, p, key, was, now, f, &next))
			return false;
	return true;
}

/* The members of v, but those of other, each looked for among the paths. */
static bool
visit_found(struct breach *x, const struct breach_place *p,
    const struct value *v, const struct value *other, const struct value *was,
    const struct value *now, breach_visit *f, const struct rest *r)
{
	struct rest next = *r;
	struct value found;
	struct member *m;
	uint32_t i = 0;

	if (v == NULL || !value_is_object(*v))
		return true;
	while ((m = object_next(x->a, *v, &i)) != NULL) {
		struct value key = string_decoded(x->a, m->key);

		if (!pathset_child(r->set, r->at, &key, &next.at) ||
		    (other != NULL && value_is_object(*other) &&
			object_get(x->a, *other, key, &found)))
			continue;
		if (!breach_visit_key(x, p, &key, was, now, f, &next))
			return false;
	}
	return true;
}

/* What is there, looked for among the paths, of which there are many. */
static bool
visit_all_found(struct breach *x, const struct breach_place *p,
    const struct value *was, const struct value *now, breach_visit *f,
    const struct rest *r)
{
	size_t n = breach_elements(was, now);
	struct value before, behind;
	struct rest next = *r;

	for (size_t i = 0; i < n; i++) {
		struct value key = value_int((int64_t)i);

		if (pathset_child(r->set, r->at, &key, &next.at) &&
		    !breach_visit_key(x, p, &key, was, now, f, &next))
			return false;
	}
	was = breach_open(x->a, was, &before);
	now = breach_open(x->a, now, &behind);
	return visit_found(x, p, was, NULL, was, now, f, r) &&
	    visit_found(x, p, now, was, was, now, f, r);
}

static bool
visit_below(struct breach *x, const struct breach_place *p,
    const struct value *was, const struct value *now, breach_visit *f,
    const struct rest *r)
{
	struct rest next = *r;
	bool ordered;

	arena_recurse(x->a);
	if (pathset_every(r->set, r->at, &next.at) &&
	    !breach_visit_all(x, p, was, now, f, &next, &ordered))
		return false;
	return (r->at.to - r->at.from <= FEW ? visit_steps : visit_all_found)(
	    x, p, was, now, f, r);
}

/* --- do they keep what is there? --- */

static bool
keeps(struct breach *x, const struct breach_place *p, const struct value *was,
    const struct value *now, const void *arg)
{
	const struct rest *r = arg;

	if (was == NULL && now == NULL)
		return true;
	if (was != NULL && now != NULL && value_same(*was, *now))
		return true;
	if (pathset_ends(r->set, r->at) == 0)
		return visit_below(x, p, was, now, keeps, r);
	return (was != NULL && now != NULL && breach_same(x->a, *was, *now)) ||
	    breach_found(x, p);
}

const char *
breach_of_paths(struct arena *a, const struct pathset *paths,
    const struct value *was, const struct value *now)
{
	struct breach x = {a, NULL};
	struct rest all = {paths, pathset_root(paths), false, NULL};

	if (paths->n > 0)
		(void)keeps(&x, NULL, was, now, &all);
	return x.found;
}

const char *
breach_of_path(struct arena *a, const struct touch_path *path,
    const struct value *was, const struct value *now)
{
	const struct pathset one = {path, NULL, 1};

	return breach_of_paths(a, &one, was, now);
}

/* --- is anything there? --- */

/* Note that something is at the end of the first n paths. */
static bool
note(struct breach *x, const struct breach_place *p, const struct rest *r,
    uint32_t n)
{
	if (r->hit == NULL)
		return breach_found(x, p);
	for (uint32_t i = 0; i < n; i++)
		r->hit[r->set->which[r->at.from + i]] = true;
	return true;
}

static bool
lacks(struct breach *x, const struct breach_place *p, const struct value *was,
    const struct value *now, const void *arg)
{
	struct rest r = *(const struct rest *)arg;
	uint32_t n;

	if (now == NULL)
		return true;
	/* Of one path one place will do. */
	if (r.hit != NULL && r.at.to - r.at.from == 1 &&
	    r.hit[r.set->which[r.at.from]])
		return true;
	n = pathset_ends(r.set, r.at);
	if (n > 0 && now->kind != VALUE_NULL &&
	    !(r.masks && mask_is(x->a, *now)) && !note(x, p, &r, n))
		return false;
	r.at.from += n;
	return r.at.from == r.at.to || visit_below(x, p, was, now, lacks, &r);
}

static const char *
presence(struct arena *a, const struct pathset *paths, struct value event,
    bool masks, bool *hit)
{
	struct breach x = {a, NULL};
	struct rest all = {paths, pathset_root(paths), masks, hit};

	if (paths->n > 0)
		(void)lacks(&x, NULL, NULL, &event, &all);
	return x.found;
}

const char *
breach_presence(
    struct arena *a, const struct touch_path *path, struct value event)
{
	const struct pathset one = {path, NULL, 1};

	return presence(a, &one, event, false, NULL);
}

const char *
breach_unmasked(
    struct arena *a, const struct touch_path *path, struct value event)
{
	const struct pathset one = {path, NULL, 1};

	return presence(a, &one, event, true, NULL);
}

bool *
breach_present(struct arena *a, const struct pathset *paths, struct value event)
{
	bool *hit = arena_array(a, paths->n, sizeof(*hit));

	memset(hit, 0, paths->n * sizeof(*hit));
	presence(a, paths, event, false, hit);
	return hit;
}

/* --- outside of paths --- */

/* The paths that go on below a place, so many steps from the root. */
struct allowed {
	const struct pathset *set;
	const struct pathset_at *at; /* where they are in the set */
	uint32_t n;
};

/* Is the place at the end of a path? */
static bool
is_end(const struct allowed *w)
{
	for (uint32_t i = 0; i < w->n; i++)
		if (pathset_ends(w->set, w->at[i]) > 0)
			return true;
	return false;
}

/* Does a path end at the member with that key? */
static bool
ends_at(const struct allowed *w, const struct value *key)
{
	struct pathset_at below;

	for (uint32_t i = 0; i < w->n; i++)
		if ((pathset_every(w->set, w->at[i], &below) &&
			pathset_ends(w->set, below) > 0) ||
		    (pathset_child(w->set, w->at[i], key, &below) &&
			pathset_ends(w->set, below) > 0))
			return true;
	return false;
}

/* Those that go on to a key. */
static struct allowed
allow_below(struct arena *a, const struct allowed *w, const struct value *key)
{
	struct pathset_at *at = arena_array(a, w->n * 2, sizeof(*at));
	uint32_t n = 0;

	for (uint32_t i = 0; i < w->n; i++) {
		n += pathset_every(w->set, w->at[i], &at[n]);
		n += pathset_child(w->set, w->at[i], key, &at[n]);
	}
	return (struct allowed){w->set, at, n};
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
		if (!breach_key_same(a, m->key, n->key))
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

static bool stays(struct breach *x, const struct breach_place *p,
    const struct value *was, const struct value *now, const void *arg);

static bool
stays_below(struct breach *x, const struct breach_place *p,
    const struct value *was, const struct value *now, const struct allowed *w)
{
	bool ordered;

	if (was != NULL && was->kind == VALUE_NULL)
		was = NULL;
	if (!breach_visit_all(x, p, was, now, stays, w, &ordered))
		return false;
	return was == NULL || ordered || in_order(x->a, w, was, now) ||
	    breach_found(x, p);
}

/* arg is a struct allowed of the place above. */
static bool
stays(struct breach *x, const struct breach_place *p, const struct value *was,
    const struct value *now, const void *arg)
{
	struct allowed w = *(const struct allowed *)arg;

	if (was != NULL && now != NULL && value_same(*was, *now))
		return true;
	arena_recurse(x->a);
	if (p != NULL)
		w = allow_below(x->a, &w, &p->key);
	if (is_end(&w))
		return true;
	if (alike(was, now, w.n > 0))
		return stays_below(x, p, was, now, &w);
	return (was != NULL && now != NULL && breach_same(x->a, *was, *now)) ||
	    breach_found(x, p);
}

const char *
breach_outside(struct arena *a, const struct pathset *paths,
    const struct value *was, const struct value *now)
{
	struct breach x = {a, NULL};
	struct pathset_at root = pathset_root(paths);
	struct allowed all = {paths, &root, paths->n > 0};

	(void)stays(&x, NULL, was, now, &all);
	return x.found;
}
