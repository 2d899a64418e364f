/*
 * A program is run on shapes instead of values.  An expression gives one
 * shape for all of its outputs, or NULL where it has none.  What only
 * decides whether there is an output (and how many) is among the shape's
 * deciders.  Loops run until nothing new comes, recursion to a limit; past
 * that, all that is in reach flows into the outcome.
 */
#include <string.h>

#include "lang/builtin.h"
#include "lang/eval.h"
#include "lang/explaining.h"
#include "value/array.h"
#include "value/number.h"
#include "value/string.h"

enum {
	FUEL = 100000, /* expressions looked at */
	NESTED = 4,    /* calls of one function in each other */
	DEEP = 2000,   /* levels of this evaluator */
	ROUNDS = 6,    /* of a loop */
};

/* A variable or parameter. */
struct term {
	struct term *up;
	const struct node *body; /* of a parameter, or NULL */
	struct term *env;
	const struct shape *shape;
	unsigned seen;
};

static const struct shape *look(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);

static bool
single(const struct node *n)
{
	return (n->traits & TRAIT_SINGLE) != 0;
}

static struct sites
all_of(struct explain *x, struct deps d)
{
	return sites_join(x->a, d.from, d.by);
}

/* Look at a value: what reaches it has been read. */
static struct deps
use(struct explain *x, const struct shape *s)
{
	struct deps d = shape_deps(x->a, s);

	x->used = sites_join(x->a, x->used, all_of(x, d));
	return d;
}

/* The outcome of a computation; in path() it stays where in is. */
static const struct shape *
made(struct explain *x, struct deps d, const struct shape *in)
{
	struct shape *s = (struct shape *)(uintptr_t)shape_made(x->a, d);

	s->path = in->path;
	return s;
}

static const struct shape *
with_path(
    struct explain *x, const struct shape *s, struct sites path, bool sure)
{
	struct shape *c;

	if (s == NULL)
		return NULL;
	c = arena_alloc(x->a, sizeof(*c));
	*c = *s;
	c->path = path;
	c->sure = sure;
	return c;
}

static const struct shape *
unsure(struct explain *x, const struct shape *s)
{
	return s == NULL ? NULL : with_path(x, s, s->path, false);
}

static const struct shape *
constant(struct explain *x, struct value v, const struct shape *in)
{
	return with_path(x, shape_constant(x->a, v), in->path, false);
}

/* In path(): the input, which is where paths start. */
static const struct shape *
path_root(struct explain *x, const struct shape *in)
{
	struct site here = {0};

	return with_path(
	    x, in, sites_add(x->a, (struct sites){0}, &here), true);
}

static struct sites
opened(struct explain *x, struct sites s)
{
	struct sites open = {0};

	for (uint32_t i = 0; i < s.n; i++) {
		struct site p = site_open(s.p[i]);

		open = sites_add(x->a, open, &p);
	}
	return open;
}

static struct sites
anywhere(struct explain *x)
{
	struct site p = {.open = true};

	return sites_add(x->a, (struct sites){0}, &p);
}

static struct term *
term_at(struct term *env, uint32_t up)
{
	while (up-- > 0)
		env = env->up;
	return env;
}

static struct term *
new_term(struct explain *x, struct term *up, const struct shape *s)
{
	struct term *t = arena_alloc(x->a, sizeof(*t));

	*t = (struct term){.up = up, .shape = s};
	return t;
}

static struct deps
reach_of(struct explain *x, struct term *env)
{
	struct deps d = {0};

	for (; env != NULL && env->seen != x->seen; env = env->up) {
		env->seen = x->seen;
		d = deps_join(x->a, d, shape_deps(x->a, env->shape));
		if (env->body != NULL)
			d = deps_join(x->a, d, reach_of(x, env->env));
	}
	return d;
}

