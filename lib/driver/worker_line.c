/*
 * A line is an event, a control line, or none of them.
 */
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/utf8.h"
#include "driver/control.h"
#include "driver/policed.h"
#include "driver/size.h"
#include "driver/verdict.h"
#include "driver/worker_parts.h"
#include "value/array.h"
#include "value/string.h"

/* A control line: it goes where the events go, in its place. */
static void
hand_on(struct worker *w)
{
	const struct settings *set = w->task.stage->set;
	struct result *r = w->task.result;
	const struct line *line = &w->task.ev.line;

	r->read++;
	if (set->document || set->count_only)
		return; /* what is written is no stream that it could be in */
	buf_put(&r->out, line->text, line->len);
	buf_putc(&r->out, '\n');
	r->written++;
}

static void
note_barrier(struct worker *w)
{
	struct result *r = w->task.result;
	const struct line *line = &w->task.ev.line;
	struct barrier b;

	if (!control_read_barrier(&b, line->text, line->len)) {
		r->counts.read++;
		r->read++;
		task_reject(
		    &w->task, line, false, 0, "a barrier needs a count n");
		return;
	}
	result_mark(r, &b, line->text, line->len);
	if (w->task.stage->set->batches || w->task.stage->set->beside)
		task_hand_on(&w->task); /* what it ends is complete now */
}

/* Hand on a line of time, which says another time behind what it closed. */
static void
put_time(struct worker *w, const char *from, const char *to, int64_t time)
{
	struct result *r = w->task.result;
	const struct line *line = &w->task.ev.line;
	const char *end = line->text + line->len;
	char text[INSTANT_TEXT];

	r->read++;
	r->written++;
	buf_put(&r->out, line->text, (size_t)(from - line->text));
	buf_putc(&r->out, '"');
	buf_put(&r->out, text, instant_format(time, text));
	buf_putc(&r->out, '"');
	buf_put(&r->out, to, (size_t)(end - to));
	buf_putc(&r->out, '\n');
}

/* The time passes: the command may have something to say before. */
static void
take_time(struct worker *w)
{
	const struct doc *d = &w->scan.doc;
	uint32_t e = w->task.ev.line.root + 3; /* behind the first key */
	struct value v = value_source(d, e);
	const char *from = d->text + d->at[e];
	int64_t time, passed_on;

	task_begin(&w->task);
	if (value_is_string(v))
		v = string_decoded(&w->task.arena, v);
	if (!value_is_string(v) || !instant_parse(v.text, v.n, &time)) {
		task_count(&w->task);
		task_reject(&w->task, &w->task.ev.line, false, 0,
		    "ms.time says no time as 2026-11-25T18:00:00Z");
		return;
	}
	if (!verdict_time(&w->task, time, &passed_on))
		return;
	if (passed_on != time)
		put_time(w, from, doc_end(d, e), passed_on);
	else
		hand_on(w);
	task_spill(&w->task);
}

/* A signature, which this command makes or checks. */
static void
take_seal(struct worker *w)
{
	task_begin(&w->task);
	if (!verdict_seal(
		&w->task, value_source(&w->scan.doc, w->task.ev.line.root))) {
		task_count(&w->task);
		task_reject(
		    &w->task, &w->task.ev.line, false, 0, w->task.ev.error);
		return;
	}
	w->task.result->read++;
	task_spill(&w->task);
}

/* Take a control line, whose first key is given. */
static void
take_control(struct worker *w, const char *key)
{
	const struct line *line = &w->task.ev.line;

	if (control_is_barrier(key, line->text + line->len))
		note_barrier(w);
	else if (w->task.stage->command->time != NULL &&
	    control_is_time(key, line->text + line->len))
		take_time(w);
	else if (w->task.stage->command->seal != NULL &&
	    control_is_seal(key, line->text + line->len))
		take_seal(w);
	else
		hand_on(w);
}

void
worker_reject_long(struct worker *w)
{
	char limit[SIZE_TEXT], error[64];

	size_format(limit, w->task.stage->set->max_line);
	snprintf(error, sizeof(error), "line is longer than %s", limit);
	task_count(&w->task);
	task_reject(&w->task, NULL, false, 0, error);
}

/* What the line in hand, wrong at that column, says about its input. */
static enum input_kind
kind_of(const struct worker *w, size_t column)
{
	const struct event *ev = &w->task.ev;

	return input_kind_of(ev->line.text, ev->line.len,
	    ev->window->first && ev->index == 1, column);
}

/* Take out of the event what is to go; false where it is a reject instead. */
static bool
take_out(struct worker *w)
{
	struct task *t = &w->task;
	const char *why = NULL;

	switch (forgetting_event(&w->forgetting, &t->ev, &why)) {
	case FORGETTING_NOTHING:
	case FORGETTING_DONE:
		return true;
	case FORGETTING_FAILED:
		task_reject(t, &t->ev.line, true, 0, why);
		return false;
	default:
		t->result->no_memory = true;
		return false;
	}
}

/*
 * May a control line be handed on?  What is to be taken out of events, or to be
 * masked before they come here, may not come along in one.
 */
