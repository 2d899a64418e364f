#include <inttypes.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/rejects.h"
#include "driver/task.h"

enum { SPILL = 1024 * 1024 }; /* of output that a result holds at ease */

/* Note where the result stands. */
static void
remember(struct task *t)
{
	const struct result *r = t->result;

	t->before.out = r->out.len;
	t->before.turned_away = r->turned_away.len;
	t->before.written = r->written;
	t->before.counted = r->counts.written;
	t->before.truncated = r->counts.truncated;
}

void
task_begin(struct task *t)
{
	struct event *ev = &t->ev;

	arena_reset(&t->arena);
	ev->record = (struct record){0};
	ev->outputs = NULL;
	ev->outputs_n = ev->outputs_cap = 0;
	ev->out = &t->result->out;
	t->found = false;
	remember(t);
}

void
task_count(struct task *t)
{
	t->result->counts.read++;
	t->result->read++;
}

void
task_count_output(struct task *t)
{
	t->result->counts.written++;
	t->result->written++;
}

void
task_take_back(struct task *t)
{
	struct result *r = t->result;

	r->out.len = t->before.out;
	r->turned_away.len = t->before.turned_away;
	r->written = t->before.written;
	r->counts.written = t->before.counted;
	r->counts.truncated = t->before.truncated;
}

void
task_spill(struct task *t)
{
	struct result *r = t->result;

	if (r->out.len + r->turned_away.len + r->rejects.len > SPILL) {
		t->spill(t->spill_arg, r);
		remember(t);
	}
}

bool
task_write(struct task *t, struct buf *out, struct value now)
{
	struct event *ev = &t->ev;
	const struct stage *s = t->stage;
	const struct line *line = s->set->raw ? NULL : &ev->line;
	size_t from = out->len;

	if (!lineage_write(out, &t->arena, &s->lineage, line, ev->root, now,
		ev->history, &ev->record, clock_stamp(&t->clock)))
		t->result->counts.truncated++;
	return buf_failed(out) || /* whoever sends it on asks */
	    checks_line(&s->checks, ev, out->p + from, out->len - from - 1);
}

/* "ms-map: access.ndjson:17:204: expected ',' or '}'" */
static void
tell(struct task *t, size_t column, const char *error)
{
	struct result *r = t->result;
	struct buf *b = &r->messages;

	if (r->messages_n == MESSAGES)
		return;
	r->messages_n++;
	buf_printf(b, "%s: ", t->stage->command->name);
	complain_visible(b, t->ev.window->name, strlen(t->ev.window->name));
	buf_printf(b, ":%" PRIu64 ":", event_number(&t->ev));
	if (column > 0)
		buf_printf(b, "%zu:", column);
	buf_putc(b, ' ');
	complain_visible(b, error, strlen(error));
	buf_putc(b, '\n');
}

/* Bytes of the end of a line, which may be the last and lack its newline. */
static size_t
line_end(const struct task *t, const char *p)
{
	const struct window *w = t->ev.window;
	const char *end = w->text + w->len;
	size_t n = 0;

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
	    .at = clock_stamp(&t->clock),
	    .source = t->ev.window->source,
	    .line = event_number(&t->ev),
	    .column = column,
	    .error = error,
	    .text = line == NULL ? NULL : line->text,
	    .len = line == NULL ? 0 : line->len,
	    .is_object = is_object,
	};

	if (line != NULL) {
		r.end = line->text + line->len;
		r.end_len = line_end(t, r.end);
	}
	t->result->counts.rejected++;
	tell(t, column, error);
	if (s->rejects_too) {
		rejects_put(&t->result->out, &s->rejects_head, &r);
		task_count_output(t);
	} else if (s->set->rejects != NULL) {
		rejects_put(&t->result->rejects, &s->rejects_head, &r);
	}
	if (s->set->on_error == ON_ERROR_STOP)
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

	task_count_output(t);
	if (t->stage->command->reads_histories) {
		buf_put(out, ev->line.text, ev->line.len);
		buf_putc(out, '\n');
		return true;
	}
	ev->record = (struct record){.failed = error};
	return task_write(t, out, ev->root);
}

void
task_fail(struct task *t, const char *error)
{
	const struct settings *set = t->stage->set;

	task_take_back(t);
	if (set->on_error != ON_ERROR_PASS || set->raw) {
		task_reject(t, &t->ev.line, !set->raw, 0, error);
		return;
	}
	if (!set->count_only && !write_failed(t, error)) {
		/* With the record it would break a limit. */
		task_take_back(t);
		task_reject(t, &t->ev.line, true, 0, error);
		return;
	}
	t->result->counts.failed++;
	tell(t, 0, error);
}
