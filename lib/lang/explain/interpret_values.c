/*
 * interpret: values that a program makes.
 */
#include <string.h>

#include "lang/builtins/builtins.h"
#include "lang/explain/interpret.h"
#include "value/array.h"
#include "value/number.h"

struct deps
interpret_both(
    struct interpreter *x, const struct shape *a, const struct shape *b)
{
	return deps_join(x->a, interpret_use(x, a), interpret_use(x, b));
}

/* An object's members in the other's: as + does, and nearly as * does. */
static const struct shape *
merge(struct interpreter *x, const struct shape *a, const struct shape *b)
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
	m = arena_alloc(x->a->arena, sizeof(*m));
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

const struct shape *
interpret_operate(struct interpreter *x, int op, const struct shape *a,
    const struct shape *b, const struct shape *in)
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
		s = shape_made(x->a, interpret_both(x, a, b));
	return interpret_with_path(x, s, in->path, false);
}

const struct shape *
interpret_operator(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in)
{
	return interpret_operate(x, n->op,
	    interpret_node(x, n->binary.left, env, in),
	    interpret_node(x, n->binary.right, env, in), in);
}

/* The second is asked only where the first doesn't settle it. */
const struct shape *
interpret_logic(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *a = interpret_node(x, n->binary.left, env, in);
	const struct shape *b = interpret_node(x, n->binary.right, env, in);
	struct deps d;

	if (a == NULL)
		return NULL;
	d = interpret_both(x, a, b);
	if (!interpret_single(n->binary.right))
		d.by = sites_join(
		    x->a, d.by, interpret_all_of(x, interpret_use(x, a)));
	return interpret_made(x, d, in);
}

const struct shape *
interpret_alternative(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in)
{
	const struct shape *a = interpret_node(x, n->binary.left, env, in);
	const struct shape *b = interpret_node(x, n->binary.right, env, in);
	const struct shape *s;

	s = shape_decided(x->a, shape_join(x->a, a, b),
	    interpret_all_of(x, interpret_use(x, a)));
	return a == NULL ? s : interpret_unsure(x, s);
}

const struct shape *
interpret_if(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *test = interpret_node(x, n->branch.test, env, in);
	const struct shape *yes, *no, *s;

	if (test == NULL)
		return NULL;
	yes = interpret_node(x, n->branch.then, env, in);
	no = n->branch.otherwise == NULL
	    ? in
	    : interpret_node(x, n->branch.otherwise, env, in);
	s = shape_choice(
	    x->a, yes, no, interpret_all_of(x, interpret_use(x, test)));
	if (yes == NULL || no == NULL || !sites_equal(yes->path, no->path))
		s = interpret_unsure(x, s);
	return s;
}

/* What is looked at within f, apart; x->used gets it too. */
const struct shape *
interpret_apart(struct interpreter *x, const struct node *f, struct term *env,
    const struct shape *in, struct sites *used)
{
	struct sites before = x->used;
	const struct shape *s;

	x->used = (struct sites){0};
	s = interpret_node(x, f, env, in);
	*used = x->used;
	x->used = sites_join(x->a, before, x->used);
	return s;
}

const struct shape *
interpret_try(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct sites used;
	const struct shape *a = interpret_apart(
			       x, n->attempt.body, env, in, &used),
			   *caught;

	if (a != NULL && !sites_equal(a->at, in->at))
		used = sites_join(
		    x->a, used, interpret_all_of(x, shape_deps(x->a, a)));
	if (n->attempt.handler != NULL) {
		caught = shape_made(x->a, (struct deps){.from = used});
		x->used = sites_join(x->a, x->used, used);
		caught = interpret_node(x, n->attempt.handler, env,
		    interpret_with_path(x, caught, in->path, false));
		a = shape_join(x->a, a, caught);
	}
	return interpret_unsure(x, shape_decided(x->a, a, used));
}

static bool
collect(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in, struct value *list)
{
	const struct shape *s;

	if (n->op == OP_COMMA)
		return collect(x, n->binary.left, env, in, list) &&
		    collect(x, n->binary.right, env, in, list);
	if (n->op == OP_PIPE || !interpret_single(n))
		return false;
	s = interpret_node(x, n, env, in);
	if (s == NULL || s->constant == NULL || s->by.n > 0)
		return false;
	*list = array_push(x->a->arena, *list, value_share(*s->constant));
	return true;
}

const struct shape *
interpret_array(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct value list = array_new(x->a->arena, 0);
	const struct shape *s;
	struct shape *array;

	if (n->unary.of == NULL || collect(x, n->unary.of, env, in, &list))
		return interpret_constant(x, value_share(list), in);
	s = interpret_node(x, n->unary.of, env, in);
	array =
	    (struct shape *)(uintptr_t)interpret_made(x, (struct deps){0}, in);
	array->scattered = true;
	array->rest = shape_deps(x->a, s);
	array->by = array->rest.by;
	return array;
}

/* What stands at a computed key; who lists the keys sees what made it. */
static const struct shape *
keyed(struct interpreter *x, const struct shape *v, const struct site *p,
    struct deps key)
{
	v = shape_decided(x->a, v, interpret_all_of(x, key));
	return p->open ? shape_keyed(x->a, v, key) : v;
}

