/*
 * ms-trace forget - take values out of events, and of their histories, that
 * were written long ago.
 *
 * What is done to each event is what ms-map --forget does: see
 * driver/forgetting.h.
 * With --id or --where it is done to the events that are meant, and the others
 * pass as they are; a line about which that can't be told is rejected without
 * its text.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/footprint.h"
#include "driver/forgetting.h"
#include "frame.h"
#include "readers.h"

enum { PATHS = 64, MASK = 256 };

struct forgetter {
	struct frame frame;

	const char *masks[PATHS];
	size_t masks_n;
	_Atomic uint64_t signatures; /* lines that were taken out */
};

static const struct option_spec options[] = {
    {MASK, "mask", "PATH", "put a keyed digest in a value's place"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct forgetter *f = arg;

	(void)id;
	if (f->masks_n == PATHS)
		return usage_wrong(
		    &f->frame.command, "--mask: %d paths are enough", PATHS);
	f->masks[f->masks_n++] = value;
	return 0;
}

/* Paths, and what they are to become. */
static int
take_paths(struct settings *set, struct forgetter *f)
{
	const char *paths[PATHS];
	size_t n = frame_arguments(&f->frame, set, PATHS, frame_is_path, paths);
	int status = STATUS_OK;

	if (n == SIZE_MAX || n + f->masks_n == 0) {
		usage_wrong(&f->frame.command,
		    "which values?  ms-trace forget PATH ... [--] [file ...], "
		    "with paths as .a.b, .a[].b or /a/b");
		return STATUS_USAGE;
	}
	for (size_t i = 0; i < n && status == STATUS_OK; i++)
		status = forgetting_path(set, "forget", paths[i], false);
	for (size_t i = 0; i < f->masks_n && status == STATUS_OK; i++)
		status = forgetting_path(set, "--mask", f->masks[i], true);
	return status;
}

/* It has no program: a policy looks at what is to be forgotten. */
static void
say(struct footprint *f, void *arg)
{
	(void)f;
	(void)arg;
}

static int
start(struct settings *set, void *arg)
{
	struct forgetter *f = arg;
	int status = take_paths(set, f);

	f->frame.passes_others = true;
	f->frame.policed = set->policed;
	set->forget_late = f->frame.id != NULL || f->frame.where != NULL;
	return status == STATUS_OK ? footprint_check(set, say, f) : status;
}

/* What is to go is gone by now, but where events are picked. */
static enum verdict
forget(struct event *ev, void *arg)
{
	size_t from = ev->out->len;

	(void)arg;
	if (!forgetting_now(ev))
		return VERDICT_REJECT;
	buf_put(ev->out, ev->line.text, ev->line.len);
	buf_putc(ev->out, '\n');
	return check_written(ev, from);
}

/* What was signed isn't what is written. */
static enum verdict
take_out(struct event *ev, void *arg)
{
	struct forgetter *f = arg;

	(void)ev;
	f->signatures++;
	return VERDICT_WRITTEN;
}

static void
finish(void *arg, struct buf *out)
{
	const struct forgetter *f = arg;

	(void)out;
	if (f->signatures > 0)
		complain("ms-trace",
		    "%" PRIu64 " line%s of a signature %s taken out: sign "
		    "anew (ms-trace seal)",
		    f->signatures, f->signatures == 1 ? "" : "s",
		    f->signatures == 1 ? "was" : "were");
}

static const struct subcommand subcommand = {
    .name = "forget",
    .synopsis = "forget [options] PATH ... [--] [file ...]",
    .summary = "Take values out of the events and of their histories.",
    .parts = FRAME_PICKS | FRAME_SEALS | FRAME_MASKS | FRAME_TAKES,
    .options = options,
    .option = option,
    .start = start,
    .event = forget,
    .seal = take_out,
    .finish = finish,
};

int
trace_forget(int argc, char **argv)
{
	struct forgetter f = {.masks_n = 0};

	return frame_main(&subcommand, &f.frame, argc, argv);
}
