/*
 * sub and gsub.  What is put may have several outputs: then there are as
 * many results, the first made of each match's first output, and so on.
 */
#include <stddef.h>

#include "lang/run/regexes.h"
#include "lang/run/run.h"
#include "value/array.h"
#include "value/string.h"

struct substitution {
	struct product product;
	const struct node *n;
	struct path *path;
	struct sink *k;
	struct sink inserts;  /* takes what is put for a match */
	struct value gap;     /* between the last match and this one */
	struct value results; /* an array */
	uint32_t i;           /* result that the next output belongs to */
};

/* results[i] += gap + insert, as jq has it, where a new result is null. */
static bool
take_insert(struct sink *k, struct value v, struct path *path)
{
	struct substitution *s = (struct substitution *)(void *)((char *)k -
	    offsetof(struct substitution, inserts));
	struct machine *m = s->product.m;
	struct value result = array_get(s->results, s->i), piece;

	(void)path;
	if (!arith_apply(m, OP_ADD, s->gap, v, &piece) ||
	    !arith_apply(m, OP_ADD, result, piece, &result))
		return false;
	s->results = array_set(m->arena, s->results, s->i++, result);
	return true;
}

/* What is put, where it is the same for all matches; or NULL. */
static const struct value *
constant_insert(const struct node *n, struct cell *env)
{
	while (n->op == OP_PARAM) {
		struct cell *c = cell_at(env, n->up);

		if (c->body == NULL)
			return &c->value;
		n = c->body;
		env = c->env;
	}
	return n->op == OP_LITERAL ? &n->value : NULL;
}

static bool
put_result(struct substitution *s, struct value tail)
{
	struct machine *m = s->product.m;

	if (s->results.n == 0)
		return s->k->put(s->k, s->product.in, s->path);
	for (uint32_t i = 0; i < s->results.n; i++) {
		struct value v;

		if (!arith_apply(
			m, OP_ADD, array_at(s->results, i), tail, &v) ||
		    !s->k->put(s->k, v, s->path))
			return false;
	}
	return true;
}

static bool
combine_substitute(struct product *p)
{
	struct substitution *s = (struct substitution *)p;
	const struct value *constant =
	    constant_insert(s->n->substitute.put, p->env);
	size_t start = 0, from = 0, to = 0, done = 0;
	struct matching x;
	bool found = true;

	if (!matching_init(
		&x, p->m, s->n->regex_slot, p->in, p->values[1], p->values[0]))
		return false;
	s->results = array_new(p->m->arena, 1);
	do {
		if (!matching_next(&x, &start, &found, &from, &to))
			break;
		s->gap = value_text(x.text.text + done, from - done);
		s->i = 0;
		done = to;
		if (constant != NULL
			? !take_insert(&s->inserts, *constant, NULL)
			: !eval(p->m, s->n->substitute.put, p->env,
			      matching_captures(&x), NULL, &s->inserts))
			return false;
	} while (matching_more(&x, start));
	return p->m->state == MACHINE_RUNNING &&
	    put_result(s, value_text(x.text.text + done, x.text.n - done));
}

bool
eval_substitute(struct run *r)
{
	const struct node *nodes[2] = {
	    r->n->substitute.flags, r->n->substitute.regex};
	struct value values[2];
	struct substitution s = {
	    .product = {r->m, r->env, value_share(r->in), 2, nodes, values,
		combine_substitute},
	    .n = r->n,
	    .path = r->path,
	    .k = r->k,
	    .inserts = {take_insert},
	};

	return product_run(&s.product);
}
