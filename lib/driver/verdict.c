#include <stddef.h>

#include "driver/make.h"
#include "driver/verdict.h"
#include "value/array.h"
#include "driver/size.h"

/* Would the next stage, with the same limit, read a line of that length? */
static bool
fits_line(struct task *t, size_t len)
{
	char limit[SIZE_TEXT];

	if (len <= t->stage->set->max_line)
		return true;
	size_format(limit, t->stage->set->max_line);
	event_fail(&t->ev,
	    "the event and its history would be a line longer than %s", limit);
	return false;
}

static bool
write_event(struct task *t, struct buf *out, struct value now)
{
	struct event *ev = &t->ev;
	const struct stage *s = t->stage;
	const struct line *line = s->set->raw ? NULL : &ev->line;
	size_t from = out->len;

	if (!lineage_write(out, &t->arena, &s->lineage, line, ev->root, now,
		ev->history, &ev->record, clock_stamp(&t->clock)))
		t->result->counts.truncated++;
	if (!buf_fits(out))
		arena_exceed(&t->arena);
	return fits_line(t, out->len - from - 1) &&
	    event_written(ev, out, from) == VERDICT_WRITTEN;
}

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
	if (!is_untouched(t) && !checks_pass(&t->stage->checks, ev)) {
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
		if (!write_event(t, &r->out, ev->outputs[i])) {
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
		if (!write_event(t, out, ev->root)) {
			task_fail(t, ev->error);
			return;
		}
		if (too)
			task_count_output(t);
	}
	r->counts.turned_away++;
}

bool
event_make(struct event *ev, struct arena *a, struct value former,
    struct value v, const struct record *record)
{
	struct task *t =
	    (struct task *)((char *)ev - offsetof(struct task, ev));
	struct value none = value_share(array_new(a, 0));
	struct line line = {.text = NULL};
	struct buf *out = &t->result->out;
	size_t from = out->len;

	if (former.kind == VALUE_RAW_OBJECT)
		line = (struct line){.text = former.doc->text,
		    .len = former.doc->len,
		    .root = former.n};
	if (!lineage_write(out, a, &t->stage->lineage,
		line.text == NULL ? NULL : &line, former, v, none, record,
		clock_stamp(&t->clock)))
		t->result->counts.truncated++;
	return event_written(ev, out, from) == VERDICT_WRITTEN;
}

/* Count the lines that the callback wrote itself, from byte from on. */
static void
count_lines(struct task *t, size_t from)
{
	const struct buf *out = &t->result->out;
	uint64_t lines = 0;

	for (size_t i = from; i < out->len; i++)
		lines += out->p[i] == '\n';
	t->result->counts.written += lines;
	t->result->written += lines;
}

static void
carry_out(struct task *t, enum verdict verdict, size_t from)
{
	struct event *ev = &t->ev;

	switch (verdict) {
	case VERDICT_PASS:
		pass(t);
		break;
	case VERDICT_TURN_AWAY:
		turn_away(t);
		break;
	case VERDICT_DROP:
		t->result->counts.dropped++;
		break;
	case VERDICT_WRITTEN:
		if (!buf_fits(&t->result->out))
			arena_exceed(&t->arena);
		t->result->counts.passed++;
		count_lines(t, from);
		break;
	case VERDICT_REJECT:
		task_fail(t, ev->error);
		break;
	case VERDICT_ABORT:
		task_abort(t, ev->error);
		break;
	}
	task_spill(t);
}

void
verdict_run(struct task *t, struct value root)
{
	struct event *ev = &t->ev;
	size_t from = t->result->out.len;

	ev->root = root;
	ev->context.lineage = ev->history;
	carry_out(t, t->stage->command->event(ev, t->stage->arg), from);
}

void
verdict_end(struct task *t)
{
	size_t from = t->result->out.len;

	t->ev.root = VALUE_OF(VALUE_NULL);
	if (t->stage->command->end(&t->ev, t->stage->arg) == VERDICT_ABORT)
		task_abort(t, t->ev.error);
	else
		count_lines(t, from);
}