/* All that an expression could see flows into its outcome. */
static const struct shape *
give_up(struct explain *x, struct term *env, const struct shape *in)
{
	struct deps d;
	const struct shape *s;

	x->seen++;
	d = deps_join(x->a, shape_deps(x->a, in), reach_of(x, env));
	d.from = sites_join(x->a, d.from, x->contexts);
	x->used = sites_join(x->a, x->used, all_of(x, d));
	s = shape_decided(x->a, shape_made(x->a, d), d.from);
	return with_path(x, s, opened(x, in->path), false);
}

/* --- paths --- */

static bool
site_of(struct explain *x, struct value path, struct site *p)
{
	struct value keys = array_open(x->a, path);

	*p = (struct site){0};
	for (size_t i = 0; i < array_length(keys) && !p->open; i++) {
		struct value key = array_at(keys, i);

		if (value_is_string(key))
			key = string_decoded(x->a, key);
		if (key.kind == VALUE_NUMBER)
			key = value_number(key);
		*p = site_below(x->a, p, &key);
	}
	return true;
}

/* The paths that a value may be; sure where it is one, and known. */
static struct sites
paths_of(struct explain *x, const struct shape *s, bool *sure)
{
	struct site p;

	*sure = false;
	if (s->constant != NULL && value_is_array(*s->constant) &&
	    site_of(x, *s->constant, &p)) {
		*sure = !p.open;
		return sites_add(x->a, (struct sites){0}, &p);
	}
	if (s->paths.n == 0)
		return anywhere(x);
	*sure = s->paths.n == 1 && !s->paths.p[0].open;
	return s->paths;
}

static const struct shape *
at_paths(struct explain *x, const struct shape *in, struct sites paths)
{
	const struct shape *s = NULL;

	for (uint32_t i = 0; i < paths.n; i++)
		s = shape_join(x->a, s, shape_at(x->a, in, &paths.p[i]));
	return s;
}

static const struct shape *
put_at(struct explain *x, const struct shape *in, struct sites paths,
    const struct shape *new, bool sure)
{
	for (uint32_t i = 0; i < paths.n; i++)
		in = shape_set(x->a, in, &paths.p[i], new, sure);
	return in;
}

/* A value for which path(f) stands: where f leads. */
static const struct shape *
look_path(struct explain *x, const struct node *f, struct term *env,
    const struct shape *in)
{
	const struct shape *s = look(x, f, env, path_root(x, in));
	struct shape *keys;
	struct deps d = {0};

	if (s == NULL)
		return NULL;
	d.by = s->by;
	for (uint32_t i = 0; i < s->path.n; i++)
		if (s->path.p[i].open)
			d.from = all_of(x, use(x, s));
	keys = (struct shape *)(uintptr_t)made(x, d, in);
	keys->paths = s->path;
	keys->sure = s->sure;
	return keys;
}

static const struct shape *
look_getpath(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *path = look(x, n->a, env, in), *s;
	bool sure;

	if (path == NULL)
		return NULL;
	s = at_paths(x, in, paths_of(x, path, &sure));
	s = shape_decided(x->a, s, all_of(x, use(x, path)));
	return sure ? s : unsure(x, s);
}

static const struct shape *
look_setpath(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *path = look(x, n->a, env, in);
	const struct shape *new = look(x, n->b, env, in);
	struct sites paths;
	bool sure;

	if (path == NULL || new == NULL)
		return NULL;
	paths = paths_of(x, path, &sure);
	new = shape_decided(x->a, new, all_of(x, use(x, path)));
	in = put_at(x, in, paths, new, sure && single(n->a) && single(n->b));
	return single(n->a) && single(n->b)
	    ? in
	    : shape_decided(x->a, in, sites_join(x->a, path->by, new->by));
}

/* The sites that an expression leads to are deleted. */
static const struct shape *
delete_at(struct explain *x, const struct shape *in, struct sites paths,
    struct sites by, bool sure)
{
	struct shape *gone;

