/*
 * ms-trace report - a page that shows the events and their journeys.
 *
 * The page is written when the input ends.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/complain.h"
#include "driver/driver.h"
#include "io/writer.h"
#include "render/report.h"
#include "subcommands.h"

enum { EVENTS = 256 };

struct reporting {
	struct report report;
	const char *key;
	const char *path;
	struct writer page;
	bool failed;
};

static const struct command command;

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
	return usage_wrong(&command, "--events: '%s' is no number", value);
}

static bool
same_file(const struct stat *x, const struct stat *y)
{
	return x->st_dev == y->st_dev && x->st_ino == y->st_ino;
}

/* Would the page take the place of what it is to show? */
static bool
is_input(const char *path, const struct settings *set)
{
	struct stat page, in;

	if (stat(path, &page) == -1 || !S_ISREG(page.st_mode))
		return false;
	if (set->files_n == 0)
		return fstat(STDIN_FILENO, &in) == 0 && same_file(&page, &in);
	for (size_t i = 0; i < set->files_n; i++) {
		const char *file = set->files[i];
		int got = strcmp(file, "-") == 0 ? fstat(STDIN_FILENO, &in)
						 : stat(file, &in);

		if (got == 0 && same_file(&page, &in))
			return true;
	}
	return false;
}

static int
start(struct settings *set, void *arg)
{
	struct reporting *r = arg;

	set->document = true;
	set->threads = 1; /* one page: more would wait for each other */
	r->key = set->lineage_key;
	if (set->files_n == 0) {
		usage_wrong(&command, "what is the page to be called?");
		return STATUS_USAGE;
	}
	r->path = set->files[0];
	set->files_n--;
	memmove(set->files, set->files + 1, set->files_n * sizeof(*set->files));
	if (is_input(r->path, set)) {
		complain(set->command, "%s: is an input as well", r->path);
		return STATUS_IO;
	}
	if (writer_open(&r->page, r->path) == 0)
		return STATUS_OK;
	complain(set->command, "%s: %s", r->path, strerror(errno));
	return STATUS_IO;
}

static enum verdict
keep(struct event *ev, void *arg)
{
	struct reporting *r = arg;

	report_event(
	    &r->report, ev->arena, ev->history, ev->line.text, ev->line.len);
	return VERDICT_WRITTEN;
}

static void
finish(void *arg, struct buf *out)
{
	struct reporting *r = arg;
	struct buf page = {0};
	int error;

	(void)out;
	report_write(&r->report, &page, r->key);
	error = buf_failed(&page) ? ENOMEM : 0;
	if (error == 0)
		writer_put(&r->page, page.p, page.len);
	buf_release(&page);
	if (error == 0)
		error = writer_close(&r->page);
	if (error != 0) {
		complain("ms-trace", "%s: %s", r->path, strerror(error));
		r->failed = true;
	}
	if (r->report.total > r->report.kept)
		complain("ms-trace",
		    "%s: shows %zu of %" PRIu64 " events; --events shows more",
		    r->path, r->report.kept, r->report.total);
}

static void
release(void *arg)
{
	struct reporting *r = arg;

	if (r->page.fd != -1)
		(void)writer_close(&r->page);
	report_release(&r->report);
}

static const struct command command = {
    .name = "ms-trace",
    .op = "report",
    .synopsis = "report [options] OUT.html [file ...]",
    .summary = "Write a page that shows the events and their journeys.",
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
	struct reporting r = {.report = {.cap = 10000}, .page = {.fd = -1}};
	int status = driver_main(&command, &r, argc, argv);

	return r.failed ? STATUS_IO : status;
}
