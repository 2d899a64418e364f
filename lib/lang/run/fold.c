/*
 * reduce and foreach.
 */
#include <stddef.h>

#include "lang/run/run.h"

struct fold {
	struct sink sink;   /* for the source */
	struct sink update; /* for the update */
	struct sink init;
	struct sink extract;
	struct run *r;
	struct value state, next; /* null where an update failed, see ?// */
	struct path *state_path, *next_path;
	struct cell *env;
	bool any;
	bool seen; /* an output of the extract may hold a part of the state */
};

#define FOLD_OF(member, k)                                                     \
	((struct fold *)(void *)((char *)(k)-offsetof(struct fold, member)))

static bool
take_reduced(struct sink *k, struct value v, struct path *path)
{
	struct fold *f = FOLD_OF(update, k);

	f->next = v;
	f->next_path = path;
	f->any = true;
	return true;
}

static bool
reduce_update(struct bind *b, struct cell *env)
{
	struct fold *f = b->arg;
	struct value state = f->state;

	f->any = false;
	f->state = VALUE_OF(VALUE_NULL);
	if (f->r->n->fold.update->traits & TRAIT_SINGLE && f->r->path == NULL)
		return eval_single(
		    f->r->m, f->r->n->fold.update, env, state, &f->state);
	if (!eval(f->r->m, f->r->n->fold.update, env, state, f->state_path,
		&f->update))
		return false;
	f->state = f->any ? f->next : VALUE_OF(VALUE_NULL);
	if (f->any)
		f->state_path = f->next_path;
	return true;
}

static bool
take_reduce_item(struct sink *k, struct value v, struct path *path)
{
	struct fold *f = (struct fold *)k;

	(void)path;
	return bind_patterns(f->r, v, reduce_update, f);
}

static bool
take_reduce_init(struct sink *k, struct value v, struct path *path)
{
	struct fold *f = FOLD_OF(init, k);
	struct run *r = f->r;

	f->state = v;
	f->state_path = path;
	return eval(r->m, r->n->fold.source, r->env, value_share(r->in), NULL,
		   &f->sink) &&
	    r->k->put(r->k, f->state, f->state_path);
}

bool
eval_reduce(struct run *r)
{
	struct fold f = {
	    {take_reduce_item}, {take_reduced}, {take_reduce_init}, .r = r};

	return eval(r->m, r->n->fold.init, r->env, value_share(r->in), r->path,
	    &f.init);
}

static bool
take_extracted(struct sink *k, struct value v, struct path *path)
{
	struct fold *f = FOLD_OF(extract, k);

	f->seen = f->seen || v.kind >= VALUE_RAW_ARRAY;
	return f->r->k->put(f->r->k, v, path);
}

/* A state that no one else has got hold of stays owned for the next step. */
static bool
take_foreach_state(struct sink *k, struct value v, struct path *path)
{
	struct fold *f = FOLD_OF(update, k);
	struct run *r = f->r;

	f->state = value_share(v);
	f->state_path = path;
	if (r->n->fold.extract == NULL)
		return r->k->put(r->k, f->state, path);
	f->seen = path != NULL;
	if (!eval(
		r->m, r->n->fold.extract, f->env, f->state, path, &f->extract))
		return false;
	if (!f->seen)
		f->state = v;
	return true;
}

static bool
foreach_update(struct bind *b, struct cell *env)
{
	struct fold *f = b->arg;
	struct cell *before = f->env;
	struct value state = f->state;
	bool more;

	f->env = env;
	f->state = VALUE_OF(VALUE_NULL);
	more = eval(f->r->m, f->r->n->fold.update, env, state, f->state_path,
	    &f->update);
	f->env = before;
	return more;
}

static bool
take_foreach_item(struct sink *k, struct value v, struct path *path)
{
	struct fold *f = (struct fold *)k;

	(void)path;
	return bind_patterns(f->r, v, foreach_update, f);
}

static bool
take_foreach_init(struct sink *k, struct value v, struct path *path)
{
	struct fold *f = FOLD_OF(init, k);
	struct run *r = f->r;

	f->state = value_share(v);
	f->state_path = path;
	return eval(r->m, r->n->fold.source, r->env, value_share(r->in), NULL,
	    &f->sink);
}

bool
eval_foreach(struct run *r)
{
	struct fold f = {{take_foreach_item}, {take_foreach_state},
	    {take_foreach_init}, {take_extracted}, .r = r};

	return eval(r->m, r->n->fold.init, r->env, value_share(r->in), r->path,
	    &f.init);
}