	if (by.n == 0)
		return put_at(x, in, paths, NULL, sure);
	for (uint32_t i = 0; i < paths.n; i++) {
		const struct shape *old = shape_at(x->a, in, &paths.p[i]);

		in = put_at(x, in, (struct sites){1, &paths.p[i]}, NULL, sure);
		gone = arena_alloc(x->a, sizeof(*gone));
		*gone = *(sure ? shape_at(x->a, in, &paths.p[i]) : old);
		*gone = (struct shape){.at = sure ? (struct sites){0} : old->at,
		    .from = sure ? (struct sites){0} : old->from,
		    .gone = true,
		    .by = by};
		in = shape_set(x->a, in, &paths.p[i], gone, sure);
	}
	return in;
}

static const struct shape *
look_delete(struct explain *x, const struct node *f, struct term *env,
    const struct shape *in)
{
	const struct shape *s = look(x, f, env, path_root(x, in));

	return s == NULL ? in : delete_at(x, in, s->path, s->by, s->sure);
}

static const struct shape *
look_delpaths(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *s = look(x, n->a, env, in);
	bool sure;

	if (s == NULL)
		return NULL;
	if (s->constant == NULL || !value_is_array(*s->constant))
		return delete_at(
		    x, in, anywhere(x), all_of(x, use(x, s)), false);
	for (size_t i = 0; i < array_length(*s->constant); i++) {
		const struct shape *path =
		    constant(x, array_get(*s->constant, i), in);

		in = put_at(x, in, paths_of(x, path, &sure), NULL, sure);
	}
	return in;
}

/* --- operators --- */

static struct deps
both(struct explain *x, const struct shape *a, const struct shape *b)
{
	return deps_join(x->a, use(x, a), use(x, b));
}

/* An object's members in the other's: as + does, and nearly as * does. */
static const struct shape *
merge(struct explain *x, const struct shape *a, const struct shape *b)
{
	struct shape *m;

	if (b->at.n > 0 || b->from.n > 0 || b->scattered ||
	    (b->constant != NULL && b->children == NULL)) {
		struct site any = {.open = true};

		a = shape_set(x->a, a, &any, b, false);
	}
	for (const struct child *c = b->children; c != NULL; c = c->next) {
		struct site p = {0};

		p = site_below(x->a, &p, &c->key);
		a = shape_set(x->a, a, &p, c->shape, !c->shape->gone);
	}
	m = arena_alloc(x->a, sizeof(*m));
	*m = *a;
	m->object = true;
	m->by = sites_join(x->a, m->by, b->by);
	return m;
}

static bool
is_null(const struct shape *s)
{
	return s->constant != NULL && s->constant->kind == VALUE_NULL;
}

static const struct shape *
operate(struct explain *x, int op, const struct shape *a, const struct shape *b,
    const struct shape *in)
{
	const struct shape *s;

	if (a == NULL || b == NULL)
		return NULL;
	if (op == OP_ADD && is_null(a))
		s = shape_decided(x->a, b, a->by);
	else if (op == OP_ADD && a->object &&
	    (b->object || b->at.n + b->from.n > 0))
		s = merge(x, a, b);
	else
		s = shape_made(x->a, both(x, a, b));
	return with_path(x, s, in->path, false);
}

static const struct shape *
look_operator(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	return operate(
	    x, n->op, look(x, n->a, env, in), look(x, n->b, env, in), in);
}

/* The second is asked only where the first doesn't settle it. */
static const struct shape *
look_logic(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *a = look(x, n->a, env, in);
	const struct shape *b = look(x, n->b, env, in);
	struct deps d;

	if (a == NULL)
		return NULL;
	d = both(x, a, b);
	if (!single(n->b))
		d.by = sites_join(x->a, d.by, all_of(x, use(x, a)));
	return made(x, d, in);
}

static const struct shape *
look_alternative(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *a = look(x, n->a, env, in);
	const struct shape *b = look(x, n->b, env, in);
	const struct shape *s;

	s = shape_decided(x->a, shape_join(x->a, a, b), all_of(x, use(x, a)));
	return a == NULL ? s : unsure(x, s);
}

