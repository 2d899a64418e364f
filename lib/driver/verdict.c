#include <string.h>

#include "driver/policed.h"
#include "driver/trail.h"
#include "driver/verdict.h"
#include "value/array.h"

enum { HOLD = 1024 * 1024 }; /* bytes of an event's outputs */

/* Is the event as it was read its only output?  Then there is no check. */
static bool
is_untouched(const struct task *t)
{
	const struct event *ev = &t->ev;
	struct value v;

	if (ev->outputs_n != 1 || t->stage->set->raw)
		return false;
	v = ev->outputs[0];
	return v.kind == VALUE_RAW_OBJECT && v.n == ev->root.n &&
	    v.doc == ev->root.doc;
}

/* Say in the record which of several outputs comes next. */
static void
number_output(struct event *ev, size_t i)
{
	if (ev->outputs_n > 1) {
		ev->record.fork_i = i + 1;
		ev->record.fork_n = ev->outputs_n;
	}
}

/* Write outputs, of which all are known to be good, from one of them on. */
static void
write_again(struct task *t, size_t first)
{
	const struct event *ev = &t->ev;
	const struct result *r = t->result;
	size_t limit = t->arena.account.limit;

	task_commit(t);
	for (size_t i = first; i < ev->outputs_n; i++) {
		if (r->no_memory || r->stopped)
			break;
		number_output(&t->ev, i);
		task_write_again(t, ev->outputs[i]);
	}
	t->arena.account.limit = limit;
	t->committed = false;
}

/*
 * Write all outputs, or none: false after event_fail().  They are held until
 * the last one has passed the checks.  Where that is too much to hold, those
 * behind are only tried, and written again once all are known to be good:
 * from then on nothing can refuse them, and the result may be handed on.
 */
static bool
write_outputs(struct task *t)
{
	struct event *ev = &t->ev;
	struct buf *out = &t->result->out;
	size_t start = out->len, held = 0, n = ev->outputs_n;

	for (size_t i = 0; i < n; i++) {
		size_t from = out->len;
		uint64_t truncated = t->result->counts.truncated;

		number_output(ev, i);
		if (!task_write(t, out, ev->outputs[i]))
			return false;
		if (held == i && (from - start <= HOLD || i + 1 == n)) {
			held++;
			task_count_output(t);
		} else {
			task_unwrite(t, from, truncated);
		}
	}
	if (held < n)
		write_again(t, held);
	return true;
}

/* Does the policy allow what several changes come to? */
static bool
may_step(struct task *t)
{
	struct event *ev = &t->ev;

	return policed_change(t->stage->set->policed, ev->arena, ev, &ev->root,
	    &ev->steps[ev->steps_n - 1].now);
}

static void
pass(struct task *t)
{
	struct event *ev = &t->ev;
	struct result *r = t->result;

	if (ev->outputs_n == 0)
		event_put(ev, ev->root);
	if ((!is_untouched(t) && !checks_outputs(&t->stage->checks, ev)) ||
	    (ev->steps_n > 0 && !may_step(t))) {
		task_fail(t, ev->error);
		return;
	}
	if (t->stage->set->count_only)
		ev->outputs_n = 0;
	if (!write_outputs(t)) {
		task_fail(t, ev->error);
		return;
	}
	if (t->stage->command->settle != NULL &&
	    !t->stage->command->settle(ev, t->stage->arg)) {
		task_abort(t, ev->error);
		return;
	}
	r->counts.passed++;
	r->counts.forks += ev->outputs_n > 1;
	if (++t->passed == t->stage->set->stop_after)
		r->stopped = true;
}

static void
turn_away(struct task *t)
{
	struct event *ev = &t->ev;
	struct result *r = t->result;
	bool too = t->stage->turned_away_too;
	struct buf *out = too ? &r->out : &r->turned_away;

	ev->record.turned_away = true;
	if (t->stage->set->else_file != NULL) {
		if (!task_write(t, out, ev->root)) {
			task_fail(t, ev->error);
			return;
		}
		if (too)
			task_count_output(t);
	}
	r->counts.turned_away++;
	/* What goes to --else is passed on there. */
	if (t->stage->set->trail != NULL && t->stage->set->else_file == NULL)
		trail_event(t, NULL);
}

