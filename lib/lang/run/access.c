/*
 * Forms that look into values, and with them the paths that lead there.
 */
#include "lang/run/lookup.h"
#include "lang/run/run.h"
#include "value/array.h"
#include "value/object.h"

/* The path one key further, where at stands. */
static struct path *
extend(struct machine *m, struct path *up, struct value key, struct value at)
{
	struct path *p = arena_alloc(m->arena, sizeof(*p));

	p->up = up;
	p->key = value_share(key);
	p->at = value_share(at);
	return p;
}

struct value
path_value(struct machine *m, const struct path *path)
{
	size_t n = 0;
	const struct path *p;
	struct value v;

	for (p = path; p->up != NULL; p = p->up)
		n++;
	v = array_new(m->arena, n);
	v.n = v.array->used = (uint32_t)n;
	for (p = path; p->up != NULL; p = p->up)
		v.array->v[--n] = p->key;
	return v;
}

bool
path_intact(struct machine *m, const struct path *path, struct value v,
    const char *tried, struct value key)
{
	if (path == NULL || value_same(path->at, v))
		return true;
	if (tried == NULL)
		return machine_fail(m, "Invalid path expression with result %s",
		    machine_show(m, v));
	if (key.kind == VALUE_NULL)
		return machine_fail(m,
		    "Invalid path expression near attempt to "
		    "iterate through %s",
		    machine_show(m, v));
	{
		const char *shown = machine_show(m, key);

		return machine_fail(m,
		    "Invalid path expression near attempt to "
		    "access element %s of %s",
		    shown, machine_show(m, v));
	}
}

/* The key of a step whose parts are constants or variables. */
static bool
step_key(struct run *r, const struct node *step, struct value *key)
{
	struct value from = VALUE_OF(VALUE_NULL), to = from;

	if (step->slice.from != NULL &&
	    !eval_operand(r->m, step->slice.from, r->env, r->in, &from))
		return false;
	if (step->op == OP_SLICE && step->slice.to != NULL &&
	    !eval_operand(r->m, step->slice.to, r->env, r->in, &to))
		return false;
	*key = step->op == OP_SLICE ? path_slice_key(r->m, from, to) : from;
	return true;
}

bool
access_intact(struct run *r)
{
	struct value in = value_share(r->in), key;

	if (r->path == NULL || value_same(r->path->at, in))
		return true;
	return step_key(r, r->n->attempt.body, &key) &&
	    path_intact(r->m, r->path, in, "access", key);
}

static bool
put_index(struct run *r, struct value v, struct value key, struct path *path,
    struct sink *k)
{
	struct value at;

	if (path == NULL)
		return path_index(r->m, v, key, &at) && k->put(k, at, NULL);
	return path_intact(r->m, path, v, "access", key) &&
	    path_peek(r->m, v, key, &at) &&
	    k->put(k, at, extend(r->m, path, key, at));
}

/* The key is known; now for every value of what is looked into. */
struct access {
	struct sink sink;
	struct run *r;
	struct value key;
};

static bool
take_indexed(struct sink *k, struct value v, struct path *path)
{
	struct access *l = (struct access *)k;

	return put_index(l->r, v, l->key, path, l->r->k);
}

static bool
access_at(struct run *r, struct value key)
{
	struct access l = {{take_indexed}, r, key};

	if (r->n->index.of->op == OP_IDENTITY)
		return put_index(r, value_share(r->in), key, r->path, r->k);
	return eval(
	    r->m, r->n->index.of, r->env, value_share(r->in), r->path, &l.sink);
}

static bool
combine_access(struct product *p)
{
	struct combine *c = (struct combine *)p;
	struct run r = {p->m, c->n, p->env, p->in, c->path, c->k};

	if (c->n->op == OP_INDEX)
		return access_at(&r, p->values[0]);
	return access_at(&r,
	    path_slice_key(p->m,
		c->n->slice.from != NULL ? p->values[0] : VALUE_OF(VALUE_NULL),
		c->n->slice.to != NULL ? p->values[p->n - 1]
				       : VALUE_OF(VALUE_NULL)));
}

bool
eval_access(struct run *r)
{
	const struct node *keys[2];
	size_t n = 0;

	if (r->n->slice.from != NULL)
		keys[n++] = r->n->slice.from;
	if (r->n->op == OP_SLICE && r->n->slice.to != NULL)
		keys[n++] = r->n->slice.to;
	return eval_product(r, keys, n, combine_access);
}

/* In path mode a value is gone before anything changes. */
static struct value
read_place(struct value *place, const struct path *path)
{
	return path != NULL ? value_share(*place) : value_take(place);
}

static bool
put_elements(
    struct machine *m, struct value v, struct path *path, struct sink *k)
{
	v = value_share(array_open(m->arena, lookup_in(m, v)));
	for (uint32_t i = 0; i < v.n; i++) {
		struct value at = read_place(&v.array->v[i], path);
		struct path *p =
		    path == NULL ? NULL : extend(m, path, value_int(i), at);

		if (!k->put(k, at, p))
			return false;
	}
	return true;
}

static bool
put_members(
    struct machine *m, struct value v, struct path *path, struct sink *k)
{
	struct member *member;
	uint32_t i = 0;

	v = value_share(object_open(m->arena, lookup_in(m, v)));
	while ((member = object_next(m->arena, v, &i)) != NULL) {
		struct value at = read_place(&member->value, path);
		struct path *p =
		    path == NULL ? NULL : extend(m, path, member->key, at);

		if (!k->put(k, at, p))
			return false;
	}
	return true;
}

static bool
put_each(struct machine *m, struct value v, struct path *path, struct sink *k)
{
	if (!path_intact(m, path, v, "iterate", VALUE_OF(VALUE_NULL)))
		return false;
	if (value_is_array(v))
		return put_elements(m, v, path, k);
	if (value_is_object(v))
		return put_members(m, v, path, k);
	return machine_fail(m, "Cannot iterate over %s (%s)", value_type(v),
	    machine_show(m, v));
}

struct each {
	struct sink sink;
	struct run *r;
};

static bool
take_each(struct sink *k, struct value v, struct path *path)
{
	struct each *e = (struct each *)k;

	return put_each(e->r->m, v, path, e->r->k);
}

bool
eval_each(struct run *r)
{
	struct each e = {{take_each}, r};

	return eval(
	    r->m, r->n->unary.of, r->env, value_share(r->in), r->path, &e.sink);
}

static bool
take_below(struct sink *k, struct value v, struct path *path)
{
	struct each *e = (struct each *)k;

	if (!machine_stack_left(e->r->m) || !e->r->k->put(e->r->k, v, path))
		return false;
	return !(value_is_array(v) || value_is_object(v)) ||
	    put_each(e->r->m, v, path, k);
}

bool
eval_recurse(struct run *r)
{
	struct each e = {{take_below}, r};

	return take_below(&e.sink, value_share(r->in), r->path);
}

static bool
combine_getpath(struct product *p)
{
	struct combine *c = (struct combine *)p;
	struct value keys = p->values[0], at;
	struct path *path = c->path;

	if (!path_intact(p->m, path, value_share(p->in), "access", keys) ||
	    !path_get(p->m, value_share(p->in), keys, &at))
		return false;
	if (path != NULL) {
		keys = array_open(p->m->arena, keys);
		for (uint32_t i = 0; i < keys.n; i++)
			path = extend(p->m, path, array_at(keys, i), at);
	}
	return c->k->put(c->k, at, path);
}

bool
eval_getpath(struct run *r)
{
	const struct node *keys[1] = {r->n->unary.of};

	return eval_product(r, keys, 1, combine_getpath);
}