static const struct shape *
look_if(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *test = look(x, n->a, env, in);
	const struct shape *yes, *no, *s;

	if (test == NULL)
		return NULL;
	yes = look(x, n->b, env, in);
	no = n->c == NULL ? in : look(x, n->c, env, in);
	s = shape_choice(x->a, yes, no, all_of(x, use(x, test)));
	if (yes == NULL || no == NULL || !sites_equal(yes->path, no->path))
		s = unsure(x, s);
	return s;
}

/* What is looked at within f, apart; x->used gets it too. */
static const struct shape *
look_apart(struct explain *x, const struct node *f, struct term *env,
    const struct shape *in, struct sites *used)
{
	struct sites before = x->used;
	const struct shape *s;

	x->used = (struct sites){0};
	s = look(x, f, env, in);
	*used = x->used;
	x->used = sites_join(x->a, before, x->used);
	return s;
}

static const struct shape *
look_try(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct sites used;
	const struct shape *a = look_apart(x, n->a, env, in, &used), *caught;

	if (a != NULL && !sites_equal(a->at, in->at))
		used = sites_join(x->a, used, all_of(x, shape_deps(x->a, a)));
	if (n->b != NULL) {
		caught = shape_made(x->a, (struct deps){used, {0}});
		x->used = sites_join(x->a, x->used, used);
		caught =
		    look(x, n->b, env, with_path(x, caught, in->path, false));
		a = shape_join(x->a, a, caught);
	}
	return unsure(x, shape_decided(x->a, a, used));
}

/* --- what is made --- */

static bool
collect(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in, struct value *list)
{
	const struct shape *s;

	if (n->op == OP_COMMA)
		return collect(x, n->a, env, in, list) &&
		    collect(x, n->b, env, in, list);
	if (n->op == OP_PIPE || !single(n))
		return false;
	s = look(x, n, env, in);
	if (s == NULL || s->constant == NULL || s->by.n > 0)
		return false;
	*list = array_push(x->a, *list, value_share(*s->constant));
	return true;
}

static const struct shape *
look_array(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct value list = array_new(x->a, 0);
	const struct shape *s;
	struct shape *array;

	if (n->a == NULL || collect(x, n->a, env, in, &list))
		return constant(x, value_share(list), in);
	s = look(x, n->a, env, in);
	array = (struct shape *)(uintptr_t)made(x, (struct deps){0}, in);
	array->scattered = true;
	array->rest = shape_deps(x->a, s);
	array->by = array->rest.by;
	return array;
}

static const struct shape *
look_object(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct shape *object =
	    (struct shape *)(uintptr_t)made(x, (struct deps){0}, in);
	const struct shape *s = object;

	object->object = true;
	for (uint32_t i = 0; i < n->n; i += 2) {
		const struct shape *key = look(x, n->items[i], env, in);
		const struct shape *v = look(x, n->items[i + 1], env, in);
		struct site p = {0};

		if (key == NULL || v == NULL)
			return NULL;
		p = site_below(x->a, &p, key->constant);
		v = shape_decided(x->a, v, all_of(x, use(x, key)));
		s = shape_set(x->a, s, &p, v, !p.open);
		if (!single(n->items[i]) || !single(n->items[i + 1]))
			s = shape_decided(x->a, s, v->by);
	}
	return s;
}

static const struct shape *
look_string(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct deps d = {0};

	for (uint32_t i = 0; i < n->n; i++) {
		const struct shape *s = look(x, n->items[i], env, in);

		if (s == NULL)
			return NULL;
		d = deps_join(x->a, d, use(x, s));
	}
	return made(x, d, in);
}

static const struct shape *
look_index(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *s = look(x, n->a, env, in), *key;
	struct value k;

	/* Keys see the input of the whole expression. */
	key = look(x, n->b, env, in);
	if (s == NULL || key == NULL)
		return NULL;
	if (key->constant == NULL)
		return shape_decided(
		    x->a, shape_get(x->a, s, NULL), all_of(x, use(x, key)));
	k = *key->constant;
	if (k.kind == VALUE_NUMBER)
		k = value_number(k);
	return shape_decided(
	    x->a, shape_get(x->a, s, &k), all_of(x, use(x, key)));
}

