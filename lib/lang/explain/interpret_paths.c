/*
 * interpret: paths that a program computes, and the forms that change.
 */

#include "lang/explain/interpret.h"
#include "value/array.h"
#include "value/number.h"
#include "value/string.h"

static bool
site_of(struct interpreter *x, struct value path, struct site *p)
{
	struct value keys = array_open(x->a->arena, path);

	*p = (struct site){0};
	for (size_t i = 0; i < array_length(keys) && !p->open; i++) {
		struct value key = array_at(keys, i);

		if (value_is_string(key))
			key = string_decoded(x->a->arena, key);
		if (key.kind == VALUE_NUMBER)
			key = value_number(key);
		*p = site_below(x->a, p, &key);
	}
	return true;
}

/* The paths that a value may be; sure where it is one, and known. */
static struct sites
paths_of(struct interpreter *x, const struct shape *s, bool *sure)
{
	struct site p;

	*sure = false;
	if (s->constant != NULL && value_is_array(*s->constant) &&
	    site_of(x, *s->constant, &p)) {
		*sure = !p.open;
		return sites_add(x->a, (struct sites){0}, &p);
	}
	if (s->paths.n == 0)
		return interpret_anywhere(x);
	*sure = s->paths.n == 1 && !s->paths.p[0].open;
	return s->paths;
}

static const struct shape *
at_paths(struct interpreter *x, const struct shape *in, struct sites paths)
{
	const struct shape *s = NULL;

	for (uint32_t i = 0; i < paths.n; i++)
		s = shape_join(x->a, s, shape_at(x->a, in, &paths.p[i]));
	return s;
}

static const struct shape *
put_at(struct interpreter *x, const struct shape *in, struct sites paths,
    const struct shape *new, bool sure)
{
	for (uint32_t i = 0; i < paths.n; i++)
		in = shape_set(x->a, in, &paths.p[i], new, sure);
	return in;
}

/* What is to stand at p: where p is open, what its keys are made of as well. */
static const struct shape *
keyed(struct interpreter *x, const struct site *p, const struct shape *new,
    struct deps keys)
{
	return p->open ? shape_keyed(x->a, new, keys) : new;
}

/* path(f) stands for where f leads. */
const struct shape *
interpret_path(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *s =
	    interpret_node(x, n->unary.of, env, interpret_path_root(x, in));
	struct shape *keys;
	struct deps d = {0};

	if (s == NULL)
		return NULL;
	d.by = s->by;
	for (uint32_t i = 0; i < s->path.n; i++)
		if (s->path.p[i].open)
			d.from = interpret_all_of(x, interpret_use(x, s));
	keys = (struct shape *)(uintptr_t)interpret_made(x, d, in);
	keys->paths = s->path;
	keys->sure = s->sure;
	return keys;
}

const struct shape *
interpret_getpath(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *path = interpret_node(x, n->unary.of, env, in), *s;
	struct deps d;
	bool sure;

	if (path == NULL)
		return NULL;
	d = interpret_use(x, path);
	s = at_paths(x, in, paths_of(x, path, &sure));
	if (!sure)
		interpret_keyed(x, in, d);
	s = shape_decided(x->a, s, interpret_all_of(x, d));
	return sure ? s : interpret_unsure(x, s);
}

const struct shape *
interpret_setpath(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *path = interpret_node(x, n->change.target, env, in);
	const struct shape *new = interpret_node(x, n->change.source, env, in);
	bool single = interpret_single(n->change.target) &&
	    interpret_single(n->change.source);
	struct sites paths;
	struct deps keys;
	bool sure;

	if (path == NULL || new == NULL)
		return NULL;
	paths = paths_of(x, path, &sure);
	keys = interpret_use(x, path);
	new = shape_decided(x->a, new, interpret_all_of(x, keys));
	for (uint32_t i = 0; i < paths.n; i++)
		in = shape_set(x->a, in, &paths.p[i],
		    keyed(x, &paths.p[i], new, keys), sure && single);
	return single
	    ? in
	    : shape_decided(x->a, in, sites_join(x->a, path->by, new->by));
}

/* The sites that an expression leads to are deleted. */
static const struct shape *
delete_at(struct interpreter *x, const struct shape *in, struct sites paths,
    struct sites by, bool sure)
{
	struct shape *gone;

	if (by.n == 0)
		return put_at(x, in, paths, NULL, sure);
	for (uint32_t i = 0; i < paths.n; i++) {
		const struct shape *old = shape_at(x->a, in, &paths.p[i]);

		in = put_at(x, in, (struct sites){1, &paths.p[i]}, NULL, sure);
		gone = arena_alloc(x->a->arena, sizeof(*gone));
		*gone = *(sure ? shape_at(x->a, in, &paths.p[i]) : old);
		*gone = (struct shape){.at = sure ? (struct sites){0} : old->at,
		    .from = sure ? (struct sites){0} : old->from,
		    .gone = true,
		    .by = by};
		in = shape_set(x->a, in, &paths.p[i], gone, sure);
	}
	return in;
}