static bool
tells_nothing(struct worker *w)
{
	struct task *t = &w->task;
	const struct settings *set = t->stage->set;
	const char *why = NULL;

	if (!set->withholds || set->forget_late)
		return true;
	task_begin(t);
	t->ev.root = value_source(&w->scan.doc, t->ev.line.root);
	t->ev.history = array_none();
	if (set->forget != NULL &&
	    forgetting_event(&w->forgetting, &t->ev, &why) !=
		FORGETTING_NOTHING)
		why = "a control line holds what is to be masked or forgotten";
	if (why == NULL)
		why = policed_admits(set->policed, &t->ev);
	if (why == NULL)
		return true;
	t->ev.forgotten = NULL;
	task_count(t);
	task_reject(t, &t->ev.line, false, 0, why);
	return false;
}

static void
take_object(struct worker *w)
{
	struct event *ev = &w->task.ev;
	const struct doc *d = &w->scan.doc;
	uint32_t root = ev->line.root;
	const char *why;

	if (d->text[d->at[root]] != '{') {
		struct value v = value_source(d, root);

		w->task.kind = kind_of(w, 0);
		event_fail(ev, "an event is a JSON object, this is %s%s",
		    event_article(v), value_type(v));
		task_count(&w->task);
		task_reject(&w->task, &ev->line, false, 0, ev->error);
		return;
	}
	if (control_at(d->text + d->at[root + 1])) {
		if (tells_nothing(w))
			take_control(w, d->text + d->at[root + 1]);
		return;
	}
	task_count(&w->task);
	task_begin(&w->task);
	why = lineage_find(&w->task.stage->lineage, &w->task.arena,
	    &w->scan.doc, root, &ev->history);
	if (why != NULL) {
		task_reject(&w->task, &ev->line, true, 0, why);
		return;
	}
	ev->root = value_source(d, root);
	if (w->task.stage->set->forget != NULL &&
	    !w->task.stage->set->forget_late && !take_out(w))
		return;
	w->task.found = true;
	verdict_run(&w->task, ev->root);
}

/*
 * The key of the control line in hand, which nobody has scanned; NULL where
 * it is a line of text.
 */
static const char *
raw_control(const struct line *line)
{
	const char *key = control_key(line->text, line->len);

	if (key == NULL || control_is_barrier(key, line->text + line->len))
		return key;
	return control_is_json(line->text, line->len) ? key : NULL;
}

static void
take_text(struct worker *w)
{
	struct event *ev = &w->task.ev;
	struct line *line = &ev->line;
	size_t bad = utf8_check(line->text, line->len);
	const char *key = raw_control(line);

	if (key != NULL) {
		take_control(w, key);
		return;
	}
	task_count(&w->task);
	task_begin(&w->task);
	if (bad < line->len) {
		w->task.kind = kind_of(w, bad + 1);
		task_reject(
		    &w->task, line, false, bad + 1, "the line is not UTF-8");
		return;
	}
	ev->history = array_none();
	event_origin(ev);
	verdict_run(&w->task, value_text(line->text, line->len));
}

bool
worker_take_raw_line(struct worker *w)
{
	struct line *line = &w->task.ev.line;

	if (scan_raw_line(&w->scan, line) == SCAN_END)
		return false;
	w->task.ev.index++;
	if (line->len == 0)
		return true;
	if (line->len > w->task.stage->set->max_line) {
		worker_reject_long(w);
		return true;
	}
	take_text(w);
	return true;
}

void
worker_reject_padding(struct worker *w, size_t n)
{
	char error[96];

	snprintf(error, sizeof(error),
	    "%zu NUL byte%s before the event, as a crash leaves them: passed "
	    "over",
	    n, n == 1 ? "" : "s");
	w->task.kind = INPUT_PADDED;
	w->task.result->counts.read++;
	task_reject(&w->task, NULL, false, 0, error);
	w->task.ev.index--;
}

/* Is the line in hand that?  Then go on with the event. */
static bool
pass_padding(struct worker *w)
{
	const struct line *line = &w->task.ev.line;
	size_t n = 0;

	while (n < line->len && line->text[n] == '\0')
		n++;
	if (n == 0 || line->len - n < 2 || line->text[n] != '{' ||
	    line->text[n + 1] == '\0')
		return false;
	worker_reject_padding(w, n);
	w->resume = line->text + n;
	return true;
}

static void
reject_bad(struct worker *w)
{
	const struct line *line = &w->task.ev.line;

	w->task.kind = kind_of(w, line->error.column);
	task_count(&w->task);
	task_reject(
	    &w->task, line, false, line->error.column, line->error.reason);
}

void
worker_take_scanned(struct worker *w, enum scan_status status)
{
	struct line *line = &w->task.ev.line;

	if (status == SCAN_BLANK || (status == SCAN_BAD && pass_padding(w)))
		return;
	if (line->len > w->task.stage->set->max_line)
		worker_reject_long(w);
	else if (status == SCAN_BAD)
		reject_bad(w);
	else
		take_object(w);
}

bool
worker_take_line(struct worker *w)
{
	enum scan_status status = scan_line(&w->scan, &w->task.ev.line);

	if (status == SCAN_END)
		return false;
	w->task.ev.index++;
	worker_take_scanned(w, status);
	return true;
}
