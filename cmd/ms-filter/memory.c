/*
 * What is kept for a key is a few numbers, as bytes.
 */
#include <string.h>

#include "base/hash.h"
#include "driver/moment.h"
#include "driver/single_value.h"
#include "history/view.h"
#include "memory.h"
#include "state/key_text.h"
#include "value/object.h"

/*
 * Of --rate: what was left at that time.  A token is worth as many credits as
 * the period has microseconds, and each microsecond gives as many as the
 * bucket holds tokens: whole numbers all of them.
 */
struct bucket {
	int64_t at;
	int64_t credits;
};

static bool
machine_for(struct machine **m, const struct program *p)
{
	*m = p == NULL ? NULL : machine_new(p);
	return p == NULL || *m != NULL;
}

bool
memory_local_init(struct memory_local *l, const struct memory *m)
{
	(void)clock_init(&l->clock);
	return machine_for(&l->key, m->key) && machine_for(&l->when, m->when) &&
	    setter_machine(&m->setter, &l->setter);
}

void
memory_local_release(struct memory_local *l)
{
	machine_free(l->key);
	machine_free(l->when);
	machine_free(l->setter);
	buf_release(&l->text);
}

static const char *
key_option(const struct memory *m)
{
	return m->kind == MEMORY_UNIQUE ? "--unique" : "--by";
}

/* The event's key, in l->text; false after event_fail(). */
static bool
find_key(const struct memory *m, struct memory_local *l, struct event *ev)
{
	const struct memory_prepared *p = ev->prepared;
	struct value v;

	buf_clear(&l->text);
	if (p != NULL) {
		buf_put(&l->text, p->key, p->key_len);
		if (!buf_failed(&l->text))
			return true;
		event_fail(ev, "no memory for the key");
		return false;
	}
	if (m->key == NULL)
		return true;
	if (!single_value_of(ev, l->key, key_option(m), &v))
		return false;
	if (!key_text_write(&l->text, ev->arena, v)) {
		event_fail(
		    ev, "%s: the key is nested too deeply", key_option(m));
		return false;
	}
	if (!buf_failed(&l->text))
		return true;
	event_fail(ev, "no memory for the key");
	return false;
}

static bool
find_time(const struct memory *m, struct memory_local *l, struct event *ev,
    int64_t *time)
{
	const struct memory_prepared *p = ev->prepared;

	if (p != NULL && m->when != NULL) {
		*time = p->time;
		return true;
	}
	if (m->when != NULL)
		return moment_of(ev, l->when, m->unit, time);
	*time = clock_micros(&l->clock);
	return true;
}

void
memory_prepare(struct memory *m, struct memory_local *l, struct event *ev,
    struct memory_prepared *p)
{
	bool timed = m->kind == MEMORY_RATE || m->within_for > 0;

	if (p->verdict == VERDICT_PASS &&
	    (!find_key(m, l, ev) ||
		(m->when != NULL && timed && !find_time(m, l, ev, &p->time))))
		p->verdict = VERDICT_REJECT;
	if (p->verdict == VERDICT_REJECT)
		p->why = event_keep_reason(ev, ev->arena);
	if (p->verdict != VERDICT_PASS)
		return;
	p->key = arena_copy(ev->arena, l->text.p, l->text.len);
	p->key_len = l->text.len;
	p->hash = state_hash(m->kept, l->text.p, l->text.len);
}

void
memory_complete(struct memory *m, struct memory_local *l, struct event *ev,
    const struct memory_prepared *p)
{
	struct value event = ev->root;

	if (p->counts)
		(void)setter_set(
		    &m->setter, l->setter, ev, &event, value_int(p->held));
	event_put(ev, event);
}

/* Keep it; false after event_fail(), which ends the stage. */
static bool
keep(struct memory *m, const struct memory_local *l, struct event *ev,
    const void *what, size_t len, int64_t at)
{
	switch (state_put(m->kept, l->text.p, l->text.len, what, len, at)) {
	case STATE_OK:
		return true;
	case STATE_FULL:
		event_fail(ev,
		    "the state is full: %zu keys take %zu bytes; raise "
		    "--max-state, or bound it by --max-keys or --within",
		    state_count(m->kept), state_bytes(m->kept));
		return false;
	default:
		event_fail(ev, "no memory for the state");
		return false;
	}
}

/* Are they at least so far apart?  A clock may have jumped back. */
static bool
apart(int64_t a, int64_t b, int64_t least)
{
	return a - b >= least || b - a >= least;
}

static enum verdict
hold_back(struct memory *m, const struct memory_local *l, struct event *ev,
    struct passed *p)
{
	p->held++;
	if (m->limits.keys > 0)
		state_use(m->kept);
	if (m->count_as != NULL && !keep(m, l, ev, p, sizeof(*p), p->at))
		return VERDICT_ABORT;
	return VERDICT_TURN_AWAY;
}

