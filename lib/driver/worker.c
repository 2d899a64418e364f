#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "driver/complain.h"
#include "driver/rejects.h"
#include "driver/worker.h"
#include "json/layout.h"
#include "value/array.h"
#include "value/object.h"

enum {
	PIECE = 64 * 1024,   /* of a window at a time: its entries stay small */
	SPILL = 1024 * 1024, /* of output that a result holds at ease */
};

struct worker {
	const struct shared *shared;
	void (*spill)(void *spill_arg, struct result *r);
	void *spill_arg;
	void *local;
	struct scan scan;
	struct keys keys;
	struct arena arena;
	jmp_buf overflow;
	struct clock clock;
	struct buf origin; /* of events from the source in hand */
	uint64_t passed;   /* for -m */
	struct result *result;
	struct event ev;
	/* Where the result stood before the event, or at a spill since. */
	struct {
		size_t out, turned_away;
		uint64_t written, counted, truncated;
	} before;
};

static const char *
stamp(struct worker *w)
{
	return clock_stamp(&w->clock);
}

/* "ms-map: access.ndjson:17:204: expected ',' or '}'" */
static void
tell(struct worker *w, size_t column, const char *error)
{
	struct result *r = w->result;
	struct buf *b = &r->messages;

	if (r->messages_n == MESSAGES)
		return;
	r->messages_n++;
	buf_printf(b, "%s: ", w->shared->command->name);
	put_visible(b, w->ev.window->name, strlen(w->ev.window->name));
	buf_printf(b, ":%" PRIu64 ":", event_number(&w->ev));
	if (column > 0)
		buf_printf(b, "%zu:", column);
	buf_putc(b, ' ');
	put_visible(b, error, strlen(error));
	buf_putc(b, '\n');
}

static void
count_output(struct worker *w)
{
	w->result->counts.written++;
	w->result->written++;
}

static void
reject(struct worker *w, const struct line *line, bool is_object, size_t column,
    const char *error)
{
	const struct settings *set = w->shared->set;
	struct reject r = {
	    .at = stamp(w),
	    .source = w->ev.window->source,
	    .line = event_number(&w->ev),
	    .column = column,
	    .error = error,
	    .text = line == NULL ? NULL : line->text,
	    .len = line == NULL ? 0 : line->len,
	    .is_object = is_object,
	};

	w->result->counts.rejected++;
	tell(w, column, error);
	if (w->shared->rejects_too) {
		rejects_put(&w->result->out, &w->shared->rejects_head, &r);
		count_output(w);
	} else if (set->rejects != NULL) {
		rejects_put(&w->result->rejects, &w->shared->rejects_head, &r);
	}
	if (set->on_error == ON_ERROR_STOP)
		w->result->stopped = true;
}

/* The line can be an event, but its program failed. */
static void
fail(struct worker *w, const char *error)
{
	struct result *r = w->result;
	const struct settings *set = w->shared->set;

	if (set->on_error != ON_ERROR_PASS || set->raw) {
		reject(w, &w->ev.line, !set->raw, 0, error);
		return;
	}
	r->counts.failed++;
	tell(w, 0, error);
	if (set->count_only)
		return;
	buf_put(&r->out, w->ev.line.text, w->ev.line.len);
	buf_putc(&r->out, '\n');
	count_output(w);
}

static void
remember(struct worker *w)
{
	const struct result *r = w->result;

	w->before.out = r->out.len;
	w->before.turned_away = r->turned_away.len;
	w->before.written = r->written;
	w->before.counted = r->counts.written;
	w->before.truncated = r->counts.truncated;
}

/* Take back what the event wrote, as far as it is still here. */
static void
take_back(struct worker *w)
{
	struct result *r = w->result;

	r->out.len = w->before.out;
	r->turned_away.len = w->before.turned_away;
	r->written = w->before.written;
	r->counts.written = w->before.counted;
	r->counts.truncated = w->before.truncated;
}

static void
spill(struct worker *w)
{
	struct result *r = w->result;

	if (r->out.len + r->turned_away.len + r->rejects.len > SPILL) {
		w->spill(w->spill_arg, r);
		remember(w);
	}
}

