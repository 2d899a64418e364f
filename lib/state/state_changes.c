/*
 * What has changed in a state, told one entry after the other.
 */
#include <stdlib.h>

#include "state/key_order.h"
#include "state/state_parts.h"

bool
state_changes(const struct state *s, state_each *each, void *arg)
{
	const struct changed *c = &s->changed;

	for (size_t i = 0; i < c->n; i++) {
		struct state_entry at = state_shown(c->v[i]);

		state_fetch_changed(c, i);
		if (!each(arg, &at))
			return false;
	}
	return true;
}

/* The changed ones by their keys; NULL where memory is missing. */
static struct key_order *
order_changed(const struct changed *c)
{
	struct key_order *v = calloc(c->n, sizeof(*v));

	for (size_t i = 0; v != NULL && i < c->n; i++) {
		state_fetch_changed(c, i);
		v[i] = (struct key_order){.key = c->v[i]->key,
		    .len = c->v[i]->key_len,
		    .of = c->v[i]};
	}
	if (v != NULL)
		key_order(v, c->n);
	return v;
}

bool
state_changes_by_key(const struct state *s, state_each *each, void *arg)
{
	size_t n = s->changed.n;
	struct key_order *v = n < 2 ? NULL : order_changed(&s->changed);
	bool go_on = true;

	if (v == NULL)
		return state_changes(s, each, arg);
	for (size_t i = 0; go_on && i < n; i++) {
		struct state_entry at = state_shown(v[i].of);

		go_on = each(arg, &at);
	}
	free(v);
	return go_on;
}
