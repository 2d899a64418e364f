#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/forgetting.h"
#include "driver/rejects.h"
#include "driver/task.h"
#include "driver/trail.h"

/* Note where the result stands. */
static void
remember(struct task *t)
{
	const struct result *r = t->result;

	t->before.out = r->out.len;
	t->before.turned_away = r->turned_away.len;
	t->before.trail = r->trail.len;
	t->before.forks = r->counts.forks;
	t->before.written = r->written;
	t->before.counted = r->counts.written;
	t->before.truncated = r->counts.truncated;
}

/* What is written from now on is charged to the event. */
static void
charge(struct task *t)
{
	buf_charge(&t->result->out, &t->arena.account);
	if (t->stage->set->else_file != NULL)
		buf_charge(&t->result->turned_away, &t->arena.account);
}

void
task_settle(struct task *t)
{
	buf_settle(&t->result->out);
	buf_settle(&t->result->turned_away);
}

void
task_begin(struct task *t)
{
	arena_reset(&t->arena);
	charge(t);
	task_forget(t);
	remember(t);
}

void
task_forget(struct task *t)
{
	struct event *ev = &t->ev;

	ev->record = (struct record){0};
	ev->reason = NULL;
	ev->lineage = NULL;
	ev->rejects_head = NULL;
	ev->forgotten = NULL;
	ev->column = 0;
	event_put_nothing(ev);
	ev->steps_n = 0;
	ev->out = &t->result->out;
	t->found = false;
	ev->prepared = NULL;
	ev->later = NULL;
	t->timed = false;
}

void
task_take_back(struct task *t)
{
	struct result *r = t->result;

	buf_back(&r->out, t->before.out);
	buf_back(&r->turned_away, t->before.turned_away);
	buf_back(&r->trail, t->before.trail);
	r->counts.forks = t->before.forks;
	r->written = t->before.written;
	r->counts.written = t->before.counted;
	r->counts.truncated = t->before.truncated;
}

void
task_hand_on(struct task *t)
{
	task_settle(t);
	t->spill(t->spill_arg, t->result);
	remember(t);
	charge(t);
}

/*
 * Cut a buffer where a put found no memory: what stands before is whole, and
 * nothing is to follow.
 */
static void
cut_failed(struct task *t, struct buf *b, size_t whole)
{
	if (!buf_failed(b))
		return;
	buf_back(b, whole);
	t->result->no_memory = true;
}

/* Write the event's line, unless out finds no memory. */
static size_t
put_event(struct task *t, struct buf *out, struct value now)
{
	struct event *ev = &t->ev;
	const struct stage *s = t->stage;
	const struct line *line = s->set->raw ? NULL : &ev->line;
	size_t from = out->len;
	const struct lineage *l =
	    ev->lineage != NULL ? ev->lineage : &s->lineage;

	if (ev->steps_n > 0)
		t->result->counts.truncated +=
		    lineage_write_steps(out, &t->arena, ev->steps, ev->steps_n,
			ev->history, task_stamp(t));
	else if (!lineage_write(out, &t->arena, l, line, ev->root, now,
		     ev->history, &ev->record, task_stamp(t)))
		t->result->counts.truncated++;
	if (ev->forgotten != NULL)
		forgetting_written(s, ev, out, from);
	return from;
}

/* Does the line that stands in out from a byte on pass the checks? */
static bool
check_line(struct task *t, const struct buf *out, size_t from)
{
	return checks_line(
	    &t->stage->checks, &t->ev, out->p + from, out->len - from - 1);
}

bool
task_write(struct task *t, struct buf *out, struct value now)
{
	size_t from = put_event(t, out, now);

	if (!buf_fits(out))
		arena_exceed(&t->arena);
	return check_line(t, out, from);
}

void
task_write_line(struct task *t)
{
	struct buf *out = &t->result->out;
	const struct line *line = &t->ev.line;
	size_t from = out->len;

	buf_put(out, line->text, line->len);
	buf_putc(out, '\n');
	cut_failed(t, out, from);
	task_count_output(t);
}