const struct shape *
interpret_delete(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *s =
	    interpret_node(x, n->unary.of, env, interpret_path_root(x, in));

	return s == NULL ? in : delete_at(x, in, s->path, s->by, s->sure);
}

const struct shape *
interpret_delpaths(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in)
{
	const struct shape *s = interpret_node(x, n->unary.of, env, in);
	struct sites paths;
	bool sure;

	if (s == NULL)
		return NULL;
	if (s->constant == NULL || !value_is_array(*s->constant))
		return delete_at(x, in, interpret_anywhere(x),
		    interpret_all_of(x, interpret_use(x, s)), false);
	for (size_t i = 0; i < array_length(*s->constant); i++) {
		const struct shape *path =
		    interpret_constant(x, array_get(*s->constant, i), in);

		paths = paths_of(x, path, &sure);
		in = put_at(x, in, paths, NULL, sure);
	}
	return in;
}

/* The new value at one of the sites of a change, from old and from b. */
typedef const struct shape *new_value(struct interpreter *x,
    const struct node *n, struct term *env, const struct shape *old,
    const struct shape *b, const struct shape *in);

static const struct shape *
changed_assign(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *old, const struct shape *b, const struct shape *in)
{
	(void)x, (void)n, (void)env, (void)old, (void)in;
	return b;
}

static const struct shape *
changed_update(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *old, const struct shape *b, const struct shape *in)
{
	(void)b, (void)in;
	return interpret_node(x, n->change.source, env,
	    interpret_with_path(x, old, (struct sites){0}, false));
}

static const struct shape *
changed_arith(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *old, const struct shape *b, const struct shape *in)
{
	(void)env;
	return interpret_operate(x, n->variant, old, b, in);
}

static const struct shape *
changed_alternative(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *old, const struct shape *b,
    const struct shape *in)
{
	(void)n, (void)env, (void)in;
	return shape_decided(x->a, shape_join(x->a, old, b),
	    interpret_all_of(x, interpret_use(x, old)));
}

static bool
ends_in_index(const struct site *p)
{
	return p->n > 0 && !p->open && p->keys[p->n - 1].kind == VALUE_INT;
}

/* Where a change is made, and what the computed keys of that are made of. */
static const struct shape *
find_target(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in, struct deps *keys)
{
	struct deps before = x->keys;
	const struct shape *where;

	x->keys = (struct deps){0};
	where = interpret_node(
	    x, n->change.target, env, interpret_path_root(x, in));
	*keys = x->keys;
	x->keys = deps_join(x->a, before, *keys);
	return where;
}

static const struct shape *
interpret_change(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in, new_value *changed)
{
	struct deps keys;
	const struct shape *where = find_target(x, n, env, in, &keys);
	const struct shape *b = NULL, *out = in, *new;

	if (n->op != OP_UPDATE) {
		b = interpret_node(x, n->change.source, env, in);
		if (b == NULL)
			return NULL;
		if (!interpret_single(n->change.source))
			out = shape_decided(x->a, out, b->by);
	}
	if (where == NULL)
		return out;
	for (uint32_t i = 0; i < where->path.n; i++) {
		const struct site *p = &where->path.p[i];
		struct site up = site_open(*p);

		new = changed(x, n, env, shape_at(x->a, out, p), b, in);
		if (new == NULL) {
			out = delete_at(x, out, (struct sites){1, p}, where->by,
			    where->sure);
			continue;
		}
		new = shape_decided(x->a, new, where->by);
		new = keyed(x, p, new, keys);
		out = shape_set(x->a, out, p, new, where->sure);
		if (n->op != OP_UPDATE || interpret_single(n->change.source) ||
		    !ends_in_index(p))
			continue;
		/* Where the element goes, those behind it move. */
		up.n--;
		out = shape_set(x->a, out, &up, shape_at(x->a, in, &up), false);
	}
	return interpret_with_path(x, out, in->path, false);
}

const struct shape *
interpret_assign(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	return interpret_change(x, n, env, in, changed_assign);
}

const struct shape *
interpret_update(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	return interpret_change(x, n, env, in, changed_update);
}

const struct shape *
interpret_arith(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	return interpret_change(x, n, env, in, changed_arith);
}

const struct shape *
interpret_set_alternative(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in)
{
	return interpret_change(x, n, env, in, changed_alternative);
}
