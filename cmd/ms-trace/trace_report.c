/*
 * ms-trace report - a page that shows the events and their histories.
 *
 * The page is written when the input ends.  Outputs, --else files and rejects
 * are inputs like any other; the trail is read behind them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/complain.h"
#include "driver/size.h"
#include "frame.h"
#include "page.h"
#include "render/report.h"
#include "readers.h"
#include "second.h"

enum { EVENTS = 256, TRAIL, TRAILS = 64 };

struct reporting {
	struct frame frame;
	struct report report;
	struct page page;
	const char *out;
	const char *trail[TRAILS];
	struct second second[TRAILS];
	size_t trails, opened;
	struct arena arena; /* for the trail's lines */
	jmp_buf overflow;
};

static const struct option_spec options[] = {
    {'o', "output", "OUT.html", "where the page goes (standard output)"},
    {TRAIL, "trail", "FILE", "what the stages didn't pass on (repeated)"},
    {EVENTS, "events", "N", "show so many at most; all are counted (10000)"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct reporting *r = arg;

	switch (id) {
	case 'o':
		r->out = value;
		return 0;
	case TRAIL:
		if (r->trails == TRAILS)
			return usage_wrong(
			    &r->frame.command, "at most %d trails", TRAILS);
		r->trail[r->trails++] = value;
		return 0;
	default:
		if (size_parse(value, &r->report.most))
			return 0;
		return usage_wrong(
		    &r->frame.command, "--events: '%s' is no number", value);
	}
}

static bool
ends_in_html(const char *name)
{
	size_t n = strlen(name);

	return n >= 5 && strcmp(name + n - 5, ".html") == 0;
}

/* What can't be meant: 0, or -1 after a complaint. */
static int
check_arguments(struct reporting *r, const struct settings *set)
{
	const struct command *c = &r->frame.command;

	if (set->files_n > 0 && r->out == NULL && ends_in_html(set->files[0]))
		return usage_wrong(c,
		    "%s is read as events; the page's name is given by -o",
		    set->files[0]);
	if (set->files_n == 0 && isatty(STDIN_FILENO))
		return usage_wrong(
		    c, "which events? name files, or pipe events in");
	if (r->out == NULL && isatty(STDOUT_FILENO))
		return usage_wrong(
		    c, "where is the page to go? name a file: -o OUT.html");
	if (r->trails > 0 && (r->frame.id != NULL || r->frame.where != NULL))
		return usage_wrong(c,
		    "--id and --where pick among the files; name the trail "
		    "among these, not by --trail");
	return 0;
}

static int
start(struct settings *set, void *arg)
{
	struct reporting *r = arg;

	if (check_arguments(r, set) == -1)
		return STATUS_USAGE;
	r->report.graph.partial = r->frame.id != NULL || r->frame.where != NULL;
	arena_init(&r->arena, set->max_memory);
	r->arena.overflow = &r->overflow;
	r->arena.rulebook = set->rulebook;
	if (report_init(&r->report, set->lineage_key) == -1) {
		complain(set->command, "%s", strerror(errno));
		return STATUS_IO;
	}
	while (r->opened < r->trails) {
		const char *path = r->trail[r->opened];

		/* What couldn't be opened is closed, too. */
		if (second_open(&r->second[r->opened++], set, path) == 0)
			continue;
		complain(set->command, "%s: %s", path, strerror(errno));
		return STATUS_IO;
	}
	r->page.beside_files = r->trail;
	r->page.beside_n = r->trails;
	return page_check(&r->page, set, r->out);
}

static enum verdict
take(struct event *ev, void *arg)
{
	struct reporting *r = arg;
	bool standard = strcmp(ev->source, "-") == 0;

	report_event(&r->report, ev->arena, ev->root, ev->history,
	    standard ? NULL : ev->source);
	return VERDICT_WRITTEN;
}

/* --- the trail --- */

static void
bad_line(struct reporting *r, const struct second *s, const char *why)
{
	complain("ms-trace", "%s:%" PRIu64 ": %s", s->path, s->line, why);
	r->frame.differs = true;
}

static void
take_line(struct reporting *r, struct second *s, const char *text, size_t len)
{
	struct value event, history;
	struct scan_error error;
	const char *why;

	if (setjmp(r->overflow) != 0) {
		bad_line(r, s, "it takes more than --max-memory");
		return;
	}
	arena_reset(&r->arena);
	if (!value_parse(&r->arena, text, len, &event, &error))
		why = "not JSON";
	else if (!value_is_object(event))
		why = "not an object";
	else /* the document is the arena's, and nobody else knows it yet */
		why = lineage_find(&r->report.lineage, &r->arena,
		    (struct doc *)event.doc, event.n, &history);
	if (why != NULL)
		bad_line(r, s, why);
	else
		report_event(&r->report, &r->arena, event, history, s->path);
}

static void
take_trail(struct reporting *r, struct second *s)
{
	for (;;) {
		const char *text;
		size_t len;

		switch (second_next(s, &text, &len)) {
		case SECOND_LINE:
			take_line(r, s, text, len);
			break;
		case SECOND_LONG:
			bad_line(r, s, "the line is longer than --max-line");
			break;
		case SECOND_FAIL:
			frame_fail(
			    &r->frame, "%s: %s", s->path, strerror(errno));
			return;
		case SECOND_END:
			return;
		}
	}
}

/* --- the page --- */

static int
write_page(struct reporting *r)
{
	int error = page_open(&r->page);

	if (error != 0)
		return error;
	if (!report_write(&r->report, &r->page.writer))
		return ENOMEM;
	return page_close(&r->page);
}

static void
finish(void *arg, struct buf *out)
{
	struct reporting *r = arg;
	const struct report *p = &r->report;
	int error;

	(void)out;
	for (size_t i = 0; i < r->opened; i++)
		take_trail(r, &r->second[i]);
	error = write_page(r);
	if (error != 0)
		frame_fail(
		    &r->frame, "%s: %s", page_name(&r->page), strerror(error));
	else if (p->total > p->shown)
		complain("ms-trace", "%s: shows %zu of %" PRIu64 " events; %s",
		    page_name(&r->page), p->shown, p->total,
		    p->large > 0
			? "a page holds 64 MiB of them; --where picks some"
			: "--events shows more");
}

static void
release(void *arg)
{
	struct reporting *r = arg;

	for (size_t i = 0; i < r->opened; i++)
		second_close(&r->second[i]);
	page_release(&r->page);
	report_release(&r->report);
	arena_release(&r->arena);
}

static const struct subcommand subcommand = {
    .name = "report",
    .synopsis = "report [options] [file ...]",
    .summary = "Write a page that shows the events and their histories.",
    .parts = FRAME_PICKS | FRAME_DOCUMENT | FRAME_WHOLE,
    .options = options,
    .option = option,
    .start = start,
    .event = take,
    .finish = finish,
    .release = release,
};

int
trace_report(int argc, char **argv)
{
	struct reporting *r = calloc(1, sizeof(*r));
	int status;

	if (r == NULL) {
		complain("ms-trace", "%s", strerror(errno));
		return STATUS_IO;
	}
	r->report.most = 10000;
	r->page.writer.fd = -1;
	status = frame_main(&subcommand, &r->frame, argc, argv);
	free(r);
	return status;
}
