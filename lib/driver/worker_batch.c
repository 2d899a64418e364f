/*
 * Where events are judged in order, and by what those before have changed,
 * threads still share the work: of a piece's lines one thread first prepares
 * what depends on nothing else, then waits for its turn and judges them, hands
 * the turn on, and writes.
 *
 * In between, a line is a struct prepared.  One that is no event, or whose
 * event could still be refused when it is written, is taken in its turn, after
 * all before it are written: so nothing is judged by what a reject has changed.
 */
#include <stddef.h>
#include <string.h>

#include "driver/control.h"
#include "driver/policed.h"
#include "driver/verdict.h"
#include "driver/worker_parts.h"
#include "json/levels.h"

enum {
	LEVELS = 16,       /* that a record adds to an event's at most */
	RECORD = 4096,     /* bytes, but for the rule and old values */
	MEMORY = 32 << 20, /* that an event and a state of a piece's size
	                            are written in */
	FETCH_AHEAD = 4,   /* events, between the stages of fetch() */
};

struct prepared {
	struct prepared *next;
	struct doc doc; /* of the line alone */
	const char *text;
	size_t len;
	uint32_t root;
	bool is_event;
	bool light;     /* it may be written later */
	bool timed;     /* see struct task */
	bool is_judged; /* without an end: see recover() */
	bool settled;   /* what it changes is kept */
	enum scan_status status;
	const struct scan_error *error; /* of a bad line */
	uint32_t learned;               /* of the keys, when they were kept */
	uint64_t index;
	int64_t now;
	struct value history;
	void *own; /* the command's */
	enum verdict verdict;
	struct event_reason reason;
};

void
worker_batch_init(struct worker *w)
{
	arena_init(&w->batch.arena, w->task.stage->set->max_memory);
	w->batch.arena.overflow = &w->overflow;
	w->batch.arena.rulebook = w->task.stage->set->rulebook;
}

void
worker_batch_release(struct worker *w)
{
	arena_release(&w->batch.arena);
}

bool
worker_take_turn(struct worker *w)
{
	if (!w->has_turn && w->hooks.take_turn != NULL &&
	    !w->hooks.take_turn(w->hooks.arg)) {
		w->task.result->stopped = true;
		return false;
	}
	w->has_turn = true;
	return true;
}

/* --- preparing --- */

static struct prepared *
add(struct worker *w, enum scan_status status)
{
	struct batch *b = &w->batch;
	const struct line *line = &w->task.ev.line;
	struct prepared *x = arena_alloc(&b->arena, sizeof(*x));

	*x = (struct prepared){.doc = w->scan.doc,
	    .text = line->text,
	    .len = line->len,
	    .root = line->root,
	    .status = status,
	    .index = w->task.ev.index};
	if (status == SCAN_BAD) {
		struct scan_error *e = arena_alloc(&b->arena, sizeof(*e));

		*e = line->error;
		x->error = e;
	}
	return x;
}

static void
append(struct batch *b, struct prepared *x)
{
	*b->end = x;
	b->end = &x->next;
}

/* Bytes that a line takes at most, made of an event and a text beside it. */
static size_t
line_bound(const struct stage *s, const char *source, size_t len)
{
	return 2 * len + s->lineage.head.len + s->lineage.key_len +
	    6 * strlen(source) + RECORD;
}

static bool
is_within(const struct event *ev, const struct stage *s, const char *text,
    size_t len, size_t both)
{
	const struct settings *set = s->set;

	return set->policed == NULL && set->max_memory >= MEMORY &&
	    both <= (size_t)2 * WINDOW_PIECE &&
	    line_bound(s, ev->source, both) <= set->max_line &&
	    set->max_depth > LEVELS &&
	    !levels_exceed(text, len, set->max_depth - LEVELS);
}

bool
event_is_light(const struct event *ev, const char *text, size_t len)
{
	const struct task *t =
	    (const struct task *)((const char *)ev - offsetof(struct task, ev));

	return is_within(ev, t->stage, text, len, ev->line.len + len);
}

