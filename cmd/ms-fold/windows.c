/*
 * A window's state changes in the kept texts with each event.  Stream time,
 * which only goes forward, closes windows: a queue knows which is next.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/policed.h"
#include "value/number.h"
#include "windows.h"

/* One of the windows that the event in hand is in. */
struct share {
	int64_t from, to;
	struct value next; /* its new state */
	bool late;         /* it has closed, and can still be revised */
};

void
windows_put_key(struct fold_local *l, int64_t from)
{
	buf_putc(&l->key, '\0');
	number_put_int(&l->key, from);
}

/* The key there: the key's text and, where there are many, the start. */
static void
put_key(
    const struct fold *f, struct fold_local *l, size_t name_len, int64_t from)
{
	l->key.len = name_len;
	if (f->plan.kind == WINDOW_TIME)
		windows_put_key(l, from);
}

static bool
find_pane(struct fold *f, const struct buf *key, struct pane_content *c)
{
	struct state_entry e;
	size_t at = sizeof(c->pane);

	c->state = NULL;
	c->state_len = 0;
	if (!state_find(f->kept, key->p, key->len, &e))
		return false;
	memcpy(&c->pane, e.text, at);
	at += composition_read(&c->of, e.text + at, e.text_len - at);
	c->state = e.text + at;
	c->state_len = e.text_len - at;
	return true;
}

static enum state_status
put_pane(struct fold *f, struct fold_local *l, const char *key, size_t len,
    const struct pane_content *c, const char *state, size_t state_len)
{
	buf_clear(&l->state);
	buf_put(&l->state, (const char *)&c->pane, sizeof(c->pane));
	buf_put(&l->state, (const char *)&c->of, composition_size(&c->of));
	buf_put(&l->state, state, state_len);
	if (buf_failed(&l->state))
		return STATE_NO_MEMORY;
	return state_put(f->kept, key, len, l->state.p, l->state.len, l->now);
}

bool
windows_tell_full(
    const struct fold *f, struct event *ev, enum state_status status)
{
	if (status == STATE_OK)
		return true;
	if (status == STATE_FULL)
		fold_full(f, ev);
	else
		event_fail(ev, "no memory for the state");
	return false;
}

/* --- closing --- */

bool
windows_add(struct due_queue *q, const char *key, size_t len, size_t name_len,
    const struct due *when)
{
	struct pane_key *k = malloc(sizeof(*k) + len);
	struct due d = *when;

	if (k == NULL)
		return false;
	k->len = len;
	k->name_len = name_len;
	memcpy(k->text, key, len);
	d.what = k;
	if (due_add(q, &d))
		return true;
	free(k);
	return false;
}

bool
windows_plan(struct fold *f, const char *key, size_t len, size_t name_len,
    const struct pane *p)
{
	struct due d = {.time = p->to, .order = p->order};

	if (p->rev > 0)
		d.time += f->keep;
	return f->plan.kind == WINDOW_COUNT || f->plan.kind == WINDOW_ALL ||
	    windows_add(&f->due, key, len, name_len, &d);
}

/* Have a new window closed when its time has come. */
static bool
plan_closing(struct fold *f, struct event *ev, const struct buf *key,
    size_t name_len, const struct pane *p)
{
	if (windows_plan(f, key->p, key->len, name_len, p))
		return true;
	event_fail(ev, "no memory for the windows");
	return false;
}

static bool
note_open(struct fold *f, struct event *ev, const struct buf *key,
    const struct pane *p)
{
	if (open_windows_note(f, key->p, key->len, p))
		return true;
	event_fail(ev, "no memory for the windows");
	return false;
}

/*
 * At the end of the input a window closes before its time.  Where the state is
 * kept, an event of a later run that belongs to it is late: the same result
 * would be written a second time, of other events.
 */
static void
pass_end(struct fold *f, const struct pane *p)
{
	bool by_time =
	    f->plan.kind == WINDOW_TIME || f->plan.kind == WINDOW_SESSION;

	if (!by_time || (f->has_time && p->to <= f->stream_time))
		return;
	f->has_time = true;
	f->stream_time = p->to;
}

