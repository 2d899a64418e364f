#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/utf8.h"
#include "driver/control.h"
#include "driver/size.h"
#include "driver/stack.h"
#include "driver/task.h"
#include "driver/verdict.h"
#include "driver/worker.h"
#include "json/layout.h"
#include "value/array.h"
#include "value/string.h"

enum { ENTRIES = 1024 * 1024 }; /* bytes that those of a piece take at most */

struct worker {
	struct task task;
	struct scan scan;
	struct account entries; /* of the scan, whose lines may be long */
	struct keys keys;
	jmp_buf overflow;
	struct buf origin;  /* of events from the source in hand */
	const char *resume; /* where to go on in the piece, or NULL */
};

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

/*
 * Reject a line for its length.  What was read of it isn't kept: how much
 * that is depends on how the bytes came.
 */
static void
reject_long(struct worker *w)
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
	w->task.found = true;
	verdict_run(&w->task, value_source(d, root));
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
	ev->history = value_share(array_new(&w->task.arena, 0));
	event_origin(ev);
	verdict_run(&w->task, value_text(line->text, line->len));
}

static bool
take_raw_line(struct worker *w)
{
	struct line *line = &w->task.ev.line;

	if (scan_raw_line(&w->scan, line) == SCAN_END)
		return false;
	w->task.ev.index++;
	if (line->len == 0)
		return true;
	if (line->len > w->task.stage->set->max_line) {
		reject_long(w);
		return true;
	}
	take_text(w);
	return true;
}

/*
 * NUL bytes that stand before an event, where a crash left a hole: they are
 * a reject, and the event is the line that comes next, of the same number.
 */
static void
reject_padding(struct worker *w, size_t n)
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
	reject_padding(w, n);
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

/* Work on the next line of the piece; false where none is left. */
static bool
take_line(struct worker *w)
{
	struct line *line = &w->task.ev.line;
	enum scan_status status = scan_line(&w->scan, line);

	if (status == SCAN_END)
		return false;
	w->task.ev.index++;
	if (status == SCAN_BLANK)
		return true;
	if (status == SCAN_BAD && pass_padding(w))
		return true;
	if (line->len > w->task.stage->set->max_line) {
		reject_long(w);
	} else if (status == SCAN_BAD) {
		reject_bad(w);
	} else {
		take_object(w);
	}
	return true;
}

enum { ERROR = 96 }; /* bytes of such a message */

/* Say which memory, or what else, ended. */
static void
say_greedy(struct worker *w, char error[ERROR])
{
	struct account *account = &w->task.arena.account;
	char size[SIZE_TEXT];

	size_format(size, w->task.stage->set->max_memory);
	if (account->deep)
		snprintf(error, ERROR,
		    "the event is nested too deeply for the stack");
	else if (account->starved)
		snprintf(
		    error, ERROR, "the event needs more memory than there is");
	else
		snprintf(error, ERROR, "the event needs more than %s of memory",
		    size);
	account->starved = account->deep = false;
}

/* A line whose structure alone takes more than an event may. */
static void
reject_entries(struct worker *w, const char *text, size_t len)
{
	struct line *line = &w->task.ev.line;
	char error[ERROR];

	*line = (struct line){.text = text, .len = len};
	if (len > 0 && text[len - 1] == '\n')
		line->len--;
	if (line->len > 0 && text[line->len - 1] == '\r')
		line->len--;
	w->task.ev.index++;
	if (line->len > w->task.stage->set->max_line) {
		reject_long(w);
		return;
	}
	task_count(&w->task);
	say_greedy(w, error);
	task_reject(&w->task, line, false, 0, error);
}

/* An event asked for more than its arena may hold. */
static void
reject_greedy(struct worker *w)
{
	char error[ERROR];

	if (w->task.committed) {
		/* A part of its outputs is written: it can't be a reject. */
		task_take_back(&w->task);
		w->task.result->no_memory = true;
		return;
	}
	arena_reset(&w->task.arena);
	say_greedy(w, error);
	if (w->task.found) {
		w->task.ev.root =
		    value_source(&w->scan.doc, w->task.ev.line.root);
		task_fail(&w->task, error);
		return;
	}
	/* There was no memory even to find its history: it can't pass. */
	task_take_back(&w->task);
	task_reject(
	    &w->task, &w->task.ev.line, !w->task.stage->set->raw, 0, error);
}

/* What the entries of a long line take isn't left for its event. */
static void
leave_entries(struct worker *w, size_t len)
{
	size_t most = w->task.stage->set->max_memory, entries = 0;

	if (len > WINDOW_PIECE)
		entries = scan_memory(&w->scan);
	w->task.arena.account.limit = entries < most ? most - entries : 0;
}

/* Gives how many bytes of the piece were worked on: all, as a rule. */
static size_t
run_piece(struct worker *w, const char *text, size_t len)
{
	bool raw = w->task.stage->set->raw;

	w->resume = NULL;
	if (scan_window(&w->scan, text, len) == -1) {
		if (errno == EDQUOT)
			reject_entries(w, text, len);
		else
			w->task.result->no_memory = true;
		return len;
	}
	leave_entries(w, len);
	/* Set once for all events of the piece, whose state is all in *w. */
	if (setjmp(w->overflow) != 0)
		reject_greedy(w);
	while (!w->task.result->stopped && !w->task.result->no_memory &&
	    w->resume == NULL) {
		if (!(raw ? take_raw_line(w) : take_line(w)))
			break;
	}
	return w->resume == NULL ? len : (size_t)(w->resume - text);
}

