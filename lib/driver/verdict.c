#include "driver/verdict.h"

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

static void
pass(struct task *t)
{
	struct event *ev = &t->ev;
	struct result *r = t->result;

	if (ev->outputs_n == 0)
		event_put(ev, ev->root);
	if (!is_untouched(t) && !checks_outputs(&t->stage->checks, ev)) {
		task_fail(t, ev->error);
		return;
	}
	if (t->stage->set->count_only)
		ev->outputs_n = 0;
	for (size_t i = 0; i < ev->outputs_n; i++) {
		if (ev->outputs_n > 1) {
			ev->record.fork_i = i + 1;
			ev->record.fork_n = ev->outputs_n;
		}
		if (!task_write(t, &r->out, ev->outputs[i])) {
			task_fail(t, ev->error);
			return;
		}
		task_count_output(t);
		task_spill(t);
	}
	r->counts.passed++;
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
}

/* The program made nothing of the line. */
static void
give_nothing(struct task *t)
{
	const struct settings *set = t->stage->set;

	if (set->no_output == NO_OUTPUT_DROP)
		t->result->counts.dropped++;
	else
		task_fail(t,
		    set->raw ? "no event was made of this line"
			     : "the program gave no output");
}

/* Count the lines that the callback wrote itself, from byte from on. */
static void
count_written(struct task *t, size_t from)
{
	const struct buf *out = &t->result->out;
	uint64_t lines = 0;

	for (size_t i = from; i < out->len; i++)
		lines += out->p[i] == '\n';
	t->result->counts.passed++;
	t->result->counts.written += lines;
	t->result->written += lines;
}

void
verdict_run(struct task *t, struct value root)
{
	struct event *ev = &t->ev;
	size_t from = t->result->out.len;

	ev->root = root;
	ev->context.lineage = ev->history;
	switch (t->stage->command->event(ev, t->stage->arg)) {
	case VERDICT_PASS:
		pass(t);
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
		count_written(t, from);
		break;
	case VERDICT_REJECT:
		task_fail(t, ev->reason != NULL ? ev->reason : ev->error);
		break;
	}
	task_spill(t);
}
