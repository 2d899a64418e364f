/*
 * A running value: each event passes on with the state of its key as the
 * event has made it.
 */
#include "fold.h"

void
fold_full(const struct fold *f, struct event *ev)
{
	event_fail(ev,
	    "the state is full: %zu keys take %zu bytes; raise --max-state, "
	    "or bound it by --max-keys or --ttl",
	    state_count(f->kept), state_bytes(f->kept));
}

bool
fold_keep(const struct fold *f, struct event *ev)
{
	struct fold_local *l = ev->local;
	enum state_status status = STATE_NO_MEMORY;

	if (l->forgotten) {
		state_remove(f->kept, l->key.p, l->key.len);
		return true;
	}
	if (!buf_failed(&l->state))
		status = state_put(f->kept, l->key.p, l->key.len, l->state.p,
		    l->state.len, l->now);
	if (status == STATE_OK)
		return true;
	if (status == STATE_FULL)
		fold_full(f, ev);
	else
		event_fail(ev, "no memory for the state");
	return false;
}

/* The state of the event's key, unless it has lasted longer than --ttl. */
static void
find(const struct fold *f, const struct fold_local *l, struct state_entry *e)
{
	e->text = NULL;
	e->text_len = 0;
	if (state_find(f->kept, l->key.p, l->key.len, e) && f->limits.ttl > 0 &&
	    state_apart(l->now, e->at, f->limits.ttl))
		e->text = NULL;
}

/* Settle the state at once, whose text stands in local: see command.h. */
static enum verdict
settle_early(const struct fold *f, struct event *ev)
{
	struct fold_local *l = ev->local;
	struct fold_prepared *p = ev->prepared;

	if (buf_failed(&l->state) ||
	    !event_is_light(ev, l->state.p, l->state.len))
		return VERDICT_AT_ONCE;
	p->state = arena_copy(ev->later, l->state.p, l->state.len);
	p->state_len = l->state.len;
	p->settled = true;
	return fold_keep(f, ev) ? VERDICT_PASS : VERDICT_ABORT;
}

enum verdict
fold_event(struct event *ev, void *arg)
{
	struct fold *f = arg;
	struct fold_local *l = ev->local;
	bool timed = f->when != NULL || f->limits.ttl > 0 || f->limits.changes;
	struct value event = ev->root, next;
	struct state_entry e;

	l->now = 0;
	if (!fold_place(f, ev, timed ? &l->now : NULL))
		return VERDICT_REJECT;
	state_expire(f->kept, l->now);
	find(f, l, &e);
	if (!fold_run(f, ev, e.text, e.text_len, &next) ||
	    (ev->later == NULL &&
		!setter_set(&f->setter, l->setter, ev, &event, next)))
		return VERDICT_REJECT;
	l->forgotten = next.kind == VALUE_NULL;
	buf_clear(&l->state);
	value_write(&l->state, next);
	if (ev->later != NULL)
		return settle_early(f, ev);
	event_put(ev, event);
	return VERDICT_PASS;
}
