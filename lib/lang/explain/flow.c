#include <inttypes.h>
#include <string.h>

#include "lang/syntax/ast.h"
#include "lang/explain/flow.h"
#include "value/string.h"

enum {
	SITES = 64, /* in a set; more become one */
	KEYS = 24,  /* of a site; deeper is open */
};

static bool
key_equal(const struct value *x, const struct value *y)
{
	if (x->kind != y->kind)
		return false;
	if (x->kind == VALUE_INT)
		return x->i == y->i;
	return x->n == y->n &&
	    (x->n == 0 || memcmp(x->text, y->text, x->n) == 0);
}

bool
site_equal(const struct site *x, const struct site *y)
{
	return x->open == y->open && x->n == y->n && site_covers(x, y);
}

bool
site_covers(const struct site *x, const struct site *y)
{
	if (x->root != y->root || x->n > y->n)
		return false;
	for (uint32_t i = 0; i < x->n; i++)
		if (!key_equal(&x->keys[i], &y->keys[i]))
			return false;
	return true;
}

static bool
is_plain(struct value key)
{
	if (key.n == 0 || (key.text[0] >= '0' && key.text[0] <= '9'))
		return false;
	for (uint32_t i = 0; i < key.n; i++) {
		char c = key.text[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return true;
}

void
site_write(struct buf *b, const struct site *p)
{
	static const char *const ROOTS[] = {[SITE_EVENT] = "",
	    [1 + CONTEXT_LINEAGE] = "$lineage",
	    [1 + CONTEXT_STAGE] = "$stage",
	    [1 + CONTEXT_SOURCE] = "$source",
	    [1 + CONTEXT_LINE] = "$line"};

	buf_puts(b, ROOTS[p->root]);
	if (p->root == SITE_EVENT &&
	    (p->n == 0 ? !p->open : p->keys[0].kind == VALUE_INT))
		buf_putc(b, '.');
	for (uint32_t i = 0; i < p->n; i++) {
		struct value key = p->keys[i];

		if (key.kind == VALUE_INT) {
			buf_printf(b, "[%" PRId64 "]", key.i);
			continue;
		}
		buf_putc(b, '.');
		if (is_plain(key))
			buf_put(b, key.text, key.n);
		else
			value_write_string(b, key.text, key.n);
	}
	if (p->open)
		buf_puts(b, p->root == SITE_EVENT && p->n == 0 ? "*" : ".*");
}

struct site
site_open(struct site p)
{
	p.open = true;
	return p;
}

struct site
site_below(struct analysis *a, const struct site *p, const struct value *key)
{
	struct value *keys;
	struct site q = *p;

	if (p->open || key == NULL || p->n == KEYS)
		return site_open(*p);
	if (!(key->kind == VALUE_STRING ||
		(key->kind == VALUE_INT && key->i >= 0)))
		return site_open(*p);
	keys = arena_array(a->arena, p->n + 1, sizeof(*keys));
	if (p->n > 0)
		memcpy(keys, p->keys, p->n * sizeof(*keys));
	keys[p->n] = *key;
	q.keys = keys;
	q.n++;
	q.at = 0;
	return q;
}

/* --- sets --- */

static bool
sites_have(struct sites s, const struct site *p)
{
	for (uint32_t i = 0; i < s.n; i++)
		if (site_equal(&s.p[i], p))
			return true;
	return false;
}

static struct sites
too_many(struct analysis *a, struct sites s)
{
	struct sites all = {0};

	for (uint32_t i = 0; i < s.n; i++) {
		struct site root = {.root = s.p[i].root, .open = true};

		all = sites_add(a, all, &root);
	}
	return all;
}

struct sites
sites_add(struct analysis *a, struct sites s, const struct site *p)
{
	struct site *more;

	analysis_spend(a, s.n + 1);
	if (sites_have(s, p))
		return s;
	more = arena_array(a->arena, s.n + 1, sizeof(*more));
	if (s.n > 0)
		memcpy(more, s.p, s.n * sizeof(*more));
	more[s.n] = *p;
	s = (struct sites){s.n + 1, more};
	return s.n > SITES ? too_many(a, s) : s;
}

struct sites
sites_join(struct analysis *a, struct sites x, struct sites y)
{
	if (x.n == 0)
		return y;
	for (uint32_t i = 0; i < y.n; i++)
		x = sites_add(a, x, &y.p[i]);
	return x;
}

bool
sites_equal(struct sites x, struct sites y)
{
	if (x.n != y.n)
		return false;
	for (uint32_t i = 0; i < x.n; i++)
		if (!sites_have(y, &x.p[i]))
			return false;
	return true;
}

struct sites
sites_least(struct analysis *a, struct sites s)
{
	struct sites least = {0};

	for (uint32_t i = 0; i < s.n; i++) {
		const struct site *p = &s.p[i];
		bool covered = false;

		for (uint32_t j = 0; j < s.n && !covered; j++) {
			const struct site *q = &s.p[j];

			/* Of .a and .a.*, which say the same, .a is kept. */
			covered = j != i && site_covers(q, p) &&
			    (q->n < p->n || (p->open && !q->open));
		}
		if (!covered)
			least = sites_add(a, least, p);
	}
	return least;
}

struct deps
deps_join(struct analysis *a, struct deps x, struct deps y)
{
	return (struct deps){sites_join(a, x.from, y.from),
	    sites_join(a, x.by, y.by), sites_join(a, x.keys, y.keys)};
}

/* --- shapes --- */

struct deps
shape_deps(struct analysis *a, const struct shape *s)
{
	struct deps d = {0};

	if (s == NULL)
		return d;
	analysis_spend(a, 1);
	d.from = sites_join(a, s->at, s->from);
	d.by = s->by;
	if (s->scattered)
		d = deps_join(a, d, s->rest);
	for (const struct child *c = s->children; c != NULL; c = c->next)
		d = deps_join(a, d, shape_deps(a, c->shape));
	return d;
}

static struct shape *
copy(struct analysis *a, const struct shape *s)
{
	struct shape *c = arena_alloc(a->arena, sizeof(*c));

	analysis_spend(a, 8); /* as it takes as much memory */
	*c = *s;
	return c;
}

static struct shape *
make(struct analysis *a)
{
	static const struct shape none = {0};

	return copy(a, &none);
}

const struct shape *
shape_site(struct analysis *a, struct site p)
{
	struct shape *s = make(a);

	s->at = sites_add(a, s->at, &p);
	return s;
}

const struct shape *
shape_constant(struct analysis *a, struct value v)
{
	struct shape *s = make(a);
	struct value *constant = arena_alloc(a->arena, sizeof(*constant));

	if (v.kind == VALUE_ESCAPED)
		v = string_decoded(a->arena, v);
	*constant = v;
	s->made = true;
	s->object = value_is_object(v);
	s->constant = constant;
	return s;
}

const struct shape *
shape_made(struct analysis *a, struct deps d)
{
	struct shape *s = make(a);

	s->made = true;
	s->from = d.from;
	s->by = d.by;
	return s;
}

static const struct child *
find(const struct shape *s, const struct value *key)
{
	const struct child *c = s->children;

	while (c != NULL && !key_equal(&c->key, key))
		c = c->next;
	return c;
}

static void
put_child(struct analysis *a, struct shape *s, const struct value *key,
    const struct shape *x)
{
	const struct child *old = s->children;
	struct child *c = arena_alloc(a->arena, sizeof(*c));

	analysis_spend(a, 1);
	*c = (struct child){*key, x, NULL};
	s->children = c;
	for (; old != NULL; old = old->next) {
		if (key_equal(&old->key, key))
			continue;
		analysis_spend(a, 1);
		c->next = arena_alloc(a->arena, sizeof(*c));
		c = (struct child *)(uintptr_t)c->next;
		*c = (struct child){old->key, old->shape, NULL};
	}
}

/* What the shape without its children has at a key. */
static struct shape *
below(struct analysis *a, const struct shape *s, const struct value *key)
{
	struct shape *x = make(a);

	x->where = s->where;
	for (uint32_t i = 0; i < s->at.n; i++) {
		struct site p = site_below(a, &s->at.p[i], key);

		x->at = sites_add(a, x->at, &p);
	}
	x->from = s->from;
	x->made = s->made;
	x->rest = s->rest;
	x->scattered = s->scattered;
	if (x->scattered) {
		x->made = true;
		x->from = sites_join(a, x->from, s->rest.from);
		x->by = s->rest.by;
	}
	return x;
}

static struct sites
paths_below(struct analysis *a, struct sites paths, const struct value *key)
{
	struct sites below_it = {0};

	for (uint32_t i = 0; i < paths.n; i++) {
		struct site p = site_below(a, &paths.p[i], key);

		below_it = sites_add(a, below_it, &p);
	}
	return below_it;
}

static bool
is_key(const struct value *key)
{
	return key != NULL &&
	    (key->kind == VALUE_STRING ||
		(key->kind == VALUE_INT && key->i >= 0));
}

const struct shape *
shape_step(struct analysis *a, const struct shape *s, const struct value *key)
{
	const struct shape *x;

	if (is_key(key)) {
		const struct child *c = find(s, key);

		return c != NULL ? c->shape : below(a, s, key);
	}
	x = below(a, s, NULL);
	for (const struct child *c = s->children; c != NULL; c = c->next)
		x = shape_join(a, x, c->shape);
	return x;
}

const struct shape *
shape_get(struct analysis *a, const struct shape *s, const struct value *key)
{
	struct shape *x = copy(a, shape_step(a, s, key));

	x->by = sites_join(a, x->by, s->by);
	x->path = paths_below(a, s->path, is_key(key) ? key : NULL);
	x->sure = s->sure && is_key(key);
	x->made |= x->gone; /* what is gone reads as null */
	x->gone = false;
	return x;
}

const struct shape *
shape_at(struct analysis *a, const struct shape *s, const struct site *p)
{
	for (uint32_t i = 0; i < p->n; i++)
		s = shape_get(a, s, &p->keys[i]);
	return p->open ? shape_get(a, s, NULL) : s;
}

/* Something may be anywhere in it from now on. */
static void
scatter(struct analysis *a, struct shape *s, struct deps d)
{
	const struct child *c = s->children;

	s->rest = s->scattered ? deps_join(a, s->rest, d) : d;
	s->scattered = true;
	s->constant = NULL;
	s->children = NULL;
	for (; c != NULL; c = c->next) {
		struct shape *x = copy(a, c->shape);

		scatter(a, x, d);
		put_child(a, s, &c->key, x);
	}
}

static const struct shape *
replace(
    struct analysis *a, const struct shape *s, const struct shape *x, bool sure)
{
	struct shape *gone;

	if (x == NULL) {
		gone = make(a);
		gone->gone = true;
		x = gone;
	}
	return sure ? x : shape_join(a, s, x);
}

/* The place of those that have none. */
static struct sites
sites_said(struct analysis *a, struct sites s, uint32_t at)
{
	struct site *p;

	if (s.n == 0)
		return s;
	analysis_spend(a, s.n);
	p = arena_array(a->arena, s.n, sizeof(*p));
	memcpy(p, s.p, s.n * sizeof(*p));
	for (uint32_t i = 0; i < s.n; i++)
		p[i].at = p[i].at == 0 ? at : p[i].at;
	return (struct sites){s.n, p};
}

const struct shape *
shape_said(struct analysis *a, const struct shape *s, uint32_t at)
{
	struct shape *c;

	if (s == NULL || at == 0)
		return s;
	c = copy(a, s);
	c->at = sites_said(a, s->at, at);
	c->path = sites_said(a, s->path, at);
	return c;
}

static const struct shape *
set_below(struct analysis *a, const struct shape *s, const struct site *p,
    uint32_t i, const struct shape *x, bool sure)
{
	const struct shape *inner;
	struct shape *outer;

	if (i == p->n && !p->open) {
		outer = copy(a, replace(a, s, x, sure));
		outer->where = p->at;
		return outer;
	}
	outer = copy(a, s);
	if (i == p->n)
		outer->where = p->at;
	outer->constant = NULL;
	outer->made |= outer->gone;
	outer->gone = false;
	if (i == p->n) {
		scatter(a, outer, shape_deps(a, x));
		return outer;
	}
	inner = set_below(a, shape_step(a, s, &p->keys[i]), p, i + 1, x, sure);
	if (p->keys[i].kind == VALUE_INT && x == NULL && i + 1 == p->n)
		scatter(a, outer, shape_deps(a, shape_step(a, s, NULL)));
	else if (p->keys[i].kind == VALUE_INT && p->keys[i].i > 0)
		scatter(a, outer, (struct deps){0});
	put_child(a, outer, &p->keys[i], inner);
	return outer;
}

const struct shape *
shape_set(struct analysis *a, const struct shape *s, const struct site *p,
    const struct shape *x, bool sure)
{
	struct shape *clean;
	const struct shape *set;

	if (x != NULL) {
		clean = copy(a, x);
		clean->path = (struct sites){0};
		x = clean;
	}
	set = set_below(a, s, p, 0, x, sure);
	clean = copy(a, set);
	clean->path = s->path;
	clean->sure = s->sure;
	clean->by = sites_join(a, set->by, s->by);
	return clean;
}

static bool
same_constant(struct analysis *a, const struct value *x, const struct value *y)
{
	return x == y ||
	    (x != NULL && y != NULL && value_equal(a->arena, *x, *y));
}

static void
join_children(struct analysis *a, struct shape *j, const struct shape *x,
    const struct shape *y)
{
	j->children = NULL;
	for (const struct child *c = x->children; c != NULL; c = c->next)
		put_child(a, j, &c->key,
		    shape_join(a, c->shape, shape_step(a, y, &c->key)));
	for (const struct child *c = y->children; c != NULL; c = c->next)
		if (find(x, &c->key) == NULL)
			put_child(a, j, &c->key,
			    shape_join(a, shape_step(a, x, &c->key), c->shape));
}

const struct shape *
shape_join(struct analysis *a, const struct shape *x, const struct shape *y)
{
	struct shape *j;

	if (x == NULL || x == y)
		return y;
	if (y == NULL)
		return x;
	j = copy(a, x);
	j->at = sites_join(a, x->at, y->at);
	j->from = sites_join(a, x->from, y->from);
	j->by = sites_join(a, x->by, y->by);
	j->path = sites_join(a, x->path, y->path);
	j->paths = x->paths.n > 0 && y->paths.n > 0
	    ? sites_join(a, x->paths, y->paths)
	    : (struct sites){0};
	j->rest = deps_join(a, x->rest, y->rest);
	j->scattered = x->scattered || y->scattered;
	j->made = x->made || y->made;
	j->gone = x->gone || y->gone;
	j->sure = x->sure && y->sure;
	j->object = x->object && y->object;
	if (!same_constant(a, x->constant, y->constant))
		j->constant = NULL;
	join_children(a, j, x, y);
	return j;
}

const struct shape *
shape_decided(struct analysis *a, const struct shape *s, struct sites by)
{
	struct shape *d;

	if (s == NULL || by.n == 0)
		return s;
	d = copy(a, s);
	d->by = sites_join(a, s->by, by);
	return d;
}

/* Who lists the keys sees what they were made of, wherever they stand. */
const struct shape *
shape_keyed(struct analysis *a, const struct shape *s, struct deps d)
{
	struct shape *k = copy(a, s);

	d.keys = sites_join(a, d.from, d.by);
	scatter(a, k, d);
	return k;
}

static bool
same_children(struct analysis *a, const struct shape *x, const struct shape *y)
{
	for (const struct child *c = x->children; c != NULL; c = c->next)
		if (find(y, &c->key) == NULL ||
		    !shape_same(a, c->shape, find(y, &c->key)->shape))
			return false;
	return true;
}

/* Are the two the same but for their children and what is scattered? */
static bool
same_base(const struct shape *x, const struct shape *y)
{
	return sites_equal(x->at, y->at) && sites_equal(x->from, y->from) &&
	    sites_equal(x->by, y->by) && sites_equal(x->path, y->path) &&
	    x->made == y->made && x->gone == y->gone && x->sure == y->sure;
}

bool
shape_same(struct analysis *a, const struct shape *x, const struct shape *y)
{
	if (x == NULL || y == NULL)
		return x == y;
	analysis_spend(a, x->at.n + x->from.n + x->by.n + 1);
	return same_base(x, y) && sites_equal(x->paths, y->paths) &&
	    x->object == y->object && x->scattered == y->scattered &&
	    sites_equal(x->rest.from, y->rest.from) &&
	    sites_equal(x->rest.by, y->rest.by) &&
	    sites_equal(x->rest.keys, y->rest.keys) &&
	    same_constant(a, x->constant, y->constant) &&
	    same_children(a, x, y) && same_children(a, y, x);
}

/* Where all of the difference is in children, only they are decided. */
const struct shape *
shape_choice(struct analysis *a, const struct shape *x, const struct shape *y,
    struct sites by)
{
	const struct shape *either = shape_join(a, x, y);
	struct shape *j;

	if (x == NULL || y == NULL || x->made || !same_base(x, y))
		return shape_decided(a, either, by);
	j = copy(a, either);
	if (j->scattered)
		j->rest.by = sites_join(a, j->rest.by, by);
	for (const struct child *c = either->children; c != NULL; c = c->next)
		if (!shape_same(a, shape_step(a, x, &c->key),
			shape_step(a, y, &c->key)))
			put_child(
			    a, j, &c->key, shape_decided(a, c->shape, by));
	return j;
}