/* A line of text, with -R, is in the trail as a reject is. */
static void
put_dropped(struct task *t)
{
	if (t->stage->set->raw)
		trail_text(t);
	else
		trail_event(t, NULL);
}

/* The program made nothing of the line. */
static void
give_nothing(struct task *t)
{
	const struct settings *set = t->stage->set;

	if (set->no_output == NO_OUTPUT_DROP) {
		t->result->counts.dropped++;
		if (set->trail != NULL)
			put_dropped(t);
	} else {
		task_fail(t,
		    set->raw ? "no event was made of this line"
			     : "the program gave no output");
	}
}

/* Count the lines that the callback wrote itself, from byte from on. */
static void
count_lines(struct task *t, size_t from)
{
	const struct buf *out = &t->result->out;
	struct result *r = t->result;
	uint64_t lines = 0;

	while (from < out->len) {
		const char *end = memchr(out->p + from, '\n', out->len - from);

		if (end == NULL)
			break;
		lines++;
		from = (size_t)(end + 1 - out->p);
	}
	/* Rejects that go there too are counted. */
	lines -= r->counts.written - t->before.counted;
	r->counts.written += lines;
	r->written += lines;
}

void
verdict_carry_out(struct task *t, enum verdict verdict, size_t from)
{
	struct event *ev = &t->ev;

	switch (verdict) {
	case VERDICT_PASS:
		pass(t);
		break;
	case VERDICT_LEAVE:
		task_write_line(t);
		t->result->counts.passed++;
		break;
	case VERDICT_TURN_AWAY:
		turn_away(t);
		break;
	case VERDICT_DROP:
		t->result->counts.dropped++;
		break;
	case VERDICT_EMPTY:
		give_nothing(t);
		break;
	case VERDICT_WRITTEN:
		if (!buf_fits(&t->result->out))
			arena_exceed(&t->arena);
		t->result->counts.passed++;
		count_lines(t, from);
		break;
	case VERDICT_REJECT:
		task_fail(t, ev->reason != NULL ? ev->reason : ev->error);
		break;
	case VERDICT_WITHHOLD:
		task_take_back(t);
		task_reject(t, &ev->line, false, 0, ev->error);
		break;
	case VERDICT_ABORT:
	case VERDICT_AT_ONCE: /* only where it was asked for */
		task_abort(t, ev->reason != NULL ? ev->reason : ev->error);
		break;
	}
	task_spill(t);
}

void
verdict_run(struct task *t, struct value root)
{
	struct event *ev = &t->ev;
	size_t from = t->result->out.len;
	bool found = t->found;
	const char *why;

	ev->root = root;
	ev->context.lineage = ev->history;
	t->found = false; /* nothing of it is told before it is admitted */
	why = policed_admits(t->stage->set->policed, ev);
	if (why != NULL) {
		task_reject(t, NULL, false, 0, why);
		return;
	}
	t->found = found;
	verdict_carry_out(t, t->stage->command->event(ev, t->stage->arg), from);
}

bool
verdict_time(struct task *t, int64_t time, int64_t *passed_on)
{
	size_t from = t->result->out.len;

	t->ev.root = VALUE_OF(VALUE_NULL);
	*passed_on = time;
	if (t->stage->command->time(&t->ev, t->stage->arg, time, passed_on) ==
	    VERDICT_ABORT) {
		task_abort(t, t->ev.error);
		return false;
	}
	count_lines(t, from);
	return true;
}

bool
verdict_seal(struct task *t, struct value root)
{
	struct event *ev = &t->ev;
	size_t from = t->result->out.len;

	ev->root = root;
	ev->history = array_none();
	if (t->stage->command->seal(ev, t->stage->arg) == VERDICT_REJECT) {
		task_take_back(t);
		return false;
	}
	count_lines(t, from);
	return true;
}

void
verdict_end(struct task *t, bool cut)
{
	size_t from = t->result->out.len;

	t->ev.root = VALUE_OF(VALUE_NULL);
	t->ev.window = NULL; /* it happens behind the last line */
	if (t->stage->command->end(&t->ev, t->stage->arg, cut) !=
	    VERDICT_ABORT) {
		count_lines(t, from);
		return;
	}
	t->result->counts.read++; /* the last line was worked on */
	task_abort(t, t->ev.error);
}