void
task_unwrite(struct task *t, size_t from, uint64_t truncated)
{
	buf_back(&t->result->out, from);
	t->result->counts.truncated = truncated;
}

void
task_commit(struct task *t)
{
	t->committed = true;
	/* The second time takes no more than the first one. */
	t->arena.account.limit = SIZE_MAX;
	task_settle(t);
	task_spill(t);
}

void
task_write_again(struct task *t, struct value now)
{
	struct buf *out = &t->result->out;
	size_t from = put_event(t, out, now);

	cut_failed(t, out, from);
	task_count_output(t);
	task_spill(t);
}

/* "access.ndjson:17:204: ", or nothing behind the last line. */
static void
put_place(const struct task *t, size_t column, struct buf *b)
{
	const char *name = t->ev.window == NULL ? NULL : t->ev.window->name;

	if (name == NULL)
		return;
	complain_visible(b, name, strlen(name));
	buf_printf(b, ":%" PRIu64 ":", event_number(&t->ev));
	if (column > 0 && !input_kind_is_whole(t->kind))
		buf_printf(b, "%zu:", column);
	buf_putc(b, ' ');
}

/* "ms-map: access.ndjson:17:204: expected ',' or '}'" */
static void
tell(struct task *t, size_t column, const char *error)
{
	struct result *r = t->result;
	struct buf *b = &r->messages;
	size_t from = b->len;

	if (r->messages_n == MESSAGES || !kinds_note(&r->kinds, t->kind))
		return;
	r->messages_n++;
	if (t->kind != INPUT_EVENTS)
		buf_printf(b, "\1%c", 'a' + (int)t->kind);
	buf_printf(b, "%s: ", t->stage->command->name);
	put_place(t, column, b);
	if (t->kind == INPUT_EVENTS || t->kind == INPUT_PADDED)
		complain_visible(b, error, strlen(error));
	else
		input_kind_tell(b, t->kind,
		    strcmp(t->ev.window->source, "-") == 0 ? NULL
							   : t->ev.window->name,
		    t->stage->command->name);
	buf_putc(b, '\n');
	cut_failed(t, b, from);
}

const struct buf *
task_rejects_head(const struct task *t, bool is_event)
{
	const struct stage *s = t->stage;
	const struct event *ev = &t->ev;

	if (ev->rejects_head != NULL)
		return ev->rejects_head;
	if (is_event && ev->forgotten != NULL && s->set->rule != NULL &&
	    needles_in(ev->forgotten, s->set->rule, s->set->rule_len))
		return &s->rejects_silent;
	return &s->rejects_head;
}

/* Write it to the rejects, wherever they go. */
static void
put_reject(struct task *t, const struct reject *r)
{
	const struct stage *s = t->stage;
	struct buf *out =
	    s->rejects_too ? &t->result->out : &t->result->rejects;
	size_t from = out->len;

	rejects_put(out, task_rejects_head(t, r->is_object), r);
	cut_failed(t, out, from);
	if (s->rejects_too)
		task_count_output(t);
}

/*
 * Bytes of the end of a line, which may be the last and lack its newline; one
 * that was written anew has one.
 */
static size_t
line_end(const struct task *t, const char *p)
{
	const struct window *w = t->ev.window;
	const char *end = w->text + w->len;
	size_t n = 0;

	if ((uintptr_t)p < (uintptr_t)w->text || (uintptr_t)p > (uintptr_t)end)
		return 1;
	while (p + n < end && p[n] == '\r')
		n++;
	return p + n < end && p[n] == '\n' ? n + 1 : n;
}

