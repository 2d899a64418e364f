/*
 * ms-trace diff - show what changed between two stages.
 */
#include "render/changes.h"
#include "history/difference.h"
#include "render/log.h"
#include "arguments.h"
#include "show.h"
#include "subcommands.h"

enum { PATCH = 256 };

struct diff {
	struct show show;
	bool patch;
	size_t behind; /* arguments behind -- */
	struct difference between;
};

static const struct command command;

static const struct option_spec options[] = {
    {PATCH, "patch", NULL, "as a JSON Patch (RFC 6902), one a line"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct diff *d = arg;

	if (id == PATCH)
		d->patch = true;
	else
		return show_option(&d->show, &command, id, value);
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
	size_t n = arguments_take(set, d->behind, 2, is_stage, stages);

	if (n == SIZE_MAX)
		return options_wrong(
			   &command, "before -- there are two stages"),
		       STATUS_USAGE;
	if (n > 0)
		stage_ref_parse(&d->between.from, stages[0]);
	if (n > 1)
		stage_ref_parse(&d->between.to, stages[1]);
	return show_start(&d->show, set);
}

/* Apply the patch that was written at byte from, and show what it changes. */
static enum verdict
show_changes(const struct diff *d, struct event *ev, size_t from,
    struct value event, const struct view *v, size_t n)
{
	struct traveller t = show_traveller(ev);
	struct changes changes = {.a = ev->arena};
	struct patch_watch watch = changes_watch(&changes);
	struct pen pen = {ev->out, ev->arena, &d->show.paper, 0};
	struct scan_error bad;
	struct patch_error error;
	struct value patch;

	if (ev->out->failed)
		return VERDICT_WRITTEN;
	if (!value_parse(ev->arena, ev->out->p + from, ev->out->len - from,
		&patch, &bad))
		return event_fail(ev, "the difference: %s", bad.reason);
	ev->out->len = from;
	if (!patch_follow(ev->arena, patch, &event, &watch, &error))
		return event_fail(ev, "the difference: %s", error.text);
	journey_header(&pen, &t, v, n);
	changes_write(&pen, changes.first, "  ");
	pen_end(&pen);
	return VERDICT_WRITTEN;
}

static enum verdict
show(struct event *ev, void *arg)
{
	const struct diff *d = arg;
	enum verdict verdict = show_picks(&d->show, ev);
	size_t from = ev->out->len, n;
	struct rewind_error error;
	struct value start;
	struct view *v;

	if (verdict != VERDICT_PASS)
		return verdict;
	v = view_history(ev->arena, ev->history, &n);
	if (!difference_patch(ev->out, ev->arena, &d->between, ev->root, v, n,
		&start, &error))
		return event_fail(ev, "%s", error.text);
	if (!d->patch)
		return show_changes(d, ev, from, start, v, n);
	buf_putc(ev->out, '\n');
	return VERDICT_WRITTEN;
}

static const struct command command = {
    .name = "ms-trace",
    .op = "diff",
    .synopsis = "diff [options] [FROM [TO]] [--] [file ...]",
    .summary = "Show what changed in the events between two stages.",
    .options = options,
    .shared = show_options,
    .option = option,
    .start = start,
    .local_new = show_local_new,
    .local_free = show_local_free,
    .event = show,
    .release = show_release,
};

int
trace_diff(int argc, char **argv)
{
	struct diff d = {
	    .behind = arguments_behind(argc, argv),
	    .between = {{.kind = STAGE_REF_FIRST}, {.kind = STAGE_REF_LAST}},
	};

	return driver_main(&command, &d, argc, argv);
}
