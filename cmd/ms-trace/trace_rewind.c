/*
 * ms-trace rewind - write the events as a stage received or left them.
 */
#include <errno.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/lost.h"
#include "frame.h"
#include "history/rewind.h"
#include "readers.h"
#include "value/object.h"

enum { BEFORE = 256, AFTER };

struct rewinding {
	struct frame frame;
	struct rewind target;
	int given; /* the option that named it, or 0 */
	struct lineage lineage;
	struct lost lost;
};

static const struct option_spec options[] = {
    {BEFORE, "before", "N|NAME", "what this record's stage received (1)"},
    {AFTER, "after", "N|NAME", "what it left"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct rewinding *r = arg;
	struct stage_ref *p = &r->target.stage;

	if (r->given != 0 && r->given != id)
		return usage_wrong(&r->frame.command,
		    "--before and --after exclude each other");
	r->given = id;
	r->target.after = id == AFTER;
	if (stage_ref_parse(p, value) &&
	    (p->kind != STAGE_REF_NUMBER || p->number > 0))
		return 0;
	return usage_wrong(&r->frame.command,
	    "%s: '%s' is no record's number from 1, and no name",
	    id == AFTER ? "--after" : "--before", value);
}

static int
start(struct settings *set, void *arg)
{
	struct rewinding *r = arg;

	if (lineage_init(&r->lineage, LINEAGE_OFF, set->lineage_key, "trace",
		NULL, NULL, 0) == 0)
		return STATUS_OK;
	complain(set->command, "%s", strerror(errno));
	return STATUS_IO;
}

static void
release(void *arg)
{
	struct rewinding *r = arg;

	lineage_release(&r->lineage);
	lost_release(&r->lost);
}

/* Name what was destroyed, after the last event. */
static void
finish(void *arg, struct buf *out)
{
	struct rewinding *r = arg;

	(void)out;
	lost_tell(&r->lost, "ms-trace");
}

static enum verdict
take_back(struct event *ev, void *arg)
{
	struct rewinding *r = arg;
	const struct lineage *l = &r->lineage;
	struct value root = ev->root, history = ev->history, forged;
	size_t from = ev->out->len;
	struct rewind_error error;

	if (!rewind_event(ev->arena, &r->target, &root, &history, &error))
		return event_fail(ev, "%s", error.text);
	if (object_get(
		ev->arena, root, value_text(l->key, l->key_len), &forged))
		return event_fail(ev, "an undo can't set the event's history");
	lost_note(&r->lost, ev->arena, root);
	lineage_write_history(ev->out, ev->arena, l, root, history);
	return check_written(ev, from);
}

static const struct subcommand subcommand = {
    .name = "rewind",
    .synopsis = "rewind [options] [file ...]",
    .summary = "Write the events as an earlier stage received or left them.",
    .parts = FRAME_PICKS,
    .options = options,
    .option = option,
    .start = start,
    .event = take_back,
    .finish = finish,
    .release = release,
};

int
trace_rewind(int argc, char **argv)
{
	struct rewinding r = {
	    .target = {.stage = {.kind = STAGE_REF_FIRST}},
	};

	if (!lost_init(&r.lost)) {
		complain("ms-trace", "%s", strerror(ENOMEM));
		return STATUS_IO;
	}
	return frame_main(&subcommand, &r.frame, argc, argv);
}