/* What is to be done with a window whose time has come. */
static bool
close_pane(struct fold *f, struct event *ev, struct due *d, bool *again)
{
	struct fold_local *l = ev->local;
	const struct pane_key *k = d->what;
	struct pane_content c;
	struct buf key = {.p = (char *)(uintptr_t)k->text, .len = k->len};
	enum state_status status;

	*again = false;
	if (!find_pane(f, &key, &c) || c.pane.order != d->order)
		return true; /* it was forgotten, or made anew */
	if (f->plan.kind == WINDOW_SESSION && c.pane.to > d->time) {
		d->time = c.pane.to; /* it has become longer */
		*again = true;
		return true;
	}
	if (c.pane.rev > 0) {
		state_remove(f->kept, k->text, k->len);
		return true;
	}
	c.pane.rev = 1;
	pass_end(f, &c.pane);
	result_write(f, ev, k->text, k->name_len, &c, NULL, 0);
	if (f->keep == 0) {
		state_remove(f->kept, k->text, k->len);
		return true;
	}
	l->former.len = 0;
	buf_put(&l->former, c.state, c.state_len);
	status =
	    put_pane(f, l, k->text, k->len, &c, l->former.p, l->former.len);
	d->time = c.pane.to + f->keep;
	*again = true;
	return windows_tell_full(f, ev, status);
}

/* Do with the first of the windows what its time says. */
static bool
close_first(struct fold *f, struct event *ev)
{
	struct due d = *due_first(&f->due);
	bool again, good = close_pane(f, ev, &d, &again);

	due_drop_first(&f->due);
	if (!good || !again || !due_add(&f->due, &d))
		free(d.what);
	return good;
}

static bool
fold_first(struct fold *f, struct event *ev)
{
	struct pane_key *k = due_first(&f->held)->what;
	bool good;

	due_drop_first(&f->held);
	good = sessions_fold(f, ev, k);
	free(k);
	return good;
}

/*
 * Close what ends at or before that time, and fold what is held up to it, in
 * order of time; false after event_fail().
 */
static bool
close_until(struct fold *f, struct event *ev, int64_t time)
{
	for (;;) {
		const struct due *close = due_first(&f->due);
		const struct due *held = due_first(&f->held);
		bool good;

		if (held != NULL && held->time <= time &&
		    (close == NULL || held->time < close->time))
			good = fold_first(f, ev);
		else if (close != NULL && close->time <= time)
			good = close_first(f, ev);
		else
			return true;
		if (!good)
			return false;
	}
}

/* An event has come of that time; false after event_fail(). */
static bool
advance(struct fold *f, struct event *ev, int64_t time)
{
	if (f->late == FOLD_LATE_END)
		return true;
	time -= f->late;
	if (f->has_time && time <= f->stream_time)
		return true;
	f->has_time = true;
	f->stream_time = time;
	return close_until(f, ev, time);
}

/* --- folding --- */

static bool
has_closed(const struct fold *f, int64_t to)
{
	return f->has_time && to <= f->stream_time;
}

/* The window of a plan that has one for each key. */
static void
only_share(const struct fold *f, int64_t time, struct pane_content *c,
    bool found, struct share *s)
{
	s->from = found && c->pane.from < time ? c->pane.from : time;
	s->to = found && c->pane.to > time ? c->pane.to : time;
	if (f->plan.kind != WINDOW_SESSION)
		return;
	/* A session that has ended is closed before this one is put. */
	if (found && time >= c->pane.to) {
		c->state = NULL;
		s->from = time;
	}
	s->to = time + f->plan.size;
}

static bool
run_share(struct fold *f, struct event *ev, size_t name_len, int64_t time,
    struct share *s)
{
	struct fold_local *l = ev->local;
	struct pane_content c;
	bool found;

	put_key(f, l, name_len, s->from);
	found = find_pane(f, &l->key, &c);
	if (f->plan.kind != WINDOW_TIME)
		only_share(f, time, &c, found, s);
	if (!fold_run(f, ev, c.state, c.state_len, &s->next) ||
	    !result_holds(f, ev, s->next))
		return false;
	if (!s->late || !found || s->next.kind != VALUE_NULL)
		return true;
	event_fail(ev,
	    "it came late, and the program forgets what was written as a "
	    "result, which can't be taken back");
	return false;
}

/*
 * Run the program for each window that the event is in, and isn't over for
 * good.  Gives their number; -1 after event_fail().
 */
static int
run_shares(struct fold *f, struct event *ev, size_t name_len, int64_t time,
    struct share **shares)
{
	const struct window_plan *p = &f->plan;
	int64_t from = time, step = 1;
	int n = 0;

