/*
 * Variables, destructuring, and calls.
 */
#include "lang/run/run.h"

/* Cells for n's variables, all null, on top of env. */
static struct cell *
empty_cells(struct machine *m, const struct node *n, struct cell *env)
{
	for (uint32_t i = 0; i < n->vars; i++)
		env = cell_new(m, env, VALUE_OF(VALUE_NULL));
	return env;
}

/* A copy of the top cells, so that other outputs keep theirs. */
static struct cell *
copy_cells(struct machine *m, struct cell *top, uint32_t n)
{
	struct cell *copy;

	if (n == 0)
		return top;
	copy = cell_new(m, copy_cells(m, top->up, n - 1), top->value);
	return copy;
}

static struct cell *
with_variable(struct machine *m, struct cell *top, uint32_t vars, uint32_t slot,
    struct value v)
{
	struct cell *copy = copy_cells(m, top, vars);

	cell_at(copy, vars - 1 - slot)->value = value_share(v);
	return copy;
}

/*
 * Destructuring is a walk over a list of tasks (a pattern and its value);
 * when none is left the body runs with the cells so far.
 */
struct task {
	const struct pattern *pattern;
	struct value value;
	uint32_t item;
	struct task *next;
};

static bool bind_next(struct bind *b);

static bool
bind_item(struct bind *b, struct value key)
{
	struct task *t = b->tasks;
	const struct pattern *p = t->pattern;
	struct bind next = *b;
	struct task rest = {p, t->value, t->item + 1, t->next};
	struct task item;
	struct value at;

	if (!path_index(b->m, t->value, key, &at))
		return false;
	next.tasks = &rest;
	if (p->vars[t->item] != NULL)
		next.env = with_variable(
		    b->m, next.env, b->vars, p->vars[t->item]->slot, at);
	if (p->items[t->item] != NULL) {
		item = (struct task){p->items[t->item], at, 0, &rest};
		next.tasks = &item;
	}
	return bind_next(&next);
}

static bool
take_key(struct sink *k, struct value v, struct path *path)
{
	struct bind *b = (struct bind *)k;

	(void)path;
	return bind_item(b, v);
}

static bool
bind_key(struct bind *b)
{
	struct task *t = b->tasks;
	struct bind keyed = *b;

	if (t->pattern->kind == PATTERN_ARRAY)
		return bind_item(b, value_int(t->item));
	keyed.sink.put = take_key;
	return eval(b->m, t->pattern->keys[t->item], b->env, t->value, NULL,
	    &keyed.sink);
}

static bool
bind_next(struct bind *b)
{
	struct bind next = *b;

	while (next.tasks != NULL) {
		struct task *t = next.tasks;

		if (t->pattern->kind == PATTERN_VAR) {
			next.env = with_variable(b->m, next.env, b->vars,
			    t->pattern->slot, t->value);
		} else if (t->item < t->pattern->n) {
			return bind_key(&next);
		}
		next.tasks = t->next;
	}
	return b->done(b->origin, next.env);
}

static bool
bind_pattern(struct run *r, const struct pattern *pattern, struct value v,
    bool (*done)(struct bind *, struct cell *), void *arg)
{
	struct task task = {pattern, value_share(v), 0, NULL};
	struct bind b = {.m = r->m,
	    .vars = r->n->vars,
	    .tasks = &task,
	    .done = done,
	    .arg = arg};

	b.origin = &b;
	if (pattern->kind == PATTERN_VAR && r->n->vars == 1)
		return done(&b, cell_new(r->m, r->env, v));
	b.env = empty_cells(r->m, r->n, r->env);
	return bind_next(&b);
}

bool
bind_patterns(struct run *r, struct value v,
    bool (*done)(struct bind *, struct cell *), void *arg)
{
	const struct node *n = r->n;
	struct sink *k = r->k;
	uint32_t i;

	for (i = 0; i + 1 < n->patterns_n; i++) {
		struct attempt a = {{attempt_take}, k, false};
		bool fits;

		r->k = &a.sink;
		fits = bind_pattern(r, n->patterns[i], v, done, arg);
		r->k = k;
		if (fits)
			return true;
		if (a.below || r->m->state != MACHINE_RAISED)
			return false;
		r->m->state = MACHINE_RUNNING;
	}
	return bind_pattern(r, n->patterns[i], v, done, arg);
}