static const struct shape *
look_slice(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *s = look(x, n->a, env, in);
	struct sites by = {0};
	const struct node *const ends[] = {n->b, n->c};

	for (int i = 0; i < 2; i++)
		if (ends[i] != NULL)
			by = sites_join(x->a, by,
			    all_of(x, use(x, look(x, ends[i], env, in))));
	return s == NULL ? NULL
			 : shape_decided(x->a, shape_get(x->a, s, NULL), by);
}

/* How many outputs there are, the elements decide. */
static const struct shape *
look_each(struct explain *x, const struct shape *s)
{
	const struct shape *each;

	if (s == NULL)
		return NULL;
	each = shape_get(x->a, s, NULL);
	return shape_decided(x->a, each, all_of(x, use(x, each)));
}

static bool
ignores_input(const struct builtin *b)
{
	static const char *const NAMES[] = {"now", "input_line_number",
	    "input_filename", "have_decnum", "have_literal_numbers"};

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(*NAMES); i++)
		if (strcmp(b->name, NAMES[i]) == 0)
			return true;
	for (const struct builtin *m = BUILTINS_MATH; m->name != NULL; m++)
		if (m == b)
			return b->args >= 2;
	return false;
}

static const struct shape *
look_builtin(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct deps d = {0};

	if (strcmp(n->builtin->name, "debug") == 0 ||
	    strcmp(n->builtin->name, "stderr") == 0) {
		(void)use(x, in);
		return in;
	}
	if (!ignores_input(n->builtin))
		d = use(x, in);
	for (uint32_t i = 0; i < n->n; i++) {
		const struct shape *s = look(x, n->items[i], env, in);

		if (s == NULL)
			return NULL;
		d = deps_join(x->a, d, use(x, s));
	}
	return made(x, d, in);
}

static const struct shape *
look_match(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *pattern = look(x, n->a, env, in);
	const struct shape *flags = look(x, n->b, env, in);
	struct deps d;

	if (pattern == NULL || flags == NULL)
		return NULL;
	d = deps_join(x->a, use(x, in), both(x, pattern, flags));
	d.by = sites_join(x->a, d.by, d.from);
	return made(x, d, in);
}

/* The replacement sees what the pattern captured; no match, no change. */
static const struct shape *
look_sub(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *pattern = look(x, n->a, env, in);
	const struct shape *flags = look(x, n->c, env, in);
	const struct shape *put;
	struct deps d;

	if (pattern == NULL || flags == NULL)
		return NULL;
	d = deps_join(x->a, use(x, in), both(x, pattern, flags));
	put = look(x, n->b, env, shape_made(x->a, d));
	d = deps_join(x->a, d, use(x, put));
	if (put == NULL || !single(n->b))
		d.by = sites_join(x->a, d.by, d.from);
	return shape_join(x->a, in, made(x, d, in));
}

/* --- changes --- */

/* The new value at one of the sites of a change. */
static const struct shape *
changed(struct explain *x, const struct node *n, struct term *env,
    const struct shape *old, const struct shape *b, const struct shape *in)
{
	switch (n->op) {
	case OP_UPDATE:
		return look(
		    x, n->b, env, with_path(x, old, (struct sites){0}, false));
	case OP_ARITH:
		return operate(x, n->sub, old, b, in);
	case OP_SET_ALT:
		return shape_decided(
		    x->a, shape_join(x->a, old, b), all_of(x, use(x, old)));
	default:
		return b;
	}
}

static bool
ends_in_index(const struct site *p)
{
	return p->n > 0 && !p->open && p->keys[p->n - 1].kind == VALUE_INT;
}

static const struct shape *
look_change(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *where = look(x, n->a, env, path_root(x, in));
	const struct shape *b = NULL, *out = in, *new;

	if (n->op != OP_UPDATE) {
		b = look(x, n->b, env, in);
		if (b == NULL)
			return NULL;
		if (!single(n->b))
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
		out = shape_set(x->a, out, p, new, where->sure);
		if (n->op != OP_UPDATE || single(n->b) || !ends_in_index(p))
			continue;
		/* Where the element goes, those behind it move. */
		up.n--;
		out = shape_set(x->a, out, &up, shape_at(x->a, in, &up), false);
	}
	return with_path(x, out, in->path, false);
}