	*shares = arena_array(ev->arena, 1, sizeof(**shares));
	if (p->kind == WINDOW_TIME) {
		from = window_plan_first(p, time);
		step = p->step;
		*shares = arena_array(ev->arena,
		    (size_t)((time - from) / step) + 1, sizeof(**shares));
	}
	for (; from <= time; from += step) {
		struct share *s = &(*shares)[n];

		*s = (struct share){.from = from, .to = from + p->size};
		s->late = p->kind == WINDOW_TIME && has_closed(f, s->to);
		if (s->late && has_closed(f, s->to + f->keep))
			continue;
		if (!run_share(f, ev, name_len, time, s))
			return -1;
		n++;
	}
	return n;
}

/* Write the result of a window that had closed once more. */
static void
revise(struct fold *f, struct event *ev, size_t name_len,
    const struct pane_content *c, bool had)
{
	struct fold_local *l = ev->local;
	struct pane_content now;

	if (!find_pane(f, &l->key, &now))
		return;
	now.pane.rev = c->pane.rev;
	result_write(f, ev, l->key.p, name_len, &now, had ? l->former.p : NULL,
	    l->former.len);
}

/* policed_masks() when the event in hand came. */
static uint32_t
masks_of(const struct fold *f, const struct fold_local *l)
{
	return l->recalls ? l->held_masks : policed_masks(f->set->policed);
}

static bool
put_share(struct fold *f, struct event *ev, size_t name_len,
    const struct share *s, const struct composition_event *e)
{
	struct fold_local *l = ev->local;
	struct pane_content c;
	enum state_status status;
	bool had, moved;

	put_key(f, l, name_len, s->from);
	had = find_pane(f, &l->key, &c);
	buf_clear(&l->former);
	if (had && s->late)
		buf_put(&l->former, c.state, c.state_len);
	if (s->next.kind == VALUE_NULL) {
		state_remove(f->kept, l->key.p, l->key.len);
		return true;
	}
	if (!had) {
		memset(&c.pane, 0, sizeof(c.pane));
		memset(&c.of, 0, sizeof(c.of));
		c.pane.order = f->order++;
		c.pane.masks = masks_of(f, l);
	} else if (c.pane.masks != masks_of(f, l)) {
		c.pane.masks = 0;
	}
	moved = !had || c.pane.from != s->from;
	c.pane.from = s->from;
	c.pane.to = s->to;
	c.pane.rev += s->late;
	composition_add(&c.of, e);
	buf_clear(&l->next);
	value_write(&l->next, s->next);
	status = buf_failed(&l->next) || buf_failed(&l->former)
	    ? STATE_NO_MEMORY
	    : put_pane(f, l, l->key.p, l->key.len, &c, l->next.p, l->next.len);
	if (!windows_tell_full(f, ev, status) ||
	    (!had && !plan_closing(f, ev, &l->key, name_len, &c.pane)) ||
	    (moved && !note_open(f, ev, &l->key, &c.pane)))
		return false;
	if (s->late)
		revise(f, ev, name_len, &c, had);
	return true;
}

/* A window of so many events is full. */
static void
close_counted(struct fold *f, struct event *ev, size_t name_len)
{
	struct fold_local *l = ev->local;
	struct pane_content c;

	put_key(f, l, name_len, 0);
	if (f->plan.kind != WINDOW_COUNT || !find_pane(f, &l->key, &c) ||
	    c.of.n < f->plan.count)
		return;
	c.pane.rev = 1;
	result_write(f, ev, l->key.p, name_len, &c, NULL, 0);
	state_remove(f->kept, l->key.p, l->key.len);
}

static enum verdict
too_late(struct fold *f, struct event *ev)
{
	if (f->late_to != NULL)
		return VERDICT_TURN_AWAY;
	return event_fail(ev,
	    "it came after its window closed; --late waits longer, --keep "
	    "revises results, --late-to FILE takes such events");
}

static bool
put_shares(struct fold *f, struct event *ev, size_t name_len,
    const struct share *shares, int n)
{
	struct composition_event origin;

	if (!fold_origin(f, ev, &origin))
		return false;
	for (int i = 0; i < n; i++)
		if (!put_share(f, ev, name_len, &shares[i], &origin))
			return false;
	return true;
}

enum verdict
windows_fold(struct fold *f, struct event *ev, size_t name_len, int64_t time)
{
	struct fold_local *l = ev->local;
	struct share *shares;
	int n;

	l->now = time;
	n = run_shares(f, ev, name_len, time, &shares);
	if (n == -1)
		return VERDICT_REJECT;
	return put_shares(f, ev, name_len, shares, n) ? VERDICT_WRITTEN
						      : VERDICT_ABORT;
}