static bool
write_event(struct worker *w, struct buf *out, struct value now)
{
	struct event *ev = &w->ev;
	const struct line *line = w->shared->set->raw ? NULL : &ev->line;
	size_t from = out->len;

	if (!lineage_write(out, &w->arena, &w->shared->lineage, line, ev->root,
		now, ev->history, &ev->record, stamp(w)))
		w->result->counts.truncated++;
	return event_written(ev, out, from) == VERDICT_WRITTEN;
}

/* What an event wrote is no good. */
static void
withdraw(struct worker *w)
{
	take_back(w);
	fail(w, w->ev.error);
}

/* Why an output can't be an event; NULL where it can. */
static const char *
refuse(struct worker *w, struct value v)
{
	const struct lineage *l = &w->shared->lineage;
	struct value key = value_text(l->key, l->key_len);
	struct value history;

	if (v.kind == VALUE_RAW_OBJECT && v.n == w->ev.root.n &&
	    v.doc == w->ev.root.doc && !w->shared->set->raw)
		return NULL;
	if (!value_is_object(v))
		return "object";
	return object_get(&w->arena, v, key, &history) ? "history" : NULL;
}

/* "a string", "an object" */
static const char *
article(struct value v)
{
	const char *type = value_type(v);

	if (v.kind == VALUE_NULL)
		return "";
	return *type == 'a' || *type == 'o' ? "an " : "a ";
}

static bool
outputs_are_events(struct worker *w)
{
	struct event *ev = &w->ev;

	for (size_t i = 0; i < ev->outputs_n; i++) {
		struct value v = ev->outputs[i];
		const char *why = refuse(w, v);

		if (why == NULL)
			continue;
		if (!value_is_object(v))
			event_fail(ev,
			    "an event must stay an object; the "
			    "program gave %s%s",
			    article(v), value_type(v));
		else
			event_fail(ev,
			    "a program can't set %s; it is the "
			    "event's history",
			    w->shared->set->lineage_key);
		return false;
	}
	return true;
}

static void
pass(struct worker *w)
{
	struct event *ev = &w->ev;
	struct result *r = w->result;

	if (ev->outputs_n == 0)
		event_put(ev, ev->root);
	if (!outputs_are_events(w)) {
		fail(w, ev->error);
		return;
	}
	if (w->shared->set->count_only)
		ev->outputs_n = 0;
	for (size_t i = 0; i < ev->outputs_n; i++) {
		if (ev->outputs_n > 1) {
			ev->record.fork_i = i + 1;
			ev->record.fork_n = ev->outputs_n;
		}
		if (!write_event(w, &r->out, ev->outputs[i])) {
			withdraw(w);
			return;
		}
		count_output(w);
		spill(w);
	}
	r->counts.passed++;
	if (++w->passed == w->shared->set->stop_after)
		r->stopped = true;
}

static void
turn_away(struct worker *w)
{
	struct event *ev = &w->ev;
	struct result *r = w->result;
	bool too = w->shared->turned_away_too;
	struct buf *out = too ? &r->out : &r->turned_away;

	ev->record.turned_away = true;
	if (w->shared->set->else_file != NULL) {
		if (!write_event(w, out, ev->root)) {
			withdraw(w);
			return;
		}
		if (too)
			count_output(w);
	}
	r->counts.turned_away++;
}

/* Lines that the callback wrote itself, from byte from on. */
static void
count_written(struct worker *w, size_t from)
{
	const struct buf *out = &w->result->out;
	uint64_t lines = 0;

	for (size_t i = from; i < out->len; i++)
		lines += out->p[i] == '\n';
	w->result->counts.passed++;
	w->result->counts.written += lines;
	w->result->written += lines;
}

