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

void
task_fail(struct task *t, const char *error)
{
	struct result *r = t->result;
	const struct settings *set = t->stage->set;

	task_take_back(t);
	if (set->on_error != ON_ERROR_PASS || set->raw) {
		task_reject(t, &t->ev.line, !set->raw, 0, error);
		return;
	}
	r->counts.failed++;
	tell(t, 0, error);
	if (set->count_only)
		return;
	buf_put(&r->out, t->ev.line.text, t->ev.line.len);
	buf_putc(&r->out, '\n');
	task_count_output(t);
}

void
task_abort(struct task *t, const char *error)
{
	task_take_back(t);
	t->result->counts.read--; /* it wasn't worked on */
	t->result->messages_n = 0;
	tell(t, 0, error);
	t->result->stopped = t->result->aborted = true;
}
