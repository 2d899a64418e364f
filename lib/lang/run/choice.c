/*
 * Forms that choose, stop and repeat.
 */
#include "lang/run/run.h"
#include "value/number.h"

struct piped {
	struct sink sink;
	struct run *r;
};

static bool
take_piped(struct sink *k, struct value v, struct path *path)
{
	struct piped *s = (struct piped *)k;

	return eval(
	    s->r->m, s->r->n->binary.right, s->r->env, v, path, s->r->k);
}

bool
eval_pipe(struct run *r)
{
	struct piped s = {{take_piped}, r};

	return eval(r->m, r->n->binary.left, r->env, r->in, r->path, &s.sink);
}

static bool
take_condition(struct sink *k, struct value v, struct path *path)
{
	struct run *r = ((struct piped *)k)->r;
	const struct node *branch =
	    value_is_true(v) ? r->n->branch.then : r->n->branch.otherwise;

	(void)path;
	if (branch == NULL)
		return r->k->put(r->k, value_share(r->in), r->path);
	return eval(r->m, branch, r->env, value_share(r->in), r->path, r->k);
}

bool
eval_if(struct run *r)
{
	struct piped s = {{take_condition}, r};

	return eval(
	    r->m, r->n->branch.test, r->env, value_share(r->in), NULL, &s.sink);
}

/* a // b: the true outputs of a, or else those of b. */
struct alternative {
	struct sink sink;
	struct sink *k;
	bool found;
};

static bool
take_true(struct sink *k, struct value v, struct path *path)
{
	struct alternative *a = (struct alternative *)k;

	if (!value_is_true(v))
		return true;
	a->found = true;
	return a->k->put(a->k, v, path);
}

bool
eval_alternative(struct run *r)
{
	struct alternative a = {{take_true}, r->k, false};

	if (!eval(r->m, r->n->binary.left, r->env, value_share(r->in), r->path,
		&a.sink))
		return false;
	return a.found ||
	    eval(r->m, r->n->binary.right, r->env, value_share(r->in), r->path,
		r->k);
}

bool
attempt_take(struct sink *k, struct value v, struct path *path)
{
	struct attempt *a = (struct attempt *)k;

	a->below = !a->k->put(a->k, v, path);
	return !a->below;
}

bool
eval_try(struct run *r)
{
	struct attempt a = {{attempt_take}, r->k, false};

	if (r->n->variant == TRY_STEP && !access_intact(r))
		return false;
	if (eval(r->m, r->n->attempt.body, r->env, r->in, r->path, &a.sink))
		return true;
	if (a.below || r->m->state != MACHINE_RAISED)
		return false;
	r->m->state = MACHINE_RUNNING;
	if (r->n->attempt.handler == NULL)
		return true;
	return eval(
	    r->m, r->n->attempt.handler, r->env, r->m->error, r->path, r->k);
}

bool
eval_label(struct run *r)
{
	struct cell *cell = cell_new(r->m, r->env, VALUE_OF(VALUE_NULL));

	cell->label = ++r->m->labels;
	if (eval(r->m, r->n->unary.of, cell, r->in, r->path, r->k))
		return true;
	if (r->m->state != MACHINE_BROKEN || r->m->label != cell->label)
		return false;
	r->m->state = MACHINE_RUNNING;
	return true;
}

bool
eval_break(struct run *r)
{
	r->m->state = MACHINE_BROKEN;
	r->m->label = cell_at(r->env, r->n->up)->label;
	return false;
}

static bool
take_message(struct sink *k, struct value v, struct path *path)
{
	struct piped *s = (struct piped *)k;

	(void)path;
	return machine_raise(s->r->m, v);
}

bool
eval_error(struct run *r)
{
	struct piped s = {{take_message}, r};

	if (r->n->unary.of == NULL)
		return machine_raise(r->m, r->in);
	return eval(
	    r->m, r->n->unary.of, r->env, value_share(r->in), NULL, &s.sink);
}

/* first(f), last(f), limit(n; f) and skip(n; f) */
struct some {
	struct sink sink;
	struct run *r;
	double left;
	bool full; /* it is this sink that stopped its expression */
	bool any;
	struct value last;
	struct path *path;
};