/* --- variables, loops and calls --- */

static const struct shape *
pattern_slot(struct explain *x, const struct pattern *t, uint32_t slot,
    const struct shape *v, struct term *env, const struct shape *in)
{
	const struct shape *s = NULL, *part;

	if (t == NULL)
		return NULL;
	if (t->kind == PATTERN_VAR)
		return t->slot == slot ? v : NULL;
	for (uint32_t i = 0; i < t->n; i++) {
		struct value key = value_int(i);

		part = NULL;
		if (t->kind == PATTERN_ARRAY) {
			part = shape_get(x->a, v, &key);
		} else if (t->keys[i] != NULL) {
			const struct shape *k = look(x, t->keys[i], env, in);

			if (k == NULL)
				continue;
			part = shape_get(x->a, v, k->constant);
			part = shape_decided(x->a, part, all_of(x, use(x, k)));
		} else {
			const struct pattern *var = t->vars[i];

			key = value_text(var->name, var->name_len);
			part = shape_get(x->a, v, &key);
		}
		s = shape_join(
		    x->a, s, pattern_slot(x, t->items[i], slot, part, env, in));
		s = shape_join(
		    x->a, s, pattern_slot(x, t->vars[i], slot, part, env, in));
	}
	return s;
}

/* The environment with what n's patterns bind, tried in turn. */
static struct term *
bind(struct explain *x, const struct node *n, struct term *env,
    const struct shape *v, const struct shape *in)
{
	const struct shape *null = constant(x, VALUE_OF(VALUE_NULL), in);
	struct term *inner = env;

	for (uint32_t i = 0; i < n->vars; i++)
		inner = new_term(x, inner, null);
	for (uint32_t slot = 0; slot < n->vars; slot++) {
		const struct shape *s = n->n > 1 ? null : NULL;

		for (uint32_t i = 0; i < n->n; i++)
			s = shape_join(x->a, s,
			    pattern_slot(
				x, n->patterns[i], slot, v, inner, in));
		term_at(inner, n->vars - 1 - slot)->shape =
		    s == NULL ? null : s;
	}
	return inner;
}

static const struct shape *
look_bind(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *v = look(x, n->a, env, in), *s;
	struct sites used;

	if (v == NULL)
		return NULL;
	if (n->n == 1) {
		s = look(x, n->b, bind(x, n, env, v, in), in);
		return single(n->a) ? s : shape_decided(x->a, s, v->by);
	}
	/* With ?// an error decides which pattern it is. */
	s = look_apart(x, n->b, bind(x, n, env, v, in), in, &used);
	used = sites_join(x->a, used, all_of(x, use(x, v)));
	return unsure(x, shape_decided(x->a, s, used));
}

static const struct shape *
look_fold(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *v = look(x, n->a, env, in);
	const struct shape *state = look(x, n->b, env, in), *next, *out;
	const struct shape *null = constant(x, VALUE_OF(VALUE_NULL), in);
	struct term *inner;
	int round = 0;

	if (state == NULL || (v == NULL && n->op == OP_FOREACH))
		return NULL;
	if (v == NULL)
		return state;
	inner = bind(x, n, env, v, in);
	for (;; round++) {
		out = look(x, n->c, inner, state);
		if (n->op == OP_REDUCE && !single(n->c))
			out = shape_join(x->a, out, null);
		next = shape_decided(x->a, shape_join(x->a, state, out),
		    single(n->a) ? (struct sites){0} : v->by);
		next = unsure(x, next);
		if (round == ROUNDS)
			next = give_up(x, inner, shape_join(x->a, next, in));
		if (round > ROUNDS || shape_same(x->a, state, next))
			break;
		state = next;
	}
	if (n->op == OP_REDUCE)
		return next;
	out = next;
	if (n->d != NULL)
		out = look(x, n->d, inner, out);
	return unsure(
	    x, shape_decided(x->a, out, sites_join(x->a, v->by, next->by)));
}

