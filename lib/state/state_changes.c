/*
 * What has changed in a state, told one entry after the other.
 */
#include <stddef.h>
#include <stdlib.h>

#include "state/key_order.h"
#include "state/state_parts.h"

/* Does anybody ask in which order they were used? */
static bool
is_bounded(const struct state *s)
{
	return s->limits.keys > 0 || s->limits.ttl > 0;
}

/*
 * What has changed was used since, and so stands behind all that hasn't: go
 * back to the first of them.
 */
static const struct use *
first_changed(const struct state *s)
{
	const struct use *u = &s->newest;

	while (
	    u->older != &s->oldest && ((const struct entry *)u->older)->changed)
		u = u->older;
	return u;
}

static bool
list_used(const struct state *s, state_each *each, void *arg)
{
	const struct use *u = first_changed(s);

	for (size_t n = 1; u != &s->newest; u = u->newer, n++) {
		struct state_entry at = state_shown((const struct entry *)u);

		at.use = n;
		if (!each(arg, &at))
			return false;
	}
	return true;
}

bool
state_changes(const struct state *s, state_each *each, void *arg)
{
	const struct changed *c = &s->changed;
	bool by_use = is_bounded(s);

	for (size_t i = 0; i < c->n; i++) {
		const struct entry *e = c->v[i];
		struct state_entry at = state_shown(e);

		state_fetch_changed(c, i);
		if (by_use && e->text != NULL && !e->held)
			continue;
		if (!each(arg, &at))
			return false;
	}
	return !by_use || list_used(s, each, arg);
}

struct listing {
	struct key_order *v;
	size_t n;
};

static bool
add(void *arg, const struct state_entry *e)
{
	struct listing *l = arg;

	l->v[l->n++] = (struct key_order){.key = e->key,
	    .len = e->key_len,
	    .of = e->key - offsetof(struct entry, key),
	    .use = e->use};
	return true;
}

/* The changed ones by their keys; NULL where memory is missing. */
static struct key_order *
order_changed(const struct state *s)
{
	struct listing l = {.v = calloc(s->changed.n, sizeof(*l.v))};

	if (l.v == NULL)
		return NULL;
	(void)state_changes(s, add, &l);
	key_order(l.v, l.n);
	return l.v;
}

bool
state_changes_by_key(const struct state *s, state_each *each, void *arg)
{
	size_t n = s->changed.n;
	struct key_order *v = n < 2 ? NULL : order_changed(s);
	bool go_on = true;

	if (v == NULL)
		return state_changes(s, each, arg);
	for (size_t i = 0; go_on && i < n; i++) {
		struct state_entry at = state_shown(v[i].of);

		at.use = v[i].use;
		go_on = each(arg, &at);
	}
	free(v);
	return go_on;
}
