#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/size.h"
#include "driver/stack.h"
#include "driver/verdict.h"
#include "driver/worker_parts.h"

enum { ENTRIES = 1024 * 1024 }; /* bytes that those of a piece take at most */

void
worker_say_greedy(struct worker *w, char error[WORKER_ERROR])
{
	struct account *account = &w->task.arena.account;
	char size[SIZE_TEXT];

	size_format(size, w->task.stage->set->max_memory);
	if (account->deep)
		snprintf(error, WORKER_ERROR,
		    "the event is nested too deeply for the stack");
	else if (account->starved)
		snprintf(error, WORKER_ERROR,
		    "the event needs more memory than there is");
	else
		snprintf(error, WORKER_ERROR,
		    "the event needs more than %s of memory", size);
	account->starved = account->deep = false;
}

/* A line whose structure alone takes more than an event may. */
static void
reject_entries(struct worker *w, const char *text, size_t len)
{
	struct line *line = &w->task.ev.line;
	char error[WORKER_ERROR];

	*line = (struct line){.text = text, .len = len};
	if (len > 0 && text[len - 1] == '\n')
		line->len--;
	if (line->len > 0 && text[line->len - 1] == '\r')
		line->len--;
	w->task.ev.index++;
	if (line->len > w->task.stage->set->max_line) {
		worker_reject_long(w);
		return;
	}
	task_count(&w->task);
	worker_say_greedy(w, error);
	task_reject(&w->task, line, false, 0, error);
}

void
worker_reject_greedy(struct worker *w)
{
	char error[WORKER_ERROR];

	if (w->task.committed) {
		/* A part of its outputs is written: it can't be a reject. */
		task_take_back(&w->task);
		w->task.result->no_memory = true;
		return;
	}
	arena_reset(&w->task.arena);
	worker_say_greedy(w, error);
	if (w->task.ev.forgotten != NULL) {
		/* The arena held what was taken out: it can't be looked for. */
		w->task.ev.forgotten = NULL;
		w->task.ev.rejects_head = &w->task.stage->rejects_silent;
		w->task.found = false;
	}
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

/*
 * May its lines be prepared together?  They are in one thread as well: so the
 * memory that they will look at is asked for in time.
 */
static bool
is_for_batch(const struct worker *w, size_t len)
{
	const struct settings *set = w->task.stage->set;

	return !set->raw && set->stop_after == 0 && len <= WINDOW_PIECE &&
	    set->forget == NULL && set->policed == NULL;
}

/* Work on the line that waited for the window's turn. */
static void
take_waiting(struct worker *w)
{
	if (setjmp(w->overflow) != 0)
		worker_reject_greedy(w);
	else
		worker_take_scanned(w, w->batch.status);
}

/*
 * Where events are judged in order: work on the lines that can be prepared
 * before, and have the window's turn for the others.  False where none are
 * left; last says that the window ends with the piece.
 */
static bool
take_in_order(struct worker *w, size_t len, bool last)
{
	if (!is_for_batch(w, len))
		return worker_take_turn(w);
	if (worker_take_batch(w, last) == SCAN_END)
		return false;
	take_waiting(w);
	return true;
}

/* Gives how many bytes of the piece were worked on: all, as a rule. */
static size_t
run_piece(struct worker *w, const char *text, size_t len, bool last)
{
	bool raw = w->task.stage->set->raw;

	w->resume = NULL;
	if (scan_window(&w->scan, text, len) == -1) {
		if (errno != EDQUOT)
			w->task.result->no_memory = true;
		else if (!w->task.stage->set->in_order || worker_take_turn(w))
			reject_entries(w, text, len);
		return len;
	}
	leave_entries(w, len);
	if (w->task.stage->set->in_order && !take_in_order(w, len, last))
		return len;
	/* Set once for all events of the piece, whose state is all in *w. */
	if (setjmp(w->overflow) != 0)
		worker_reject_greedy(w);
	while (!w->task.result->stopped && !w->task.result->no_memory &&
	    w->resume == NULL) {
		if (!(raw ? worker_take_raw_line(w) : worker_take_line(w)))
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
		worker_reject_padding(w, nuls);
	else
		worker_reject_long(w);
	task_settle(&w->task);
}

uint64_t
worker_run(struct worker *w, const struct window *window, struct result *result)
{
	w->task.result = result;
	w->has_turn = false;
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
		if (w->task.stage->set->in_order && !worker_take_turn(w))
			return 0;
		tell_unread(w, window->len);
		return w->task.ev.index;
	}
	for (size_t i = 0; i < window->len && !result->stopped;) {
		size_t n = window_piece(window->text + i, window->len - i);

		i += run_piece(w, window->text + i, n, i + n == window->len);
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

static const char *
stamp_of(void *arg)
{
	return task_stamp(arg);
}

/* What is the same for all events of the worker. */
static void
prepare_event(struct worker *w)
{
	struct event *ev = &w->task.ev;
	const char *name = w->task.stage->set->stage;

	w->forgetting.stage = w->task.stage;
	w->forgetting.now = stamp_of;
	w->forgetting.now_arg = &w->task;
	ev->forgetting = &w->forgetting;
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
worker_new(const struct stage *stage, const struct worker_hooks *hooks)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->task.stage = stage;
	w->hooks = *hooks;
	w->task.spill = hooks->spill;
	w->task.spill_arg = hooks->arg;
	(void)clock_init(&w->task.clock); /* options_parse() saw MS_NOW */
	arena_init(&w->task.arena, stage->set->max_memory);
	w->task.arena.overflow = &w->overflow;
	w->task.arena.rulebook = stage->set->rulebook;
	worker_batch_init(w);
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
	worker_batch_release(w);
	arena_release(&w->task.arena); /* first: what it ends may be local's */
	if (w->task.ev.local != NULL && c->local_free != NULL)
		c->local_free(w->task.ev.local);
	scan_release(&w->scan);
	forgetting_release(&w->forgetting);
	buf_release(&w->origin);
	free(w);
}