static bool
take_limited(struct sink *k, struct value v, struct path *path)
{
	struct some *s = (struct some *)k;

	s->left--;
	if (!s->r->k->put(s->r->k, v, path))
		return false;
	s->full = s->left <= 0;
	if (s->full)
		s->r->m->state = MACHINE_STOPPED;
	return !s->full;
}

static bool
limited(struct run *r, const struct node *f, double n)
{
	struct some s = {.sink = {take_limited}, .r = r, .left = n};

	if (eval(r->m, f, r->env, value_share(r->in), r->path, &s.sink))
		return true;
	if (s.full)
		r->m->state = MACHINE_RUNNING;
	return s.full;
}

bool
eval_first(struct run *r)
{
	return limited(r, r->n->unary.of, 1);
}

static bool
take_beyond(struct sink *k, struct value v, struct path *path)
{
	struct some *s = (struct some *)k;

	return s->left-- >= 1 || s->r->k->put(s->r->k, v, path);
}

static bool
combine_count(struct product *p)
{
	struct combine *c = (struct combine *)p;
	struct run r = {p->m, c->n, p->env, p->in, c->path, c->k};
	struct some s = {.sink = {take_beyond}, .r = &r};

	if (!value_is_number(p->values[0]))
		return machine_fail(p->m,
		    "Invalid arguments: %s needs a number",
		    c->n->op == OP_LIMIT ? "limit" : "skip");
	s.left = value_to_double(p->values[0]);
	if (!(s.left >= 0)) /* nan is less than any number */
		return machine_fail(p->m, "%s doesn't support negative count",
		    c->n->op == OP_LIMIT ? "limit" : "skip");
	if (c->n->op == OP_LIMIT)
		return s.left == 0 || limited(&r, c->n->some.of, s.left);
	return eval(
	    p->m, c->n->some.of, p->env, value_share(p->in), c->path, &s.sink);
}

bool
eval_counted(struct run *r)
{
	const struct node *count[1] = {r->n->some.count};

	return eval_product(r, count, 1, combine_count);
}

static bool
take_last(struct sink *k, struct value v, struct path *path)
{
	struct some *s = (struct some *)k;

	s->any = true;
	s->last = v;
	s->path = path;
	return true;
}

bool
eval_last(struct run *r)
{
	struct some s = {.sink = {take_last}, .r = r};

	if (!eval(r->m, r->n->unary.of, r->env, value_share(r->in), r->path,
		&s.sink))
		return false;
	return !s.any || r->k->put(r->k, s.last, s.path);
}

static bool
put_doubles(struct combine *c, double from, double to)
{
	for (; from < to; from += 1)
		if (!c->k->put(c->k, value_double(from), c->path))
			return false;
	return true;
}

static bool
combine_range(struct product *p)
{
	struct combine *c = (struct combine *)p;
	struct value from = p->values[0], to = p->values[1];

	if (!value_is_number(from) || !value_is_number(to))
		return machine_fail(p->m, "Range bounds must be numeric");
	from = value_number(from);
	to = value_number(to);
	if (from.kind != VALUE_INT || to.kind != VALUE_INT)
		return put_doubles(
		    c, value_to_double(from), value_to_double(to));
	for (int64_t i = from.i; i < to.i; i++)
		if (!c->k->put(c->k, value_int(i), c->path))
			return false;
	return true;
}

bool
eval_range(struct run *r)
{
	const struct node *ends[2] = {r->n->range.from, r->n->range.to};

	return eval_product(r, ends, 2, combine_range);
}

static bool
take_path(struct sink *k, struct value v, struct path *path)
{
	struct piped *s = (struct piped *)k;

	if (!path_intact(s->r->m, path, v, NULL, VALUE_OF(VALUE_NULL)))
		return false;
	return s->r->k->put(s->r->k, path_value(s->r->m, path), s->r->path);
}

bool
eval_path(struct run *r)
{
	struct piped s = {{take_path}, r};
	struct path root = {.up = NULL, .at = value_share(r->in)};

	return eval(
	    r->m, r->n->unary.of, r->env, value_share(r->in), &root, &s.sink);
}
