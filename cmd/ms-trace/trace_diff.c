/*
 * ms-trace diff - show what changed between two stages.
 */
#include "frame.h"
#include "history/difference.h"
#include "render/between.h"
#include "render/changes.h"
#include "readers.h"

enum { PATCH = 256 };

struct diff {
	struct frame frame;
	bool patch;
	struct difference between;
};

static const struct option_spec options[] = {
    {PATCH, "patch", NULL, "as a JSON Patch (RFC 6902), one a line"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct diff *d = arg;

	(void)id;
	(void)value;
	d->patch = true;
	return 0;
}

static bool
is_stage(const char *text)
{
	struct stage_ref p;

	return *text != '-' && stage_ref_parse(&p, text);
}

static int
start(struct settings *set, void *arg)
{
	struct diff *d = arg;
	const char *stages[2];
	size_t n = frame_arguments(&d->frame, set, 2, is_stage, stages);

	if (n == SIZE_MAX) {
		usage_wrong(
		    &d->frame.command, "before -- there are two stages");
		return STATUS_USAGE;
	}
	if (n > 0)
		stage_ref_parse(&d->between.from, stages[0]);
	if (n > 1)
		stage_ref_parse(&d->between.to, stages[1]);
	return STATUS_OK;
}

/* Apply the patch that was written at byte from, and show what it changes. */
static enum verdict
show_changes(const struct diff *d, struct event *ev, size_t from,
    struct value event, const struct view *v, size_t n)
{
	struct show_event e = frame_event(ev);
	struct changes changes = {.a = ev->arena};
	struct patch_watch watch = changes_watch(&changes);
	struct show show = {{ev->out, &d->frame.terminal, 0}, ev->arena};
	struct scan_error bad;
	struct patch_error error;
	struct rewind_error bad_stage; /* both were found before */
	struct between between = {.event = &e, .v = v, .n = n};
	struct value patch;

	if (ev->out->failed)
		return VERDICT_WRITTEN;
	if (!value_parse(ev->arena, ev->out->p + from, ev->out->len - from,
		&patch, &bad))
		return event_fail(ev, "the difference: %s", bad.reason);
	ev->out->len = from;
	if (!patch_apply(ev->arena, patch, &event, &watch, &error))
		return event_fail(ev, "the difference: %s", error.text);
	between.changes = changes.first;
	(void)difference_record(
	    ev->arena, &d->between.from, v, n, &between.from, &bad_stage);
	(void)difference_record(
	    ev->arena, &d->between.to, v, n, &between.to, &bad_stage);
	between_write(&show, &between);
	return VERDICT_WRITTEN;
}

static enum verdict
show(struct event *ev, void *arg)
{
	const struct diff *d = arg;
	size_t from = ev->out->len, n;
	struct rewind_error error;
	struct value start;
	struct view *v;

	v = view_history(ev->arena, ev->history, &n);
	if (!difference_patch(ev->out, ev->arena, &d->between, ev->root, v, n,
		&start, &error))
		return event_fail(ev, "%s", error.text);
	if (!d->patch)
		return show_changes(d, ev, from, start, v, n);
	buf_putc(ev->out, '\n');
	return VERDICT_WRITTEN;
}

static const struct subcommand subcommand = {
    .name = "diff",
    .synopsis = "diff [options] [FROM [TO]] [--] [file ...]",
    .summary = "Show what changed in the events between two stages.",
    .parts = FRAME_PICKS | FRAME_COLOUR | FRAME_DOCUMENT,
    .options = options,
    .option = option,
    .start = start,
    .event = show,
};

int
trace_diff(int argc, char **argv)
{
	struct diff d = {
	    .between = {{.kind = STAGE_REF_FIRST}, {.kind = STAGE_REF_LAST}}};

	return frame_main(&subcommand, &d.frame, argc, argv);
}
