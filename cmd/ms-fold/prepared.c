/*
 * With threads, an event's key, its time and its origin are found before its
 * turn, and what it passes on with is written behind it: its state is kept as
 * text until then, since the next event of the key changes that.
 */
#include "fold.h"
#include "value/value.h"

/* The key under which the state has what the event will ask for. */
static uint64_t
hash_of(const struct fold *f, struct fold_local *l, int64_t time)
{
	size_t len = l->key.len;
	uint64_t hash;

	if (f->plan.kind == WINDOW_TIME && f->when != NULL)
		windows_put_key(l, window_plan_first(&f->plan, time));
	hash = state_hash(f->kept, l->key.p, l->key.len);
	l->key.len = len;
	return hash;
}

void
fold_prepare(struct event *ev, void *arg)
{
	const struct fold *f = arg;
	struct fold_local *l = ev->local;
	struct fold_prepared *p = arena_alloc(ev->arena, sizeof(*p));

	*p = (struct fold_prepared){.key = NULL};
	if (f->wants_origin || f->window != NULL || f->keep_file != NULL)
		fold_find_origin(ev, &p->origin);
	p->refused = !fold_key(f, ev) ||
	    (f->when != NULL && !fold_time(f, ev, &p->time));
	if (p->refused) {
		p->why = event_keep_reason(ev, ev->arena);
	} else {
		p->key = arena_copy(ev->arena, l->key.p, l->key.len);
		p->key_len = l->key.len;
		p->hash = hash_of(f, l, p->time);
	}
	ev->prepared = p;
}

void
fold_fetch(const void *prepared, void *arg, int stage)
{
	const struct fold *f = arg;
	const struct fold_prepared *p = prepared;

	if (!p->refused)
		state_fetch(f->kept, p->hash, stage);
}

void
fold_complete(struct event *ev, void *arg)
{
	const struct fold *f = arg;
	const struct fold_prepared *p = ev->prepared;
	struct fold_local *l = ev->local;
	struct value event = ev->root, state = VALUE_OF(VALUE_NULL);
	struct scan_error error;

	(void)value_parse_by(
	    &l->scan, ev->arena, p->state, p->state_len, &state, &error);
	(void)setter_set(&f->setter, l->setter, ev, &event, state);
	event_put(ev, event);
}