static bool
too_nested(const struct explain *x, const struct def *d)
{
	int n = 0;

	for (const struct active *at = x->active; at != NULL; at = at->up)
		n += at->def == d;
	return n >= NESTED;
}

static const struct shape *
look_call(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct term *inner = term_at(env, n->up);
	struct active self = {n->def, x->active};
	struct sites by = {0};
	const struct shape *s;

	for (uint32_t i = 0; i < n->n; i++) {
		const struct node *arg = n->items[i];

		inner = new_term(x, inner, NULL);
		if (!n->def->params[i].value) {
			inner->body = arg;
			inner->env = env;
			continue;
		}
		inner->shape = look(x, arg, env, in);
		if (inner->shape == NULL)
			return NULL;
		if (!single(arg))
			by = sites_join(x->a, by, inner->shape->by);
	}
	if (too_nested(x, n->def))
		return give_up(x, inner, in);
	x->active = &self;
	s = look(x, n->def->body, inner, in);
	x->active = self.up;
	return shape_decided(x->a, s, by);
}

static const struct shape *
look_param(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct term *t = term_at(env, n->up);

	if (t->body != NULL)
		return look(x, t->body, t->env, in);
	return with_path(x, t->shape, in->path, false);
}

static const struct shape *
look_context(struct explain *x, const struct node *n, const struct shape *in)
{
	struct site p = {.root = (uint8_t)(1 + n->sub)};

	x->contexts = sites_add(x->a, x->contexts, &p);
	return with_path(x, shape_site(x->a, p), in->path, false);
}

static const struct shape *
look_pipe(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *a = look(x, n->a, env, in), *s;

	if (a == NULL)
		return NULL;
	s = look(x, n->b, env, a);
	return single(n->a) ? s : shape_decided(x->a, s, a->by);
}

static const struct shape *
look_label(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct term *label =
	    new_term(x, env, constant(x, VALUE_OF(VALUE_NULL), in));
	struct sites used;
	const struct shape *s = look_apart(x, n->a, label, in, &used);

	return unsure(x, shape_decided(x->a, s, used));
}

/* limit, skip, first and last: some of the outputs. */
static const struct shape *
look_some(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	bool counted = n->op == OP_LIMIT || n->op == OP_SKIP;
	const struct shape *s = look(x, counted ? n->b : n->a, env, in);
	struct sites by = {0};

	if (counted)
		by = all_of(x, use(x, look(x, n->a, env, in)));
	return unsure(x, shape_decided(x->a, s, by));
}

static const struct shape *
look_range(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *a = look(x, n->a, env, in);
	const struct shape *b = look(x, n->b, env, in);
	struct deps d;

	if (a == NULL || b == NULL)
		return NULL;
	d = both(x, a, b);
	d.by = sites_join(x->a, d.by, d.from);
	return made(x, d, in);
}

static const struct shape *
look_recurse(struct explain *x, const struct shape *in)
{
	return shape_join(x->a, in, look_each(x, in));
}

static const struct shape *
look_computed(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	switch (n->op) {
	case OP_STRING:
		return look_string(x, n, env, in);
	case OP_FORMAT:
		return made(x, use(x, in), in);
	case OP_ARRAY:
		return look_array(x, n, env, in);
	case OP_OBJECT:
		return look_object(x, n, env, in);
	case OP_NEGATE: {
		const struct shape *s = look(x, n->a, env, in);

		return s == NULL ? NULL : made(x, use(x, s), in);
	}
	case OP_AND:
	case OP_OR:
		return look_logic(x, n, env, in);
	case OP_RANGE:
		return look_range(x, n, env, in);
	case OP_BUILTIN:
		return look_builtin(x, n, env, in);
	case OP_MATCH:
		return look_match(x, n, env, in);
	case OP_PATH:
		return look_path(x, n->a, env, in);
	case OP_SUB_RE:
		return look_sub(x, n, env, in);
	default:
		/* What is not known here may do anything. */
		return n->op >= OP_ADD && n->op <= OP_GE
		    ? look_operator(x, n, env, in)
		    : give_up(x, env, in);
	}
}