struct bound {
	struct sink sink;
	struct run *r;
};

static bool
run_bound(struct bind *b, struct cell *env)
{
	struct run *r = b->arg;

	return eval(
	    r->m, r->n->bind.body, env, value_share(r->in), r->path, r->k);
}

static bool
take_bound(struct sink *k, struct value v, struct path *path)
{
	struct bound *b = (struct bound *)k;

	(void)path;
	return bind_patterns(b->r, v, run_bound, b->r);
}

bool
eval_bind(struct run *r)
{
	struct bound b = {{take_bound}, r};

	return eval(
	    r->m, r->n->bind.source, r->env, value_share(r->in), NULL, &b.sink);
}

/* The cell for an argument that is called by name. */
static struct cell *
closure(struct machine *m, struct cell *up, const struct node *arg,
    struct cell *env)
{
	struct cell *c;

	/* An argument that only hands on a parameter needs no new closure. */
	while (arg->op == OP_PARAM) {
		struct cell *p = cell_at(env, arg->up);

		if (p->body == NULL) {
			c = cell_new(m, up, p->value);
			return c;
		}
		arg = p->body;
		env = p->env;
	}
	c = cell_new(m, up, VALUE_OF(VALUE_NULL));
	c->body = arg;
	c->env = env;
	return c;
}

/* The cell for an argument whose value is known: $name is, name runs it. */
static struct cell *
value_argument(struct machine *m, struct cell *up, const struct node *arg,
    struct cell *env, struct value v)
{
	struct cell *c = closure(m, up, arg, env);

	c->value = value_share(v);
	return c;
}

bool
bind_has_value_params(const struct def *d)
{
	for (uint32_t i = 0; i < d->params_n; i++)
		if (d->params[i].value)
			return true;
	return false;
}

/* The environment of a call whose arguments are all called by name. */
struct cell *
bind_call(struct machine *m, const struct node *n, struct cell *env)
{
	struct cell *inner = cell_at(env, n->up);

	for (uint32_t i = 0; i < n->items_n; i++)
		inner = closure(m, inner, n->items[i], env);
	return inner;
}

static bool
combine_call(struct product *p)
{
	struct combine *c = (struct combine *)p;
	const struct node *n = c->n;
	struct cell *inner = cell_at(p->env, n->up);
	size_t v = 0;

	for (uint32_t i = 0; i < n->items_n; i++)
		inner = n->def->params[i].value
		    ? value_argument(
			  p->m, inner, n->items[i], p->env, p->values[v++])
		    : closure(p->m, inner, n->items[i], p->env);
	return eval(
	    p->m, n->def->body, inner, value_share(p->in), c->path, c->k);
}

bool
eval_call(struct run *r)
{
	const struct node *n = r->n;
	const struct node **args =
	    arena_array(r->m->arena, n->items_n, sizeof(*args));
	size_t count = 0;

	for (uint32_t i = 0; i < n->items_n; i++)
		if (n->def->params[i].value)
			args[count++] = n->items[i];
	return eval_product(r, args, count, combine_call);
}

/* The environment of a call, where all its value arguments are single. */
bool
bind_call_single(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct cell **inner)
{
	struct cell *to = cell_at(env, n->up);

	for (uint32_t i = 0; i < n->items_n; i++) {
		struct value *v;

		to = closure(m, to, n->items[i], env);
		if (!n->def->params[i].value)
			continue;
		v = &to->value;
		if (!eval_single(m, n->items[i], env, value_share(in), v))
			return false;
		*v = value_share(*v);
	}
	*inner = to;
	return true;
}

bool
bind_args_single(const struct node *n)
{
	for (uint32_t i = 0; i < n->items_n; i++)
		if (n->def->params[i].value &&
		    !(n->items[i]->traits & TRAIT_SINGLE))
			return false;
	return true;
}