static void
judge(struct worker *w, struct value root)
{
	struct event *ev = &w->ev;
	size_t from = w->result->out.len;

	ev->root = root;
	ev->context.lineage = ev->history;
	switch (w->shared->command->event(ev, w->shared->arg)) {
	case VERDICT_PASS:
		pass(w);
		break;
	case VERDICT_TURN_AWAY:
		turn_away(w);
		break;
	case VERDICT_DROP:
		w->result->counts.dropped++;
		break;
	case VERDICT_WRITTEN:
		count_written(w, from);
		break;
	case VERDICT_REJECT:
		withdraw(w);
		break;
	}
	spill(w);
}

static void
note_barrier(struct worker *w)
{
	struct result *r = w->result;
	const struct line *line = &w->ev.line;
	struct barrier b;

	if (!barrier_read(&b, line->text, line->len)) {
		r->counts.read++;
		r->read++;
		reject(w, line, false, 0, "a barrier needs a count n");
		return;
	}
	result_mark(r, &b, line->text, line->len);
}

static void
start_event(struct worker *w)
{
	struct event *ev = &w->ev;

	arena_reset(&w->arena);
	ev->record = (struct record){0};
	ev->outputs = NULL;
	ev->outputs_n = ev->outputs_cap = 0;
	ev->out = &w->result->out;
	remember(w);
}

static void
count_line(struct worker *w)
{
	w->result->counts.read++;
	w->result->read++;
}

/* A size as people say it: "64 MiB". */
static void
say_size(char *out, size_t room, size_t n)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB"};
	size_t i = 0;

	while (i < 3 && n >= 1024 && n % 1024 == 0) {
		n /= 1024;
		i++;
	}
	snprintf(out, room, "%zu %s", n, units[i]);
}

/*
 * Reject a line for its length.  What was read of it isn't kept: how much
 * that is depends on how the bytes came.
 */
static void
reject_long(struct worker *w)
{
	char limit[32], error[64];

	say_size(limit, sizeof(limit), w->shared->set->max_line);
	snprintf(error, sizeof(error), "line is longer than %s", limit);
	count_line(w);
	reject(w, NULL, false, 0, error);
}

static void
take_object(struct worker *w)
{
	struct event *ev = &w->ev;
	const struct doc *d = &w->scan.doc;
	uint32_t root = ev->line.root;
	const char *why;

	if (d->text[d->at[root]] != '{') {
		struct value v = value_source(d, root);

		event_fail(ev, "an event is a JSON object, this is %s%s",
		    article(v), value_type(v));
		count_line(w);
		reject(w, &ev->line, false, 0, ev->error);
		return;
	}
	if (barrier_at(d->text + d->at[root + 1])) {
		note_barrier(w);
		return;
	}
	count_line(w);
	start_event(w);
	why = lineage_find(
	    &w->shared->lineage, &w->arena, &w->scan.doc, root, &ev->history);
	if (why != NULL) {
		reject(w, &ev->line, true, 0, why);
		return;
	}
	judge(w, value_source(d, root));
}

static void
take_text(struct worker *w)
{
	struct event *ev = &w->ev;
	struct line *line = &ev->line;
	size_t bad = utf8_check(line->text, line->len);

	if (barrier_starts(line->text, line->len)) {
		note_barrier(w);
		return;
	}
	count_line(w);
	start_event(w);
	if (bad < line->len) {
		reject(w, line, false, bad + 1, "the line is not UTF-8");
		return;
	}
	ev->history = value_share(array_new(&w->arena, 0));
	event_origin(ev);
	judge(w, value_text(line->text, line->len));
}

static bool
take_raw_line(struct worker *w)
{
	struct line *line = &w->ev.line;

	if (scan_raw_line(&w->scan, line) == SCAN_END)
		return false;
	w->ev.index++;
	if (line->len == 0)
		return true;
	if (line->len > w->shared->set->max_line) {
		reject_long(w);
		return true;
	}
	take_text(w);
	return true;
}

/* Work on the next line of the piece; false where none is left. */
static bool
take_line(struct worker *w)
{
	struct line *line = &w->ev.line;
	enum scan_status status = scan_line(&w->scan, line);

	if (status == SCAN_END)
		return false;
	w->ev.index++;
	if (status == SCAN_BLANK)
		return true;
	if (line->len > w->shared->set->max_line) {
		reject_long(w);
	} else if (status == SCAN_BAD) {
		count_line(w);
		reject(w, line, false, line->error.column, line->error.reason);
	} else {
		take_object(w);
	}
	return true;
}

