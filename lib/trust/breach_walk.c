/*
 * Two states of an event, gone through side by side.
 */
#include <stdlib.h>
#include <string.h>

#include "trust/breach_parts.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

static void
put_place(struct buf *b, const struct breach_place *p)
{
	if (p == NULL)
		return;
	put_place(b, p->up);
	if (p->up == NULL && p->key.kind == VALUE_INT)
		buf_putc(b, '.');
	pathspec_put_step(b, &p->key);
}

bool
breach_found(struct breach *x, const struct breach_place *p)
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

bool
breach_key_same(struct arena *a, struct value x, struct value y)
{
	if (x.text == y.text && x.n == y.n && x.kind == y.kind)
		return true;
	x = string_decoded(a, x);
	y = string_decoded(a, y);
	return x.n == y.n && (x.n == 0 || memcmp(x.text, y.text, x.n) == 0);
}

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
		if (!breach_key_same(a, m->key, n->key) ||
		    !breach_same(a, m->value, n->value))
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
		if (!breach_same(a, array_at(x, i), array_at(y, i)))
			return false;
	return true;
}

bool
breach_same(struct arena *a, struct value x, struct value y)
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

static bool
visit_last(struct breach *x, const struct breach_place *up,
    const struct value *key, const struct value *was, const struct value *now,
    breach_visit *f, const void *arg)
{
	struct breach_place p = {up, *key};
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
		    (key->kind != VALUE_NULL &&
			!breach_key_same(a, m->key, *key)))
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
visit_repeats(struct breach *x, const struct breach_place *up,
    const struct value *key, const struct value *was, const struct value *now,
    breach_visit *f, const void *arg)
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
		struct breach_place p = {up, order <= 0 ? v[i].key : w[j].key};
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

bool
breach_visit_key(struct breach *x, const struct breach_place *up,
    const struct value *key, const struct value *was, const struct value *now,
    breach_visit *f, const void *arg)
{
	struct breach_place p = {up, *key};
	struct value before, after;
	bool had = child(x->a, was, key, &before);
	bool has = child(x->a, now, key, &after);

	if (!f(x, &p, had ? &before : NULL, has ? &after : NULL, arg))
		return false;
	return key->kind == VALUE_INT || (!had && !has) ||
	    visit_repeats(x, up, key, was, now, f, arg);
}

/* The members of v, but those that are in other, too, where that is given. */
static bool
visit_members(struct breach *x, const struct breach_place *up,
    const struct value *v, const struct value *other, const struct value *was,
    const struct value *now, breach_visit *f, const void *arg)
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

size_t
breach_elements(const struct value *was, const struct value *now)
{
	size_t n =
	    was == NULL || !value_is_array(*was) ? 0 : array_length(*was);
	size_t m =
	    now == NULL || !value_is_array(*now) ? 0 : array_length(*now);

	return n > m ? n : m;
}

const struct value *
breach_open(struct arena *a, const struct value *v, struct value *open)
{
	if (v == NULL || !value_is_object(*v))
		return v;
	*open = object_open(a, *v);
	return open;
}

/*
 * Members that stand in the same order in both, with more behind them in one
 * at most, are visited in pairs.  False in *alike: they don't, and all are to
 * be looked up.
 */
static bool
visit_pairs(struct breach *x, const struct breach_place *up,
    const struct value *was, const struct value *now, breach_visit *f,
    const void *arg, bool *alike)
{
	uint32_t i = 0, j = 0;

	for (;;) {
		const struct member *m = object_next(x->a, *was, &i);
		const struct member *n = object_next(x->a, *now, &j);
		struct breach_place p = {up, VALUE_OF(VALUE_NULL)};
		struct value before, after;

		*alike = m == NULL || n == NULL ||
		    breach_key_same(x->a, m->key, n->key);
		if (!*alike || (m == NULL && n == NULL))
			return true;
		if (m != NULL)
			before = m->value;
		if (n != NULL)
			after = n->value;
		if (m != NULL && n != NULL && value_same(before, after))
			continue;
		p.key = string_decoded(x->a, m != NULL ? m->key : n->key);
		if (!f(x, &p, m == NULL ? NULL : &before,
			n == NULL ? NULL : &after, arg))
			return false;
	}
}

static bool
visit_objects(struct breach *x, const struct breach_place *up,
    const struct value *was, const struct value *now, breach_visit *f,
    const void *arg, bool *ordered)
{
	if (was != NULL && now != NULL && value_is_object(*was) &&
	    value_is_object(*now)) {
		if (!visit_pairs(x, up, was, now, f, arg, ordered))
			return false;
		if (*ordered)
			return true;
	}
	*ordered = false;
	return visit_members(x, up, was, NULL, was, now, f, arg) &&
	    visit_members(x, up, now, was, was, now, f, arg);
}

bool
breach_visit_all(struct breach *x, const struct breach_place *up,
    const struct value *was, const struct value *now, breach_visit *f,
    const void *arg, bool *ordered)
{
	const struct value every = VALUE_OF(VALUE_NULL);
	size_t n = breach_elements(was, now);
	struct value before, behind;

	*ordered = false;
	was = breach_open(x->a, was, &before);
	now = breach_open(x->a, now, &behind);
	for (size_t i = 0; i < n; i++) {
		struct value key = value_int((int64_t)i);

		if (!visit_last(x, up, &key, was, now, f, arg))
			return false;
	}
	return visit_objects(x, up, was, now, f, arg, ordered) &&
	    visit_repeats(x, up, &every, was, now, f, arg);
}
