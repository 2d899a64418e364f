/*
 * What a program gives is compared, part by part, with what stands there in
 * the event: a part that is just that is kept.  Where something may be
 * anywhere in a kept part, only the events can tell.
 */
#include <string.h>

#include "lang/explain/touch.h"

enum { STEPS = 2000000 };

struct search {
	struct analysis a;
	jmp_buf spent;
	struct touched *out;
	const struct touch_path *paths;
	uint32_t n;
	bool fresh;
};

static bool
key_is(const struct value *want, const struct value *key)
{
	if (want->kind == VALUE_NULL)
		return true;
	if (want->kind != key->kind)
		return false;
	if (want->kind == VALUE_INT)
		return want->i == key->i;
	return want->n == key->n &&
	    (want->n == 0 || memcmp(want->text, key->text, want->n) == 0);
}

bool
touch_covers(const struct touch_path *path, const struct site *p)
{
	if (p->root != SITE_EVENT || p->n < path->n)
		return false;
	for (uint32_t i = 0; i < path->n; i++)
		if (!key_is(&path->keys[i], &p->keys[i]))
			return false;
	return true;
}

bool
touch_meets(const struct site *p, const struct touch_path *path)
{
	uint32_t n = p->n < path->n ? p->n : path->n;

	if (p->root != SITE_EVENT)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (!key_is(&path->keys[i], &p->keys[i]))
			return false;
	return true;
}

/* The graver finding is kept; of two alike, the first. */
static void
note(struct search *s, enum touch touch, const struct site *p, uint32_t where)
{
	if (touch <= s->out->touch)
		return;
	*s->out = (struct touched){touch, *p, where};
}

/* Is it just what stood there, but for its children? */
static bool
is_kept(const struct shape *s, const struct site *p)
{
	return s->at.n == 1 && site_equal(&s->at.p[0], p) && !s->made &&
	    !s->gone && s->from.n == 0;
}

static bool
meets(const struct search *s, struct sites sites)
{
	for (uint32_t i = 0; i < sites.n; i++)
		for (uint32_t k = 0; k < s->n; k++)
			if (touch_meets(&sites.p[i], &s->paths[k]))
				return true;
	return false;
}

/*
 * What is written at p, above the path, may hold what was there, where it is
 * made of that: a program that goes through all members, say.
 */
static enum touch
rebuilt(const struct search *s, const struct shape *shape)
{
	for (uint32_t i = 0; i < shape->at.n; i++)
		if (shape->at.p[i].open)
			return TOUCH_PERHAPS;
	return meets(s, shape->from) ||
		(shape->scattered && meets(s, shape->rest.from))
	    ? TOUCH_PERHAPS
	    : TOUCH_WRITES;
}

/*
 * A part that the program put back where it was: where nothing was, that is
 * null.
 */
static void
note_put_back(struct search *s, const struct shape *shape, const struct site *p)
{
	if (shape->children == NULL && p->n > 0)
		note(s, TOUCH_PERHAPS, p, shape->where);
}

/* The whole of what is at p. */
static void
find_below(struct search *s, const struct shape *shape, const struct site *p)
{
	analysis_spend(&s->a, 1);
	if (!is_kept(shape, p)) {
		note(s, TOUCH_WRITES, p, shape->where);
		return;
	}
	if (shape->scattered)
		note(s, TOUCH_PERHAPS, p, shape->where);
	note_put_back(s, shape, p);
	for (const struct child *c = shape->children; c != NULL; c = c->next) {
		struct site q = site_below(&s->a, p, &c->key);

		find_below(s, c->shape, &q);
	}
}

static void
find(struct search *s, const struct shape *shape, const struct site *p,
    uint32_t i)
{
	const struct value *key = &s->paths->keys[i];
	bool kept = is_kept(shape, p), met = false;

	analysis_spend(&s->a, 1);
	if (i == s->paths->n) {
		find_below(s, shape, p);
		return;
	}
	for (const struct child *c = shape->children; c != NULL; c = c->next) {
		struct site q = site_below(&s->a, p, &c->key);

		if (!key_is(key, &c->key))
			continue;
		met = true;
		find(s, c->shape, &q, i + 1);
	}
	if (met && key->kind != VALUE_NULL)
		return;
	if (!kept)
		note(s, rebuilt(s, shape), p, shape->where);
	else if (shape->scattered)
		note(s, TOUCH_PERHAPS, p, shape->where);
}

static bool
is_allowed(const struct search *s, const struct site *p)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (touch_covers(&s->paths[i], p))
			return true;
	return false;
}

/* Is one of the paths below p? */
static bool
is_above(const struct search *s, const struct site *p)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (p->n < s->paths[i].n && touch_meets(p, &s->paths[i]))
			return true;
	return false;
}

/* Of a new event only members are known. */
static bool
is_fresh(
    const struct search *s, const struct shape *shape, const struct site *p)
{
	return s->fresh && p->n == 0 && shape->at.n == 0 && shape->from.n == 0;
}

static void
outside(struct search *s, const struct shape *shape, const struct site *p)
{
	analysis_spend(&s->a, s->n + 1);
	if (is_allowed(s, p))
		return;
	if (s->fresh && p->n == 0 && !is_fresh(s, shape, p))
		note(s, TOUCH_PERHAPS, p, shape->where);
	else if (!is_fresh(s, shape, p) && !is_kept(shape, p)) {
		note(s, is_above(s, p) ? rebuilt(s, shape) : TOUCH_WRITES, p,
		    shape->where);
		return;
	}
	if (shape->scattered)
		note(s, TOUCH_PERHAPS, p, shape->where);
	/* What is above a path may have been put back as null, too. */
	if (p->n > 0)
		note(s, TOUCH_PERHAPS, p, shape->where);
	for (const struct child *c = shape->children; c != NULL; c = c->next) {
		struct site q = site_below(&s->a, p, &c->key);

		outside(s, c->shape, &q);
	}
}

/* A search that takes too many steps has found what may be anywhere. */
static void
search(struct search *s, struct arena *arena, const struct explain_report *e,
    bool all)
{
	struct site root = {0};

	*s->out = (struct touched){.touch = TOUCH_NEVER};
	s->a = (struct analysis){arena, STEPS, &s->spent};
	if (e->unknown || setjmp(s->spent) != 0) {
		root.open = true;
		*s->out = (struct touched){TOUCH_PERHAPS, root, 0};
		return;
	}
	if (e->out == NULL)
		return; /* it never gives an event */
	if (all)
		outside(s, e->out, &root);
	else
		find(s, e->out, &root, 0);
}

void
touch_find(struct arena *a, const struct explain_report *e,
    const struct touch_path *path, struct touched *out)
{
	struct search s = {.out = out, .paths = path, .n = 1};

	search(&s, a, e, false);
}

void
touch_outside(struct arena *a, const struct explain_report *e,
    const struct touch_path *paths, uint32_t n, bool fresh, struct touched *out)
{
	struct search s = {.out = out, .paths = paths, .n = n, .fresh = fresh};

	search(&s, a, e, true);
}