/* The source of the next events; its name lasts longer than they do. */
static void
set_source(struct worker *w, const char *source)
{
	struct buf *b = &w->origin;

	buf_clear(b);
	buf_puts(b, "{\"source\":");
	value_write_string(b, source, strlen(source));
	buf_puts(b, ",\"line\":");
	w->task.ev.source = source;
	w->task.ev.context.source = value_cstring(source);
}

/* A window without text: NUL bytes, or a line that was too long. */
static void
tell_unread(struct worker *w, size_t nuls)
{
	w->task.ev.index++;
	if (nuls > 0)
		reject_padding(w, nuls);
	else
		reject_long(w);
	task_settle(&w->task);
}

uint64_t
worker_run(struct worker *w, const struct window *window, struct result *result)
{
	w->task.result = result;
	if (w->task.arena.account.stack == NULL)
		w->task.arena.account.stack = stack_end(w->task.stage->stack);
	if (result->source != window->source || window->first)
		result->kinds = (struct kinds){0};
	result->source = window->source;
	if (w->task.ev.source != window->source)
		set_source(w, window->source);
	w->task.ev.window = window;
	w->task.ev.index = 0;
	result->counts.bytes += window->len;
	if (buf_failed(&w->origin)) {
		result->no_memory = true;
		return 0;
	}
	if (window->text == NULL) {
		tell_unread(w, window->len);
		return w->task.ev.index;
	}
	for (size_t i = 0; i < window->len && !result->stopped;) {
		size_t n = window_piece(window->text + i, window->len - i);

		i += run_piece(w, window->text + i, n);
		if (result->no_memory)
			break;
	}
	task_settle(&w->task);
	return w->task.ev.index;
}

void
worker_look_ahead(struct worker *w, struct ahead *a)
{
	w->task.ev.ahead = a;
}

void
worker_hand_on(struct worker *w)
{
	task_hand_on(&w->task);
}

void
worker_end(struct worker *w, struct result *result, bool cut)
{
	w->task.result = result;
	if (setjmp(w->overflow) != 0) {
		task_take_back(&w->task);
		task_settle(&w->task);
		result->no_memory = true;
		return;
	}
	task_begin(&w->task);
	verdict_end(&w->task, cut);
	task_settle(&w->task);
}

static int64_t
line_of(void *arg)
{
	return (int64_t)event_number(arg);
}

/* One time for all of an event. */
static int64_t
now_of(void *arg)
{
	struct task *t = arg;

	if (!t->timed) {
		t->now = clock_micros(&t->clock);
		t->timed = true;
	}
	return t->now;
}

/* What is the same for all events of the worker. */
static void
prepare_event(struct worker *w)
{
	struct event *ev = &w->task.ev;
	const char *name = w->task.stage->set->stage;

	ev->arena = &w->task.arena;
	ev->origin = &w->origin;
	ev->checks = &w->task.stage->checks;
	ev->context.stage =
	    name == NULL ? VALUE_OF(VALUE_NULL) : value_cstring(name);
	ev->context.line = line_of;
	ev->context.line_arg = ev;
	ev->context.now = now_of;
	ev->context.now_arg = &w->task;
}

/* The command's state for this thread; false where memory is missing. */
static bool
make_local(struct worker *w)
{
	const struct stage *s = w->task.stage;

	if (s->command->local_new == NULL)
		return true;
	w->task.ev.local = s->command->local_new(s->arg);
	return w->task.ev.local != NULL;
}

struct worker *
worker_new(const struct stage *stage,
    void (*spill)(void *spill_arg, struct result *r), void *spill_arg)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->task.stage = stage;
	w->task.spill = spill;
	w->task.spill_arg = spill_arg;
	(void)clock_init(&w->task.clock); /* options_parse() saw MS_NOW */
	arena_init(&w->task.arena, stage->set->max_memory);
	w->task.arena.overflow = &w->overflow;
	w->task.arena.rulebook = stage->set->rulebook;
	prepare_event(w);
	if (scan_init(&w->scan, stage->set->max_depth) == -1) {
		free(w);
		return NULL;
	}
	scan_index(&w->scan, &w->keys);
	w->entries.limit = stage->set->max_memory;
	if (w->entries.limit < ENTRIES)
		w->entries.limit = ENTRIES;
	scan_charge(&w->scan, &w->entries);
	if (!make_local(w)) {
		worker_free(w);
		return NULL;
	}
	return w;
}

void
worker_free(struct worker *w)
{
	const struct command *c;

	if (w == NULL)
		return;
	c = w->task.stage->command;
	arena_release(&w->task.arena); /* first: what it ends may be local's */
	if (w->task.ev.local != NULL && c->local_free != NULL)
		c->local_free(w->task.ev.local);
	scan_release(&w->scan);
	buf_release(&w->origin);
	free(w);
}
