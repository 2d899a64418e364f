#include "driver/ahead.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "driver/control.h"
#include "driver/forgetting.h"
#include "driver/policed.h"
#include "driver/signals.h"
#include "json/layout.h"

enum { HELD = 1024 * 1024 }; /* bytes, with which no window is read ahead */

/* A window that was read, and the block that holds it. */
struct place {
	struct window window;
	struct block *block;
};

struct ahead {
	const struct stage *stage;
	struct ahead_driver driver;

	/* A ring; the first one may be in the driver's hands. */
	struct place *places;
	size_t size, first, n;
	size_t bytes; /* that they hold */
	bool taken;
	uint64_t lines; /* of the input up to the last window */

	/* Blocks that hold no window; the last one used is taken first. */
	struct block *blocks;
	struct block **spare;
	size_t spare_n;
	struct block *reading; /* what the reader is at, or NULL */
	bool paused;           /* nothing is to be read until something comes */
	bool ended;

	/* Where is asked: in which place, and from which byte on. */
	size_t place, at;
	bool within; /* a piece, which the scan is at */
	struct scan scan;
	struct forgetting forgetting;
	struct account entries;
	struct keys keys;
	struct arena arena;
	jmp_buf overflow;
	struct event ev;
};

static struct place *
place_at(const struct ahead *a, size_t i)
{
	return &a->places[(a->first + i) % a->size];
}

/* --- reading ------------------------------------------------------------ */

static enum supply
read_window(struct ahead *a)
{
	struct place *p = place_at(a, a->n);
	enum supply status;

	if (a->reading == NULL)
		a->reading = a->spare[--a->spare_n];
	status = a->driver.next(a->driver.arg, a->reading, &p->window);
	a->paused = status == SUPPLY_PAUSE;
	a->ended = status == SUPPLY_END;
	if (status != SUPPLY_WINDOW)
		return status;
	p->block = a->reading;
	p->window.before = p->window.first ? 0 : a->lines;
	a->lines = p->window.before + window_lines(&p->window);
	a->reading = NULL;
	a->bytes += p->window.len;
	a->n++;
	return SUPPLY_WINDOW;
}

/* The driver is done with its window. */
static void
leave(struct ahead *a)
{
	struct place *p = place_at(a, 0);

	a->bytes -= p->window.len;
	a->spare[a->spare_n++] = p->block;
	a->first = (a->first + 1) % a->size;
	a->n--;
	a->taken = false;
	if (a->place > 0) {
		a->place--;
		return;
	}
	a->at = 0;
	a->ev.index = 0;
	a->within = false;
}

enum supply
ahead_next(struct ahead *a, struct window *w)
{
	enum supply status = SUPPLY_WINDOW;

	if (a->taken)
		leave(a);
	if (a->n == 0 && a->ended)
		return SUPPLY_END;
	if (a->n == 0)
		status = a->paused ? SUPPLY_PAUSE : read_window(a);
	a->paused = a->paused && status != SUPPLY_PAUSE;
	if (status != SUPPLY_WINDOW)
		return status;
	a->taken = true;
	*w = place_at(a, 0)->window;
	return SUPPLY_WINDOW;
}

/* Is there room for one more window? */
static bool
has_room(const struct ahead *a)
{
	return a->n < a->size && (a->bytes < HELD || a->n < 2);
}

/* --- asking ------------------------------------------------------------- */

/* Begin the next piece; false where nothing is to be had now. */
static bool
next_piece(struct ahead *a)
{
	const struct window *w;
	size_t n;

	while (a->place < a->n && a->at == place_at(a, a->place)->window.len) {
		a->place++;
		a->at = 0;
		a->ev.index = 0;
	}
	if (a->place == a->n) {
		if (a->paused || a->ended || !has_room(a) ||
		    read_window(a) != SUPPLY_WINDOW)
			return false;
		return next_piece(a);
	}
	w = &place_at(a, a->place)->window;
	n = window_piece(w->text + a->at, w->len - a->at);
	/* Where memory is missing, it isn't asked for: that is told later. */
	a->within = scan_window(&a->scan, w->text + a->at, n) == 0;
	a->ev.window = w;
	a->ev.source = w->source;
	a->ev.context.source = value_cstring(w->source);
	a->at += n;
	return true;
}

/* Is the line that was scanned an event? */
static bool
is_event(const struct ahead *a)
{
	const struct doc *d = &a->scan.doc;
	const char *p = d->text + d->at[a->ev.line.root];

	return a->ev.line.len <= a->stage->set->max_line && *p == '{' &&
	    !control_at(d->text + d->at[a->ev.line.root + 1]);
}

/* Go to the next event; false where none is there yet. */
static bool
next_event(struct ahead *a)
{
	enum scan_status status;

	for (;;) {
		if (!a->within && !next_piece(a))
			return false;
		if (!a->within)
			continue;
		status = scan_line(&a->scan, &a->ev.line);
		if (status == SCAN_END) {
			a->within = false;
			continue;
		}
		a->ev.index++;
		if (status == SCAN_OK && is_event(a))
			return true;
	}
}