static enum verdict
judge_unique(struct memory *m, struct memory_local *l, struct event *ev)
{
	struct value event = ev->root;
	struct passed p = {.held = 0};
	struct state_entry e;
	int64_t now = 0;
	bool found;

	if (!find_key(m, l, ev) ||
	    (m->within_for > 0 && !find_time(m, l, ev, &now)))
		return VERDICT_REJECT;
	state_expire(m->kept, now);
	found = state_find(m->kept, l->text.p, l->text.len, &e);
	if (found)
		memcpy(&p, e.text, sizeof(p));
	if (found && (m->within_for == 0 || !apart(now, p.at, m->within_for)))
		return hold_back(m, l, ev, &p);
	if (ev->later != NULL) {
		struct memory_prepared *prepared = ev->prepared;

		if (!event_is_light(ev, "", 0))
			return VERDICT_AT_ONCE;
		prepared->counts = found && m->count_as != NULL;
		prepared->held = p.held;
	} else if (found && m->count_as != NULL &&
	    !setter_set(&m->setter, l->setter, ev, &event, value_int(p.held)))
		return VERDICT_REJECT;
	p = (struct passed){.at = now};
	if (!keep(m, l, ev, &p, sizeof(p), now))
		return VERDICT_ABORT;
	event_put(ev, event);
	return VERDICT_PASS;
}

/* What has run into the bucket since. */
static void
fill(const struct memory *m, struct bucket *b, int64_t now)
{
	int64_t full = m->tokens * m->period;
	int64_t more;

	if (now < b->at) {
		if (b->at - now >= m->period)
			b->at = now; /* else it would wait for that time */
		return;
	}
	more = now - b->at >= m->period ? full : (now - b->at) * m->tokens;
	b->credits = more > full - b->credits ? full : b->credits + more;
	b->at = now;
}

static enum verdict
judge_rate(struct memory *m, struct memory_local *l, struct event *ev)
{
	struct bucket b;
	struct state_entry e;
	int64_t now = 0;
	bool pass;

	if (!find_key(m, l, ev) || !find_time(m, l, ev, &now))
		return VERDICT_REJECT;
	b = (struct bucket){.at = now, .credits = m->tokens * m->period};
	if (state_find(m->kept, l->text.p, l->text.len, &e))
		memcpy(&b, e.text, sizeof(b));
	/* Only then: a clock that jumped back must not fill this bucket. */
	state_expire(m->kept, now);
	fill(m, &b, now);
	pass = b.credits >= m->period;
	if (pass)
		b.credits -= m->period;
	if (!keep(m, l, ev, &b, sizeof(b), b.at))
		return VERDICT_ABORT;
	return pass ? VERDICT_PASS : VERDICT_TURN_AWAY;
}

/*
 * Source and line of the event in l->text; false where it doesn't come from
 * what has a name, and would stand elsewhere another time.
 */
static bool
put_place(struct memory_local *l, struct event *ev)
{
	size_t n;
	const struct view *v = view_history(ev->arena, ev->history, &n);
	const struct view *from = view_origin(ev->arena, v, n);
	struct value source = value_cstring(ev->source), line = source;

	if (from == NULL) {
		line = value_int((int64_t)event_number(ev));
	} else if (!object_get(ev->arena, from->of[VIEW_FROM],
		       value_cstring("source"), &source) ||
	    !object_get(
		ev->arena, from->of[VIEW_FROM], value_cstring("line"), &line)) {
		return false;
	}
	if (!key_text_write(&l->text, ev->arena, source))
		return false;
	if (l->text.len == 3 && memcmp(l->text.p, "\"-\"", 3) == 0)
		return false;
	buf_putc(&l->text, ' ');
	return key_text_write(&l->text, ev->arena, line);
}

static enum verdict
judge_sample(struct memory *m, struct memory_local *l, struct event *ev)
{
	if (!find_key(m, l, ev))
		return VERDICT_REJECT;
	if (m->key == NULL && !put_place(l, ev)) {
		buf_clear(&l->text);
		value_write(&l->text, ev->root);
	}
	if (buf_failed(&l->text))
		return event_fail(ev, "no memory for the key");
	ev->record.sample = m->share.p;
	return m->all || hash_digest(l->text.p, l->text.len).high < m->below
	    ? VERDICT_PASS
	    : VERDICT_TURN_AWAY;
}

enum verdict
memory_judge(struct memory *m, struct memory_local *l, struct event *ev)
{
	switch (m->kind) {
	case MEMORY_UNIQUE:
		return judge_unique(m, l, ev);
	case MEMORY_RATE:
		return judge_rate(m, l, ev);
	default:
		return judge_sample(m, l, ev);
	}
}
