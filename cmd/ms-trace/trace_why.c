/*
 * ms-trace why - how a value came to be, to the bottom.
 */
#include <errno.h>
#include <string.h>

#include "driver/complain.h"
#include "frame.h"
#include "history/why.h"
#include "readers.h"
#include "render/reasons.h"

enum { JSON = 256, PATHS = 64 };

struct asking {
	struct frame frame;
	bool json;
	struct rules *rules;
	struct pointer paths[PATHS];
	size_t paths_n;
};

static const struct option_spec options[] = {
    {JSON, "json", NULL, "as data: an object an event"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct asking *q = arg;

	(void)id;
	(void)value;
	q->json = true;
	return 0;
}

static int
start(struct settings *set, void *arg)
{
	struct asking *q = arg;
	const struct command *c = &q->frame.command;
	const char *paths[PATHS];
	size_t n = frame_arguments(&q->frame, set, PATHS, frame_is_path, paths);
	int status = STATUS_OK;

	if (n == SIZE_MAX || n == 0) {
		usage_wrong(c,
		    n == 0 ? "a path comes first, as .a.b or /a/b"
			   : "before -- there are paths, as .a.b or "
			     "/a/b");
		return STATUS_USAGE;
	}
	for (size_t i = 0; i < n && status == STATUS_OK; i++)
		status = frame_path(c, set, "", paths[i], &q->paths[i]);
	q->paths_n = n;
	q->rules = rules_new();
	if (status != STATUS_OK || q->rules != NULL)
		return status;
	complain(set->command, "%s", strerror(errno));
	return STATUS_IO;
}

static void
release(void *arg)
{
	struct asking *q = arg;

	rules_free(q->rules);
}

static enum verdict
answer(struct event *ev, void *arg)
{
	const struct asking *q = arg;
	struct arena *a = ev->arena;
	struct show_event e = frame_event(ev);
	struct why *values[PATHS], *past[PATHS] = {NULL};
	struct reasons r = {.a = a,
	    .event = &e,
	    .values = values,
	    .past = past,
	    .values_n = q->paths_n};
	struct why_event asked = {a, q->rules, ev->root, NULL, 0};
	struct why_asking *asking;
	struct rewind_error error;

	rules_begin(q->rules);
	asked.v = r.v = view_history(a, ev->history, &r.n);
	asked.n = r.n;
	asking = why_start(&asked, &error);
	if (asking == NULL)
		return event_fail(ev, "%s", error.text);
	for (size_t i = 0; i < q->paths_n; i++) {
		values[i] = why_value(asking, &q->paths[i]);
		if (q->json)
			past[i] = why_past(asking, &q->paths[i]);
	}
	r.here = why_here(asking);
	if (q->json)
		reasons_write_json(ev->out, &r);
	else
		reasons_write(ev->out, &q->frame.terminal, &r);
	return VERDICT_WRITTEN;
}

static const struct subcommand subcommand = {
    .name = "why",
    .synopsis = "why [options] PATH ... [--] [file ...]",
    .summary = "Tell how values came to be, and why the events are here.",
    .parts = FRAME_PICKS | FRAME_COLOUR | FRAME_DOCUMENT | FRAME_WHOLE,
    .options = options,
    .option = option,
    .start = start,
    .event = answer,
    .release = release,
};

int
trace_why(int argc, char **argv)
{
	struct asking q = {.json = false};

	return frame_main(&subcommand, &q.frame, argc, argv);
}