const struct shape *
interpret_object(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct shape *object =
	    (struct shape *)(uintptr_t)interpret_made(x, (struct deps){0}, in);
	const struct shape *s = object;

	object->object = true;
	for (uint32_t i = 0; i < n->items_n; i += 2) {
		const struct shape *key =
		    interpret_node(x, n->items[i], env, in);
		const struct shape *v =
		    interpret_node(x, n->items[i + 1], env, in);
		struct site p = {0};

		if (key == NULL || v == NULL)
			return NULL;
		p = site_below(x->a, &p, key->constant);
		p.at = n->items[i]->at == NODE_NOWHERE ? x->place
						       : n->items[i]->at + 1;
		v = keyed(x, v, &p, interpret_use(x, key));
		s = shape_set(x->a, s, &p, v, !p.open);
		if (!interpret_single(n->items[i]) ||
		    !interpret_single(n->items[i + 1]))
			s = shape_decided(x->a, s, v->by);
	}
	return s;
}

const struct shape *
interpret_string(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct deps d = {0};

	for (uint32_t i = 0; i < n->items_n; i++) {
		const struct shape *s = interpret_node(x, n->items[i], env, in);

		if (s == NULL)
			return NULL;
		d = deps_join(x->a, d, interpret_use(x, s));
	}
	return interpret_made(x, d, in);
}

const struct shape *
interpret_index(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *s = interpret_node(x, n->index.of, env, in), *key;
	struct deps keys = x->keys, d;
	struct value k;

	/* Keys see the input of the whole expression. */
	key = interpret_node(x, n->index.key, env, in);
	x->keys = keys;
	if (s == NULL || key == NULL)
		return NULL;
	d = interpret_use(x, key);
	if (key->constant == NULL)
		interpret_keyed(x, s, d);
	if (key->constant != NULL) {
		k = *key->constant;
		if (k.kind == VALUE_NUMBER)
			k = value_number(k);
	}
	s = shape_get(x->a, s, key->constant == NULL ? NULL : &k);
	return shape_decided(
	    x->a, shape_said(x->a, s, x->place), interpret_all_of(x, d));
}

const struct shape *
interpret_slice(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *s = interpret_node(x, n->slice.of, env, in);
	struct sites by = {0};
	const struct node *const ends[] = {n->slice.from, n->slice.to};

	for (int i = 0; i < 2; i++)
		if (ends[i] != NULL)
			by = sites_join(x->a, by,
			    interpret_all_of(x,
				interpret_use(
				    x, interpret_node(x, ends[i], env, in))));
	if (s == NULL)
		return NULL;
	s = shape_said(x->a, shape_get(x->a, s, NULL), x->place);
	return shape_decided(x->a, s, by);
}

const struct shape *
interpret_elements(struct interpreter *x, const struct shape *s)
{
	const struct shape *each;

	if (s == NULL)
		return NULL;
	each = shape_get(x->a, s, NULL);
	return shape_decided(
	    x->a, each, interpret_all_of(x, interpret_use(x, each)));
}

const struct shape *
interpret_each(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	return shape_said(x->a,
	    interpret_elements(x, interpret_node(x, n->unary.of, env, in)),
	    x->place);
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

const struct shape *
interpret_builtin(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	struct deps d = {0};

	if (strcmp(n->builtin->name, "debug") == 0 ||
	    strcmp(n->builtin->name, "stderr") == 0) {
		(void)interpret_use(x, in);
		return in;
	}
	if (!ignores_input(n->builtin))
		d = interpret_use(x, in);
	for (uint32_t i = 0; i < n->items_n; i++) {
		const struct shape *s = interpret_node(x, n->items[i], env, in);

		if (s == NULL)
			return NULL;
		d = deps_join(x->a, d, interpret_use(x, s));
	}
	return interpret_made(x, d, in);
}

const struct shape *
interpret_match(struct interpreter *x, const struct node *n, struct term *env,
    const struct shape *in)
{
	const struct shape *pattern =
	    interpret_node(x, n->match.regex, env, in);
	const struct shape *flags = interpret_node(x, n->match.flags, env, in);
	struct deps d;

	if (pattern == NULL || flags == NULL)
		return NULL;
	d = deps_join(
	    x->a, interpret_use(x, in), interpret_both(x, pattern, flags));
	d.by = sites_join(x->a, d.by, d.from);
	return interpret_made(x, d, in);
}

/* The replacement sees what the pattern captured; no match, no change. */
const struct shape *
interpret_substitute(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in)
{
	const struct shape *pattern =
	    interpret_node(x, n->substitute.regex, env, in);
	const struct shape *flags =
	    interpret_node(x, n->substitute.flags, env, in);
	const struct shape *put;
	struct deps d;

	if (pattern == NULL || flags == NULL)
		return NULL;
	d = deps_join(
	    x->a, interpret_use(x, in), interpret_both(x, pattern, flags));
	put = interpret_node(x, n->substitute.put, env, shape_made(x->a, d));
	d = deps_join(x->a, d, interpret_use(x, put));
	if (put == NULL || !interpret_single(n->substitute.put))
		d.by = sites_join(x->a, d.by, d.from);
	return shape_join(x->a, in, interpret_made(x, d, in));
}
