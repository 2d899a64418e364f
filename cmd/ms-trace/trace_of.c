/*
 * ms-trace of - the events that results were made of.
 *
 * The first file has the results; all others have events.  A result is whole
 * where the events that belong to it have the digest of its record.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/complain.h"
#include "frame.h"
#include "history/view.h"
#include "of_results.h"
#include "readers.h"
#include "record/record.h"
#include "value/string.h"

enum { PASS = 256 };

struct auditing {
	struct frame frame;
	struct of_results results;
	const char *path; /* of the results */
	bool pass;        /* the events themselves are written */
	uint64_t line;    /* of the results' file */

	/* The event in hand: */
	struct event *ev;
	bool part; /* of some result */
};

static const struct option_spec options[] = {
    {PASS, "pass", NULL, "write the events; the rest on standard error"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct auditing *u = arg;

	(void)id;
	(void)value;
	u->pass = true;
	return 0;
}

static int
start(struct settings *set, void *arg)
{
	static char standard_input[] = "-";
	struct auditing *u = arg;
	char **files;

	if (set->files_n == 0) {
		usage_wrong(&u->frame.command,
		    "which results?  Their file comes first, then the events");
		return STATUS_USAGE;
	}
	u->path = set->files[0];
	set->document = !u->pass;
	if (set->files_n > 1)
		return STATUS_OK;
	files = reallocarray(set->files, 3, sizeof(char *));
	if (files == NULL) {
		complain(set->command, "%s", strerror(ENOMEM));
		return STATUS_IO;
	}
	files[1] = standard_input;
	files[2] = NULL;
	set->files = files;
	set->files_n = 2;
	return STATUS_OK;
}

/*
 * The results' file comes first.  Lines that begin anew are those of the next
 * one, though it has the same name.
 */
static bool
is_event(const struct event *ev, const void *arg)
{
	const struct auditing *u = arg;

	return u->results.sealed || strcmp(ev->source, u->path) != 0 ||
	    event_number(ev) <= u->line;
}

/* --- the listing --- */

/* The name of a source, which may be any bytes. */
static void
put_name(struct terminal_line *l, const char *text, size_t len)
{
	struct buf b = {0};

	record_put_repaired(&b, text, len);
	if (b.p != NULL)
		terminal_text(l, TERMINAL_PLAIN, b.p, b.len);
	l->out->failed |= b.failed;
	buf_release(&b);
}

/* "access.ndjson:1" */
static void
put_place(struct terminal_line *l, struct arena *a, const struct provenance *p)
{
	struct show s = {*l, a};

	if (value_is_string(p->source) && value_is_number(p->line)) {
		struct value source = string_decoded(a, p->source);

		put_name(l, source.text, source.n);
		terminal_puts(l, TERMINAL_PLAIN, ":");
		s.line = *l;
		show_json(&s, TERMINAL_PLAIN, p->line, SIZE_MAX);
	} else if (p->from.kind != VALUE_NULL) {
		show_json(&s, TERMINAL_PLAIN, p->from, SIZE_MAX);
	}
	*l = s.line;
}

static void
list(void *arg, const struct of_result *r)
{
	struct auditing *u = arg;
	struct event *ev = u->ev;
	struct terminal_line l = {ev->out, &u->frame.terminal, 0};
	struct show s;
	struct provenance p;

	u->part = true;
	if (u->pass)
		return;
	provenance_find(
	    &p, ev->arena, ev->history, ev->source, event_number(ev));
	terminal_start(&l);
	if (value_is_string(p.id)) {
		s = (struct show){l, ev->arena};
		show_value(&s, TERMINAL_YELLOW, p.id);
		l = s.line;
		terminal_puts(&l, TERMINAL_PLAIN, "  ");
	}
	put_place(&l, ev->arena, &p);
	if (u->results.n > 1) {
		terminal_puts(&l, TERMINAL_DIM, "  of ");
		terminal_puts(&l, TERMINAL_DIM, r->id);
	}
	terminal_end(&l);
}

static enum verdict
show(struct event *ev, void *arg)
{
	struct auditing *u = arg;

	if (!is_event(ev, u)) {
		u->line = event_number(ev);
		return of_results_add(&u->results, ev);
	}
	if (!u->results.sealed && !of_results_seal(&u->results)) {
		event_fail(ev, "no memory for the results");
		return VERDICT_ABORT;
	}
	u->ev = ev;
	u->part = false;
	if (!of_results_event(&u->results, ev, list, u))
		arena_starve(ev->arena);
	return u->part && u->pass ? frame_pass(ev) : VERDICT_WRITTEN;
}

/* --- the verdict --- */

/* What is said about results. */
struct telling {
	struct terminal_line line;
	const struct composition_names *names;
};

static void
put_range(struct telling *t, int64_t from, int64_t to, const char *comma)
{
	terminal_puts(&t->line, TERMINAL_PLAIN, comma);
	terminal_printf(&t->line, TERMINAL_PLAIN, "%" PRId64, from);
	if (to > from)
		terminal_printf(&t->line, TERMINAL_PLAIN, "-%" PRId64, to);
}

/* "access.ndjson:" or, in the same source as the range before, ",". */
static const char *
put_source(struct telling *t, uint32_t source, uint32_t *last)
{
	if (source == *last)
		return ",";
	terminal_puts(&t->line, TERMINAL_PLAIN, " ");
	put_name(&t->line, t->names->names[source], t->names->lens[source]);
	*last = source;
	return ":";
}

static void
put_lines(struct telling *t, const struct composition *c)
{
	uint32_t last = UINT32_MAX;

	for (uint16_t i = 0; i < c->ranges_n; i++) {
		const struct composition_range *r = &c->ranges[i];

		put_range(t, r->from, r->to, put_source(t, r->source, &last));
	}
	if (c->more)
		terminal_puts(&t->line, TERMINAL_PLAIN, " and others");
}

/*
 * The range that holds a line; *next is where the next one starts that
 * doesn't, or as it was.
 */
static const struct composition_range *
find_range(
    const struct composition *c, uint32_t source, int64_t line, int64_t *next)
{
	for (uint16_t i = 0; c != NULL && i < c->ranges_n; i++) {
		const struct composition_range *r = &c->ranges[i];

		if (r->source != source)
			continue;
		if (r->from <= line && line <= r->to)
			return r;
		if (r->from > line && r->from < *next)
			*next = r->from;
	}
	return NULL;
}

/* The lines of a result that none of the events came from. */
static void
put_missing(struct telling *t, const struct of_result *x)
{
	uint32_t last = UINT32_MAX;

	if (x->found != NULL && x->found->more)
		return;
	for (uint16_t i = 0; i < x->of->ranges_n; i++) {
		const struct composition_range *r = &x->of->ranges[i];

		for (int64_t line = r->from; line <= r->to;) {
			int64_t next = r->to == INT64_MAX ? r->to : r->to + 1;
			const struct composition_range *had =
			    find_range(x->found, r->source, line, &next);

			if (had == NULL)
				put_range(t, line, next - 1,
				    put_source(t, r->source, &last));
			line = had == NULL ? next : had->to + 1;
		}
	}
}

static uint64_t
count(const struct composition *c)
{
	return c == NULL ? 0 : c->n;
}

static bool
has_ids(const struct of_result *x)
{
	return !x->of->no_ids && (x->found == NULL || !x->found->no_ids);
}

static bool
same_events(const struct of_result *x)
{
	static const uint64_t none[2] = {0, 0};
	const uint64_t *found = x->found == NULL ? none : x->found->digest;

	return count(x->found) == x->of->n &&
	    (!has_ids(x) || memcmp(found, x->of->digest, sizeof(none)) == 0);
}

static void
put_whole(struct telling *t, const struct of_result *x)
{
	terminal_printf(&t->line, TERMINAL_GREEN, "whole: ");
	terminal_printf(&t->line, TERMINAL_PLAIN, "%" PRIu64 " event%s",
	    x->of->n, x->of->n == 1 ? "" : "s");
	if (x->found != NULL && x->found->ranges_n > 0) {
		terminal_puts(&t->line, TERMINAL_PLAIN, ",");
		put_lines(t, x->found);
	}
	terminal_puts(&t->line, TERMINAL_PLAIN,
	    has_ids(x) ? "; the digest is theirs"
		       : "; without ids only their number can be compared");
}

/* How those found differ from those that it was made of. */
static void
put_difference(struct telling *t, const struct of_result *x)
{
	uint64_t found = count(x->found), n = x->of->n;

	terminal_printf(&t->line, TERMINAL_PLAIN,
	    "made of %" PRIu64 ", found %" PRIu64, n, found);
	if (found < n) {
		terminal_printf(&t->line, TERMINAL_PLAIN,
		    "; %" PRIu64 " missing", n - found);
		if (x->of->ranges_n > 0) {
			terminal_puts(&t->line, TERMINAL_PLAIN, ":");
			put_missing(t, x);
		}
	} else if (found > n) {
		terminal_printf(&t->line, TERMINAL_PLAIN,
		    "; %" PRIu64 " too many, or given twice", found - n);
	} else if (!same_events(x)) {
		terminal_puts(&t->line, TERMINAL_PLAIN,
		    "; the digest differs: they aren't the same events");
	}
	if (x->more == NULL)
		return;
	terminal_printf(&t->line, TERMINAL_PLAIN,
	    "; %" PRIu64 " more of its key and window, which it doesn't "
	    "hold:",
	    x->more->n);
	put_lines(t, x->more);
}

static void
put_result(struct telling *t, const struct of_result *x)
{
	terminal_start(&t->line);
	terminal_puts(&t->line, TERMINAL_YELLOW, x->id);
	terminal_puts(&t->line, TERMINAL_PLAIN, "  ");
	terminal_puts(&t->line, TERMINAL_BOLD, x->label);
	if (x->window != NULL) {
		terminal_puts(&t->line, TERMINAL_PLAIN, "  ");
		terminal_puts(&t->line, TERMINAL_PLAIN, x->window);
	}
	if (x->rev > 1)
		terminal_printf(
		    &t->line, TERMINAL_PLAIN, "  revision %" PRIu32, x->rev);
	terminal_end(&t->line);
	terminal_start(&t->line);
	terminal_puts(&t->line, TERMINAL_PLAIN, "  ");
	if (same_events(x) && x->more == NULL) {
		put_whole(t, x);
	} else {
		terminal_puts(&t->line, TERMINAL_RED, "not whole: ");
		put_difference(t, x);
	}
	terminal_end(&t->line);
}

static int
by_order(const void *a, const void *b)
{
	const struct of_result *x = a, *y = b;

	return (x->order > y->order) - (x->order < y->order);
}

static void
finish(void *arg, struct buf *out)
{
	struct auditing *u = arg;
	struct of_results *r = &u->results;
	struct buf other = {0}, *b = u->pass ? &other : out;
	static const struct terminal plain = {.width = SIZE_MAX};
	struct telling t = {
	    {b, u->pass ? &plain : &u->frame.terminal, 0}, &r->names};

	if (!r->sealed && !of_results_seal(r)) {
		frame_fail(&u->frame, "no memory for the results");
		return;
	}
	if (r->n > 0)
		qsort(r->result, r->n, sizeof(*r->result), by_order);
	for (size_t i = 0; i < r->n; i++) {
		const struct of_result *x = &r->result[i];

		put_result(&t, x);
		if (!same_events(x) || x->more != NULL)
			u->frame.differs = true;
	}
	if (u->pass && !buf_failed(&other))
		complain_raw(other.p, other.len);
	buf_release(&other);
	if (r->n > 0 || (u->frame.id != NULL && !u->frame.met) ||
	    (strcmp(u->path, "-") != 0 && access(u->path, R_OK) != 0))
		return; /* else that is told already */
	complain("ms-trace",
	    "%s: no event there was made of others (by ms-fold with --window)",
	    u->path);
	u->frame.differs = true;
}

static void
release(void *arg)
{
	struct auditing *u = arg;

	of_results_release(&u->results);
}

static const struct subcommand subcommand = {
    .name = "of",
    .synopsis = "of [options] RESULTS [file ...]",
    .summary = "Show that results were made of just these events.",
    .parts = FRAME_PICKS | FRAME_COLOUR | FRAME_WHOLE,
    .options = options,
    .option = option,
    .start = start,
    .not_picked = is_event,
    .event = show,
    .finish = finish,
    .release = release,
};

int
trace_of(int argc, char **argv)
{
	struct auditing u = {.pass = false};

	return frame_main(&subcommand, &u.frame, argc, argv);
}