/* Prepare the event whose line is in hand; false where it has to wait. */
static bool
prepare_event(struct worker *w, struct prepared *x)
{
	struct task *t = &w->task;
	struct event *ev = &t->ev;
	const struct stage *s = t->stage;
	struct arena *a = &w->batch.arena;
	size_t held = a->account.held;

	task_forget(t);
	ev->root = value_source(&x->doc, x->root);
	ev->history = x->history;
	ev->context.lineage = ev->history;
	s->command->prepare(ev, s->arg);
	x->own = ev->prepared;
	x->timed = t->timed;
	x->now = t->now;
	/* Where nobody waits for the turn, there is no reason to. */
	x->light = w->hooks.take_turn != NULL && s->set->later &&
	    x->own != NULL && s->checks.n == s->checks.always &&
	    is_within(ev, s, x->text, x->len, x->len);
	return a->account.held - held <= s->set->max_memory / 8;
}

/* Is it a well-formed event that nobody may see?  See driver/policed.h. */
static bool
is_refused(struct worker *w, struct prepared *x)
{
	const struct stage *s = w->task.stage;
	struct event *ev = &w->task.ev;

	if (lineage_find(&s->lineage, &w->batch.arena, &x->doc, x->root,
		&x->history) != NULL)
		return true;
	if (s->set->policed == NULL)
		return false;
	ev->root = value_source(&x->doc, x->root);
	ev->history = x->history;
	return policed_admits(s->set->policed, ev) != NULL;
}

/* Is it a line of which a reject is made, and nothing else? */
static bool
is_reject(struct worker *w, enum scan_status status, struct prepared *x)
{
	const struct settings *set = w->task.stage->set;
	const struct doc *d = &x->doc;

	if (x->len > set->max_line)
		return true;
	if (status == SCAN_BAD)
		return x->len > 0 && *x->text != '\0';
	return d->text[d->at[x->root]] != '{' ||
	    (!control_at(d->text + d->at[x->root + 1]) && is_refused(w, x));
}

/* The keys are the next line's then, so a copy stays. */
static void
keep_keys(struct worker *w, struct prepared *x)
{
	const struct keys *k = x->doc.keys;
	size_t size;
	void *copy;

	if (k == NULL)
		return;
	size = layout_kept(k);
	copy = arena_alloc(&w->batch.arena, size);
	memcpy(copy, k, size);
	x->doc.keys = copy;
	x->learned = k->learned;
}

/* Some lines may refer to a layout that has made room for another. */
static void
drop_keys(struct worker *w)
{
	for (struct prepared *x = w->batch.first; x != NULL; x = x->next)
		if (x->learned != w->keys.learned)
			x->doc.keys = NULL;
}

/* Prepare the line in hand; false where it has to wait for its turn. */
static bool
prepare_line(struct worker *w, enum scan_status status)
{
	const struct settings *set = w->task.stage->set;
	struct prepared *x = add(w, status);
	const struct doc *d = &x->doc;

	if (is_reject(w, status, x)) {
		if (set->on_error == ON_ERROR_STOP)
			return false;
	} else if (status == SCAN_BAD ||
	    control_at(d->text + d->at[x->root + 1])) {
		return false;
	} else {
		x->is_event = true;
		if (!prepare_event(w, x))
			return false;
	}
	keep_keys(w, x);
	append(&w->batch, x);
	return true;
}

/* Prepare lines; gives the status of one that has to wait, or SCAN_END. */
static enum scan_status
prepare_lines(struct worker *w)
{
	struct batch *b = &w->batch;

	for (;;) {
		b->status = scan_line(&w->scan, &w->task.ev.line);
		if (b->status == SCAN_END)
			return SCAN_END;
		w->task.ev.index++;
		if (b->status != SCAN_BLANK && !prepare_line(w, b->status))
			return b->status;
	}
}

/* --- judging and writing --- */