void
task_reject(struct task *t, const struct line *line, bool is_object,
    size_t column, const char *error)
{
	const struct stage *s = t->stage;
	struct reject r = {
	    .at = task_stamp(t),
	    .source = t->ev.window->source,
	    .line = event_number(&t->ev),
	    .column = column,
	    .error = error,
	    .text = line == NULL ? NULL : line->text,
	    .len = line == NULL ? 0 : line->len,
	    .is_object = is_object,
	};

	if (s->set->withholds && line != NULL) {
		r.withheld = s->set->forget_late || !t->found || !is_object;
		if (t->found && is_object)
			r.error = error = forgetting_reason(s, &t->ev, error);
	}
	if (r.withheld)
		r.text = NULL;
	if (r.text != NULL) {
		r.end = line->text + line->len;
		r.end_len = line_end(t, r.end);
	}
	task_settle(t); /* a reject isn't the event's own output */
	t->result->counts.rejected++;
	tell(t, column, error);
	t->kind = INPUT_EVENTS;
	if (s->set->rejects != NULL)
		put_reject(t, &r);
	if (s->set->trail != NULL)
		trail_reject(t, &r);
	if (s->set->on_error == ON_ERROR_STOP)
		t->result->stopped = true;
}

void
task_reject_made(struct task *t, const char *text, size_t len, bool withheld)
{
	const struct settings *set = t->stage->set;
	const struct window *w = t->ev.window;
	const struct event *ev = &t->ev;
	char error[sizeof(ev->error) + 16];
	struct reject r = {
	    .at = task_stamp(t),
	    .source = w == NULL ? "-" : w->source,
	    .line = w == NULL ? 0 : event_number(ev),
	    .error = error,
	    .text = withheld ? NULL : text,
	    .len = len,
	    .end = "\n",
	    .end_len = 1,
	    .is_object = true,
	    .withheld = withheld,
	};

	snprintf(error, sizeof(error), "a result: %s",
	    forgetting_reason(t->stage, ev, ev->error));
	t->result->counts.rejected++;
	tell(t, 0, error);
	if (set->rejects != NULL)
		put_reject(t, &r);
	if (set->trail != NULL)
		trail_made(t, &r);
	if (set->on_error == ON_ERROR_STOP)
		t->result->stopped = true;
}

/*
 * Write the event as it came, with a record that says why it stayed so;
 * readers of histories write no record.  What the event holds isn't changed,
 * so that no memory of the arena is asked for.
 */
static bool
write_failed(struct task *t, const char *error)
{
	struct event *ev = &t->ev;
	struct buf *out = &t->result->out;
	size_t from = out->len;

	task_count_output(t);
	if (t->stage->command->reads_histories) {
		buf_put(out, ev->line.text, ev->line.len);
		buf_putc(out, '\n');
	} else {
		ev->record = (struct record){.failed = error};
		ev->steps_n = 0;
		put_event(t, out, ev->root);
	}
	cut_failed(t, out, from);
	return t->result->no_memory || check_line(t, out, from);
}

/* Why it fails; a line of -R may hold anything, and be told of. */
static const char *
reason(const struct task *t, const char *error)
{
	const struct event *ev = &t->ev;
	const struct settings *set = t->stage->set;

	if (set->raw && set->withholds &&
	    (error == ev->error || error == ev->reason))
		return "why may tell what the policy has forgotten or masked";
	return error;
}

void
task_fail(struct task *t, const char *error)
{
	const struct settings *set = t->stage->set;

	error = reason(t, error);
	task_take_back(t);
	if (set->on_error != ON_ERROR_PASS || set->raw || set->forget_late) {
		task_reject(t, &t->ev.line, !set->raw, t->ev.column, error);
		return;
	}
	task_settle(t);
	if (!set->count_only && !write_failed(t, error)) {
		/* With the record it would break a limit. */
		task_take_back(t);
		task_reject(t, &t->ev.line, true, t->ev.column, error);
		return;
	}
	t->result->counts.failed++;
	tell(t, t->ev.column, forgetting_reason(t->stage, &t->ev, error));
}

void
task_abort(struct task *t, const char *error)
{
	task_take_back(t);
	t->result->counts.read--; /* it wasn't worked on */
	buf_printf(&t->result->failure, "%s: ", t->stage->command->name);
	put_place(t, 0, &t->result->failure);
	error = forgetting_reason(t->stage, &t->ev, error);
	complain_visible(&t->result->failure, error, strlen(error));
	buf_putc(&t->result->failure, '\n');
	t->result->stopped = t->result->aborted = true;
}