/* Fold an event at once; the program runs before it moves the time. */
static enum verdict
window_event(struct fold *f, struct event *ev, size_t name_len, int64_t time)
{
	struct fold_local *l = ev->local;
	struct share *shares;
	int n;

	l->now = time;
	n = run_shares(f, ev, name_len, time, &shares);
	if (n == -1)
		return VERDICT_REJECT;
	if (n == 0)
		return too_late(f, ev);
	f->partly_late += f->plan.kind == WINDOW_TIME &&
	    shares[0].from > window_plan_first(&f->plan, time);
	if (!advance(f, ev, time) || !put_shares(f, ev, name_len, shares, n))
		return VERDICT_ABORT;
	close_counted(f, ev, name_len);
	return VERDICT_WRITTEN;
}

/* Sessions take an event when no earlier one can follow. */
static enum verdict
session_event(struct fold *f, struct event *ev, size_t name_len, int64_t time)
{
	if (f->has_time && time < f->stream_time)
		return too_late(f, ev);
	if (f->late > 0 && !(f->has_time && time == f->stream_time))
		return sessions_hold(f, ev, name_len, time) &&
			advance(f, ev, time)
		    ? VERDICT_WRITTEN
		    : VERDICT_ABORT;
	return window_event(f, ev, name_len, time);
}

enum verdict
windows_event(struct event *ev, void *arg)
{
	struct fold *f = arg;
	struct fold_local *l = ev->local;
	int64_t time;

	if (!fold_place(f, ev, &time))
		return VERDICT_REJECT;
	if (f->plan.kind == WINDOW_SESSION)
		return session_event(f, ev, l->key.len, time);
	return window_event(f, ev, l->key.len, time);
}

/* Plan a window that has no time to close before the end. */
static bool
plan_last(void *arg, const struct state_entry *e)
{
	struct fold *f = arg;
	struct pane pane;
	struct due d = {.time = INT64_MAX};

	memcpy(&pane, e->text, sizeof(pane));
	d.order = pane.order;
	return windows_add(&f->due, e->key, e->key_len, e->key_len, &d);
}

enum verdict
windows_time(struct event *ev, struct fold *f, int64_t time, int64_t *passed_on)
{
	if (f->late != FOLD_LATE_END &&
	    (!f->has_time || time > f->stream_time)) {
		f->has_time = true;
		f->stream_time = time;
		if (!close_until(f, ev, time))
			return VERDICT_ABORT;
	}
	if (open_windows_oldest(f, passed_on))
		return VERDICT_WRITTEN;
	event_fail(ev, "no memory for the windows");
	return VERDICT_ABORT;
}

/* They stay in the state, which isn't lost where it is kept. */
static enum verdict
leave_open(const struct fold *f)
{
	size_t n = state_count(f->kept);

	if (!fold_is_kept(f) && n > 0)
		complain(f->set->command,
		    "a signal ended the input: %zu window%s that %s open %s "
		    "not written; --state FILE keeps them",
		    n, n == 1 ? "" : "s", n == 1 ? "was" : "were",
		    n == 1 ? "is" : "are");
	return VERDICT_WRITTEN;
}

static bool
note_end(void *arg, const struct state_entry *e)
{
	int64_t *last = arg;
	struct pane pane;

	memcpy(&pane, e->text, sizeof(pane));
	if (pane.rev == 0 && pane.to > *last)
		*last = pane.to;
	return true;
}

/* When the open window ends that ends last; only windows of time are kept. */
static int64_t
last_end(const struct fold *f)
{
	int64_t last = INT64_MIN;

	(void)state_all(f->kept, note_end, &last);
	return last;
}

enum verdict
windows_end(struct event *ev, struct fold *f, bool cut)
{
	bool counted =
	    f->plan.kind == WINDOW_COUNT || f->plan.kind == WINDOW_ALL;
	int64_t until = INT64_MAX;

	if (fold_is_kept(f) ? !f->close || cut : cut)
		return leave_open(f);
	if (!fold_is_kept(f))
		f->keep = 0;
	else if (f->keep > 0)
		until = last_end(f); /* what can be revised stays */
	if (counted && !state_all(f->kept, plan_last, f)) {
		event_fail(ev, "no memory for the windows");
		return VERDICT_ABORT;
	}
	return close_until(f, ev, until) ? VERDICT_WRITTEN : VERDICT_ABORT;
}

static void
release_queue(struct due_queue *q)
{
	while (due_first(q) != NULL) {
		free(due_first(q)->what);
		due_drop_first(q);
	}
	due_release(q);
}

void
windows_release(struct fold *f)
{
	release_queue(&f->due);
	release_queue(&f->held);
	release_queue(&f->open);
	composition_names_release(&f->sources);
}