static void
restore_line(struct worker *w, const struct prepared *x)
{
	struct event *ev = &w->task.ev;

	ev->line.text = x->text;
	ev->line.len = x->len;
	ev->line.root = x->root;
	if (x->error != NULL)
		ev->line.error = *x->error;
	ev->index = x->index;
}

static void
restore_event(struct worker *w, const struct prepared *x)
{
	struct task *t = &w->task;
	struct event *ev = &t->ev;

	restore_line(w, x);
	task_begin(t);
	ev->root = value_source(&x->doc, x->root);
	ev->history = x->history;
	ev->context.lineage = ev->history;
	ev->prepared = x->own;
	t->found = true;
	t->timed = x->timed;
	t->now = x->now;
}

static void
note_time(const struct worker *w, struct prepared *x)
{
	x->timed = w->task.timed;
	x->now = w->task.now;
}

/* Judge an event and write it, with nothing before it left to be written. */
static void
judge_at_once(struct worker *w, struct prepared *x)
{
	struct task *t = &w->task;
	size_t from = t->result->out.len;

	w->batch.hand = x;
	w->batch.judging = false;
	restore_event(w, x);
	task_count(t);
	verdict_carry_out(
	    t, t->stage->command->event(&t->ev, t->stage->arg), from);
}

/* Write what was judged before. */
static void
write_one(struct worker *w, struct prepared *x)
{
	struct task *t = &w->task;
	struct event *ev = &t->ev;

	w->batch.hand = x;
	w->batch.judging = false;
	if (!x->is_event) {
		restore_line(w, x);
		worker_take_scanned(w, x->status);
		return;
	}
	restore_event(w, x);
	task_count(t);
	if (x->settled)
		t->stage->command->complete(ev, t->stage->arg);
	else if (x->reason.text != NULL)
		(void)event_reject(ev, x->reason.column, x->reason.text);
	verdict_carry_out(t, x->verdict, t->result->out.len);
}

static bool
goes_on(const struct worker *w)
{
	return !w->task.result->stopped && !w->task.result->no_memory;
}

/*
 * Write up to a line.  What is settled and can't be written after all must
 * not be lost in silence: the stage ends.
 */
static void
write_until(struct worker *w, const struct prepared *end)
{
	struct batch *b = &w->batch;
	struct result *r = w->task.result;

	while (b->written != end && goes_on(w)) {
		struct prepared *x = b->written;
		uint64_t rejected = r->counts.rejected + r->counts.failed;

		write_one(w, x);
		b->written = x->next;
		if (x->settled &&
		    rejected != r->counts.rejected + r->counts.failed)
			r->no_memory = true;
	}
}

/* The event at which nothing behind is wanted any more? */
static bool
ends(const struct worker *w, const struct prepared *x)
{
	return x->verdict == VERDICT_ABORT ||
	    (x->verdict == VERDICT_REJECT &&
		w->task.stage->set->on_error == ON_ERROR_STOP);
}

/* Judge an event that is written later; false where that can't be. */
static bool
judge_for_later(struct worker *w, struct prepared *x)
{
	struct event *ev = &w->task.ev;

	w->batch.hand = x;
	w->batch.judging = true;
	restore_event(w, x);
	ev->later = &w->batch.arena;
	x->verdict = w->task.stage->command->event(ev, w->task.stage->arg);
	note_time(w, x);
	if (x->verdict == VERDICT_AT_ONCE)
		return false;
	x->settled = x->verdict == VERDICT_PASS;
	if (x->verdict == VERDICT_REJECT || x->verdict == VERDICT_ABORT)
		x->reason = event_keep_reason(ev, ev->later);
	return true;
}

/* Nothing behind a line is wanted. */
static bool
halt_behind(struct batch *b, struct prepared *x)
{
	x->next = NULL;
	b->judged = NULL;
	b->halted = true;
	return false;
}