/* No record of this one is written. */
static const char *
no_time(void *arg)
{
	(void)arg;
	return "1970-01-01T00:00:00.000000Z";
}

/* What is to go isn't asked for either; false: nothing is. */
static bool
take_out(struct ahead *a)
{
	enum forgetting_status status;
	const char *why;

	if (a->stage->set->forget == NULL)
		return true;
	status = forgetting_event(&a->forgetting, &a->ev, &why);
	return status == FORGETTING_NOTHING || status == FORGETTING_DONE;
}

/* Have it asked for; false where that is enough. */
static bool
ask(struct ahead *a)
{
	struct event *ev = &a->ev;
	uint32_t root = ev->line.root;

	arena_reset(&a->arena);
	ev->record = (struct record){0};
	event_put_nothing(ev);
	if (lineage_find(&a->stage->lineage, &a->arena, &a->scan.doc, root,
		&ev->history) != NULL)
		return true;
	ev->root = value_source(&a->scan.doc, root);
	if (!take_out(a) || policed_admits(a->stage->set->policed, ev) != NULL)
		return true;
	ev->context.lineage = ev->history;
	return a->stage->command->ask(ev, a->stage->arg);
}

/* Does the line in hand come behind that event? */
static bool
is_behind(const struct ahead *a, const struct event *now)
{
	return a->ev.window->turn != now->window->turn ||
	    a->ev.index > now->index;
}

bool
ahead_ask(struct ahead *a, const struct event *now)
{
	/* An event that takes too much memory isn't asked for. */
	(void)setjmp(a->overflow);
	while (next_event(a))
		if (is_behind(a, now) && !ask(a))
			return true;
	return !a->ended || a->place < a->n;
}

void
ahead_flush(struct ahead *a)
{
	a->driver.flush(a->driver.arg);
}

bool
ahead_poll(
    struct ahead *a, struct pollfd *p, nfds_t n, int milliseconds, bool *ending)
{
	const struct ahead_driver *d = &a->driver;
	int found;

	p[n] = p[n + 1] = (struct pollfd){.fd = -1, .events = POLLIN};
	if (a->paused && has_room(a))
		p[n].fd = d->input(d->arg);
	p[n + 1].fd = d->reports(d->arg);
	*ending = signals_came(d->signals) != 0;
	found = *ending
	    ? poll(p, n + AHEAD_WATCHED, milliseconds)
	    : signals_poll(d->signals, p, n + AHEAD_WATCHED, milliseconds);
	*ending = signals_came(d->signals) != 0;
	if (found > 0 && p[n].revents != 0)
		a->paused = false;
	d->report(d->arg);
	return found > 0;
}

/* --- making ------------------------------------------------------------- */

static int64_t
line_of(void *arg)
{
	return (int64_t)event_number(arg);
}

static void
prepare_event(struct ahead *a)
{
	struct event *ev = &a->ev;
	const char *name = a->stage->set->stage;

	a->forgetting.stage = a->stage;
	a->forgetting.now = no_time;
	ev->arena = &a->arena;
	ev->checks = &a->stage->checks;
	ev->context.stage =
	    name == NULL ? VALUE_OF(VALUE_NULL) : value_cstring(name);
	ev->context.line = line_of;
	ev->context.line_arg = ev;
}

static bool
make_ring(struct ahead *a, size_t windows)
{
	a->size = windows + 1; /* one is in the driver's hands */
	a->places = calloc(a->size, sizeof(*a->places));
	a->blocks = calloc(a->size + 1, sizeof(*a->blocks));
	a->spare = calloc(a->size + 1, sizeof(struct block *));
	if (a->places == NULL || a->blocks == NULL || a->spare == NULL)
		return false;
	while (a->spare_n <= a->size) {
		a->spare[a->spare_n] = &a->blocks[a->spare_n];
		a->spare_n++;
	}
	return true;
}

struct ahead *
ahead_new(const struct stage *stage, const struct ahead_driver *driver,
    size_t windows)
{
	const struct settings *set = stage->set;
	struct ahead *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->stage = stage;
	a->driver = *driver;
	a->entries.limit = set->max_memory;
	arena_init(&a->arena, set->max_memory);
	a->arena.overflow = &a->overflow;
	a->arena.rulebook = set->rulebook;
	prepare_event(a);
	if (scan_init(&a->scan, set->max_depth) == -1) {
		free(a);
		return NULL;
	}
	scan_index(&a->scan, &a->keys);
	scan_charge(&a->scan, &a->entries);
	a->ev.local = stage->command->local_new(stage->arg);
	if (a->ev.local != NULL && make_ring(a, windows))
		return a;
	ahead_free(a);
	return NULL;
}

void
ahead_free(struct ahead *a)
{
	if (a == NULL)
		return;
	arena_release(&a->arena);
	if (a->ev.local != NULL)
		a->stage->command->local_free(a->ev.local);
	scan_release(&a->scan);
	forgetting_release(&a->forgetting);
	for (size_t i = 0; a->blocks != NULL && i <= a->size; i++)
		reader_block_release(&a->blocks[i]);
	free(a->places);
	free(a->blocks);
	free(a->spare);
	free(a);
}
