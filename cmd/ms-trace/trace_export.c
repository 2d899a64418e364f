/*
 * ms-trace export - histories in the formats of OpenTelemetry, OpenLineage
 * and W3C PROV.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "driver/complain.h"
#include "frame.h"
#include "render/openlineage.h"
#include "record/uuid.h"
#include "readers.h"

enum export_type { EXPORT_NONE, EXPORT_OTLP, EXPORT_OPENLINEAGE, EXPORT_PROV };

struct exporting {
	struct frame frame;
	enum export_type type;
	struct export x;
	struct openlineage pipeline;
	struct uuid_series series;
	struct uuid_maker maker;
};

static const struct option_spec options[] = {
    {'T', "type", "TYPE", "otlp, openlineage or prov"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	static const char *const NAMES[] = {[EXPORT_OTLP] = "otlp",
	    [EXPORT_OPENLINEAGE] = "openlineage",
	    [EXPORT_PROV] = "prov"};
	struct exporting *e = arg;

	(void)id;
	for (int i = EXPORT_OTLP; i <= EXPORT_PROV; i++) {
		if (strcmp(value, NAMES[i]) != 0)
			continue;
		e->type = (enum export_type)i;
		return 0;
	}
	return usage_wrong(&e->frame.command,
	    "-T: '%s' is none of otlp, openlineage, prov", value);
}

static int
start(struct settings *set, void *arg)
{
	struct exporting *e = arg;

	(void)set;
	if (e->type == EXPORT_NONE) {
		usage_wrong(&e->frame.command, "-T says what to write");
		return STATUS_USAGE;
	}
	(void)uuid_maker_init(&e->maker); /* the driver tells a bad MS_NOW */
	return STATUS_OK;
}

static enum verdict
export_event(struct event *ev, void *arg)
{
	struct exporting *e = arg;
	bool done;

	if (e->type == EXPORT_OPENLINEAGE) {
		if (openlineage_event(
			&e->pipeline, ev->arena, ev->root, ev->history) == -1)
			arena_starve(ev->arena);
		return VERDICT_WRITTEN;
	}
	e->x.a = ev->arena;
	done = e->type == EXPORT_OTLP
	    ? export_otlp(&e->x, ev->history, ev->out)
	    : export_prov(&e->x, ev->history, ev->out);
	return done ? VERDICT_WRITTEN : event_fail(ev, "%s", e->x.error);
}

static void
finish(void *arg, struct buf *out)
{
	struct exporting *e = arg;
	char id[UUID_TEXT + 1];

	if (e->type != EXPORT_OPENLINEAGE)
		return;
	if (!uuid_next(&e->series, &e->maker, id) ||
	    !openlineage_write(
		&e->pipeline, out, id, clock_stamp(&e->maker.clock)))
		frame_fail(&e->frame, "%s", strerror(ENOMEM));
	if (e->pipeline.others > 0)
		complain("ms-trace",
		    "%" PRIu64 " events took routes for which there is no "
		    "more room",
		    e->pipeline.others);
}

static void
release(void *arg)
{
	struct exporting *e = arg;

	export_release(&e->x);
	openlineage_release(&e->pipeline);
}

static const struct subcommand subcommand = {
    .name = "export",
    .synopsis = "export -T TYPE [options] [file ...]",
    .summary = "Write the histories in a format of others.",
    .parts = FRAME_PICKS | FRAME_DOCUMENT | FRAME_WHOLE,
    .options = options,
    .option = option,
    .start = start,
    .event = export_event,
    .finish = finish,
    .release = release,
};

int
trace_export(int argc, char **argv)
{
	struct exporting e = {.type = EXPORT_NONE};

	return frame_main(&subcommand, &e.frame, argc, argv);
}