/* Judge the next line; false where those behind aren't wanted. */
static bool
judge_one(struct worker *w)
{
	struct batch *b = &w->batch;
	struct prepared *x = b->judged;

	if (!x->is_event || x->is_judged ||
	    (x->light && judge_for_later(w, x))) {
		b->judged = x->next;
		return !x->is_event || !ends(w, x) || halt_behind(b, x);
	}
	write_until(w, x);
	if (!goes_on(w))
		return false;
	b->judged = x->next;
	judge_at_once(w, x);
	b->written = x->next;
	return goes_on(w);
}

/* Ask for what some events ahead will look at, each stage for one event. */
static void
fetch(struct worker *w)
{
	const struct stage *s = w->task.stage;

	for (int i = 0; i < WORKER_FETCHES; i++) {
		struct prepared *x = w->batch.fetched[i];

		if (x == NULL)
			continue;
		if (x->own != NULL)
			s->command->fetch(x->own, s->arg, i);
		w->batch.fetched[i] = x->next;
	}
}

/* The last stage is so many events ahead, each one before it so many more. */
static void
start_fetching(struct worker *w)
{
	struct batch *b = &w->batch;

	for (int i = 0; i < WORKER_FETCHES; i++)
		b->fetched[i] = NULL;
	for (int i = 0; i < WORKER_FETCHES; i++) {
		b->fetched[i] = b->first;
		for (int n = 0; n < FETCH_AHEAD; n++)
			fetch(w);
	}
}

/* Memory ended in the midst of something. */
static void
recover(struct worker *w)
{
	struct batch *b = &w->batch;
	struct prepared *x = b->hand;
	char error[WORKER_ERROR];

	if (x->settled || !b->judging) {
		/* What is settled has to be written. */
		if (x->settled)
			w->task.result->no_memory = true;
		else
			worker_reject_greedy(w);
		b->written = x->next;
		return;
	}
	worker_say_greedy(w, error);
	x->verdict = VERDICT_REJECT;
	x->reason = (struct event_reason){
	    arena_copy(&b->arena, error, strlen(error)), 0};
	x->is_judged = true;
}

/* Judge all lines, in the window's turn. */
static void
judge_lines(struct worker *w)
{
	struct batch *b = &w->batch;

	b->judged = b->written = b->first;
	start_fetching(w);
	if (setjmp(w->overflow) != 0)
		recover(w);
	while (b->judged != NULL && goes_on(w)) {
		fetch(w);
		if (!judge_one(w))
			break;
	}
}

static void
write_lines(struct worker *w)
{
	if (setjmp(w->overflow) != 0)
		recover(w);
	write_until(w, NULL);
}

/* Let the windows behind be judged, unless they are to see this one's end. */
static void
pass_turn(struct worker *w)
{
	const struct settings *set = w->task.stage->set;

	if (w->hooks.pass_turn == NULL || set->batches || set->beside)
		return;
	w->hooks.pass_turn(w->hooks.arg, w->batch.halted || !goes_on(w));
}

enum scan_status
worker_take_batch(struct worker *w, bool last)
{
	struct batch *b = &w->batch;
	struct event *ev = &w->task.ev;

	arena_reset(&b->arena);
	b->arena.account.limit = w->task.stage->set->max_memory;
	b->arena.account.stack = w->task.arena.account.stack;
	b->first = NULL;
	b->end = &b->first;
	b->halted = false;
	ev->arena = &b->arena;
	/* A line that there was no memory for waits as others do. */
	if (setjmp(w->overflow) == 0)
		prepare_lines(w);
	drop_keys(w);
	ev->arena = &w->task.arena;
	b->line = ev->line;
	b->index = ev->index;
	b->arena.account.limit = SIZE_MAX;
	if (!worker_take_turn(w))
		return SCAN_END;
	judge_lines(w);
	if (last && b->status == SCAN_END)
		pass_turn(w);
	write_lines(w);
	ev->line = b->line;
	ev->index = b->index;
	return b->halted || !goes_on(w) ? SCAN_END : b->status;
}