/* An event asked for more than its arena may hold. */
static void
reject_greedy(struct worker *w)
{
	char error[96], size[32];

	arena_reset(&w->arena);
	take_back(w);
	say_size(size, sizeof(size), w->shared->set->max_memory);
	snprintf(error, sizeof(error), "the event needs more than %s of memory",
	    size);
	if (w->arena.starved)
		snprintf(error, sizeof(error),
		    "the event needs more memory than there is");
	w->arena.starved = false;
	fail(w, error);
}

static void
run_piece(struct worker *w, const char *text, size_t len)
{
	bool raw = w->shared->set->raw;

	if (scan_window(&w->scan, text, len) == -1) {
		w->result->no_memory = true;
		return;
	}
	/* Set once for all events of the piece, whose state is all in *w. */
	if (setjmp(w->overflow) != 0)
		reject_greedy(w);
	while (!w->result->stopped && !w->result->no_memory) {
		if (!(raw ? take_raw_line(w) : take_line(w)))
			break;
	}
}

/* Bytes of whole lines, a piece of them or a line that is larger. */
static size_t
piece_of(const char *text, size_t len)
{
	const char *newline;

	if (len <= PIECE)
		return len;
	newline = memrchr(text, '\n', PIECE);
	if (newline == NULL)
		newline = memchr(text + PIECE, '\n', len - PIECE);
	return newline == NULL ? len : (size_t)(newline + 1 - text);
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
	w->ev.source = source;
	w->ev.context.source = value_cstring(source);
}

uint64_t
worker_run(struct worker *w, const struct window *window, struct result *result)
{
	w->result = result;
	if (w->ev.source != window->source)
		set_source(w, window->source);
	w->ev.window = window;
	w->ev.index = 0;
	result->counts.bytes += window->len;
	if (buf_failed(&w->origin)) {
		result->no_memory = true;
		return 0;
	}
	if (window->text == NULL) {
		w->ev.index++;
		reject_long(w);
	}
	for (size_t i = 0; i < window->len && !result->stopped;) {
		size_t n = piece_of(window->text + i, window->len - i);

		run_piece(w, window->text + i, n);
		i += n;
		if (result->no_memory)
			break;
	}
	return w->ev.index;
}

static int64_t
line_of(void *arg)
{
	return (int64_t)event_number(arg);
}

struct worker *
worker_new(const struct shared *shared,
    void (*spill_to)(void *spill_arg, struct result *r), void *spill_arg)
{
	const struct command *c = shared->command;
	struct worker *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->shared = shared;
	w->spill = spill_to;
	w->spill_arg = spill_arg;
	arena_init(&w->arena, shared->set->max_memory);
	w->arena.overflow = &w->overflow;
	w->ev.arena = &w->arena;
	w->ev.context.stage = shared->set->stage == NULL
	    ? VALUE_OF(VALUE_NULL)
	    : value_cstring(shared->set->stage);
	w->ev.origin = &w->origin;
	w->ev.context.line = line_of;
	w->ev.context.line_arg = &w->ev;
	(void)clock_init(&w->clock); /* options_parse() looked at MS_NOW */
	if (scan_init(&w->scan, shared->set->max_depth) == -1) {
		free(w);
		return NULL;
	}
	scan_index(&w->scan, &w->keys);
	if (c->local_new != NULL) {
		w->local = c->local_new(shared->arg);
		if (w->local == NULL) {
			worker_free(w);
			return NULL;
		}
	}
	w->ev.local = w->local;
	return w;
}

void
worker_free(struct worker *w)
{
	if (w == NULL)
		return;
	if (w->local != NULL && w->shared->command->local_free != NULL)
		w->shared->command->local_free(w->local);
	scan_release(&w->scan);
	buf_release(&w->origin);
	arena_release(&w->arena);
	free(w);
}
