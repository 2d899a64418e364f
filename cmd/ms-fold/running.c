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

/* Keep the new state; false after event_fail(), which ends the stage. */
static bool
keep(struct fold *f, struct event *ev, struct value next, int64_t at)
{
	struct fold_local *l = ev->local;
	enum state_status status = STATE_NO_MEMORY;

	if (next.kind == VALUE_NULL) {
		state_remove(f->kept, l->key.p, l->key.len);
		return true;
	}
	buf_clear(&l->state);
	value_write(&l->state, next);
	if (!buf_failed(&l->state))
		status = state_put(f->kept, l->key.p, l->key.len, l->state.p,
		    l->state.len, at);
	if (status == STATE_OK)
		return true;
	if (status == STATE_FULL)
		fold_full(f, ev);
	else
		event_fail(ev, "no memory for the state");
	return false;
}

enum verdict
fold_event(struct event *ev, void *arg)
{
	struct fold *f = arg;
	struct fold_local *l = ev->local;
	struct value event = ev->root, next;
	struct state_entry e = {.text = NULL};
	int64_t now = 0;

	if (!fold_key(f, ev) ||
	    ((f->when != NULL || f->limits.ttl > 0 || f->limits.changes) &&
		!fold_time(f, ev, &now)))
		return VERDICT_REJECT;
	state_expire(f->kept, now);
	(void)state_find(f->kept, l->key.p, l->key.len, &e);
	if (!fold_run(f, ev, e.text, e.text_len, &next) ||
	    !setter_set(&f->setter, l->setter, ev, &event, next))
		return VERDICT_REJECT;
	if (!keep(f, ev, next, now))
		return VERDICT_ABORT;
	event_put(ev, event);
	return VERDICT_PASS;
}