static const struct shape *
look_known(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	switch (n->op) {
	case OP_VAR:
		return with_path(
		    x, term_at(env, n->up)->shape, in->path, false);
	case OP_CONTEXT:
		return look_context(x, n, in);
	case OP_BOUND:
		return constant(x, x->program->bound[n->up], in);
	case OP_LITERAL:
		return constant(x, n->value, in);
	case OP_EMPTY:
	case OP_BREAK:
		return NULL;
	default: /* OP_ERROR */
		(void)use(x, n->a == NULL ? in : look(x, n->a, env, in));
		return NULL;
	}
}

static const struct shape *
look_at(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	switch (n->op) {
	case OP_IDENTITY:
		return in;
	case OP_INDEX:
		return look_index(x, n, env, in);
	case OP_SLICE:
		return look_slice(x, n, env, in);
	case OP_EACH:
		return look_each(x, look(x, n->a, env, in));
	case OP_RECURSE:
		return look_recurse(x, in);
	case OP_PIPE:
		return look_pipe(x, n, env, in);
	case OP_COMMA:
		return shape_join(
		    x->a, look(x, n->a, env, in), look(x, n->b, env, in));
	case OP_ALT:
		return look_alternative(x, n, env, in);
	case OP_IF:
		return look_if(x, n, env, in);
	case OP_TRY:
		return look_try(x, n, env, in);
	case OP_ASSIGN:
	case OP_UPDATE:
	case OP_ARITH:
	case OP_SET_ALT:
		return look_change(x, n, env, in);
	case OP_REDUCE:
	case OP_FOREACH:
		return look_fold(x, n, env, in);
	case OP_BIND:
		return look_bind(x, n, env, in);
	case OP_LABEL:
		return look_label(x, n, env, in);
	case OP_DEF:
		return look(x, n->a, env, in);
	case OP_CALL:
		return look_call(x, n, env, in);
	case OP_PARAM:
		return look_param(x, n, env, in);
	case OP_FIRST:
	case OP_LAST:
	case OP_LIMIT:
	case OP_SKIP:
		return look_some(x, n, env, in);
	case OP_GETPATH:
		return look_getpath(x, n, env, in);
	case OP_SETPATH:
		return look_setpath(x, n, env, in);
	case OP_DELETE:
		return look_delete(x, n->a, env, in);
	case OP_DELPATHS:
		return look_delpaths(x, n, env, in);
	case OP_VAR:
	case OP_CONTEXT:
	case OP_BOUND:
	case OP_LITERAL:
	case OP_EMPTY:
	case OP_BREAK:
	case OP_ERROR:
		return look_known(x, n, env, in);
	default:
		return look_computed(x, n, env, in);
	}
}

static const struct shape *
look(struct explain *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *s;

	if (x->fuel == 0 || x->deep == DEEP) {
		for (uint8_t i = 0; i <= CONTEXT_LINE; i++) {
			struct site p = {.root = (uint8_t)(1 + i)};

			x->contexts = sites_add(x->a, x->contexts, &p);
		}
		return give_up(x, env, in);
	}
	x->fuel--;
	x->deep++;
	s = look_at(x, n, env, in);
	x->deep--;
	return s;
}

/* Twice, so that what recursion cuts off knows of all contexts. */
const struct shape *
explain_run(struct explain *x, const struct program *p, bool event)
{
	struct shape *in =
	    (struct shape *)(uintptr_t)shape_site(x->a, (struct site){0});
	const struct shape *out = NULL;

	in->object = event;
	x->program = p;
	for (int i = 0; i < 2; i++) {
		x->fuel = FUEL;
		x->used = (struct sites){0};
		out = look(x, p->root, NULL, in);
	}
	return out;
}
