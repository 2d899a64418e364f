/*
 * ms-trace report - a page that shows the events and their histories.
 *
 * The page is written when the input ends.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/size.h"
#include "frame.h"
#include "page.h"
#include "render/report.h"
#include "readers.h"

enum { EVENTS = 256 };

struct reporting {
	struct frame frame;
	struct report report;
	const char *key;
	struct page page;
};

static const struct option_spec options[] = {
    {EVENTS, "events", "N", "show the first N; the rest is counted (10000)"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct reporting *r = arg;

	(void)id;
	if (size_parse(value, &r->report.cap))
		return 0;
	return usage_wrong(
	    &r->frame.command, "--events: '%s' is no number", value);
}

static int
start(struct settings *set, void *arg)
{
	struct reporting *r = arg;
	const char *path;

	r->key = set->lineage_key;
	if (set->files_n == 0) {
		usage_wrong(
		    &r->frame.command, "what is the page to be called?");
		return STATUS_USAGE;
	}
	path = set->files[0];
	set->files_n--;
	memmove(set->files, set->files + 1, set->files_n * sizeof(*set->files));
	return page_check(&r->page, set, path);
}

static enum verdict
keep(struct event *ev, void *arg)
{
	struct reporting *r = arg;

	report_event(
	    &r->report, ev->arena, ev->history, ev->line.text, ev->line.len);
	return VERDICT_WRITTEN;
}

static int
write_page(struct reporting *r)
{
	int error = page_open(&r->page);

	if (error != 0)
		return error;
	if (!report_write(&r->report, &r->page.writer, r->key))
		return ENOMEM;
	return page_close(&r->page);
}

static void
finish(void *arg, struct buf *out)
{
	struct reporting *r = arg;
	const struct report *p = &r->report;
	int error = write_page(r);

	(void)out;
	if (error != 0)
		frame_fail(&r->frame, "%s: %s", r->page.path, strerror(error));
	if (p->total > p->kept)
		complain("ms-trace", "%s: shows %zu of %" PRIu64 " events; %s",
		    r->page.path, p->kept, p->total,
		    p->large > 0
			? "a page holds 64 MiB of them; --where picks some"
			: "--events shows more");
}

static void
release(void *arg)
{
	struct reporting *r = arg;

	page_release(&r->page);
	report_release(&r->report);
}

static const struct subcommand subcommand = {
    .name = "report",
    .synopsis = "report [options] OUT.html [file ...]",
    .summary = "Write a page that shows the events and their histories.",
    .parts = FRAME_PICKS | FRAME_DOCUMENT | FRAME_WHOLE,
    .options = options,
    .option = option,
    .start = start,
    .event = keep,
    .finish = finish,
    .release = release,
};

int
trace_report(int argc, char **argv)
{
	struct reporting r = {
	    .report = {.cap = 10000}, .page = {.writer = {.fd = -1}}};

	return frame_main(&subcommand, &r.frame, argc, argv);
}
