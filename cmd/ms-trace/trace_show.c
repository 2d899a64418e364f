/*
 * ms-trace show - the event itself, indented and coloured for people.
 */
#include "frame.h"
#include "readers.h"
#include "render/pretty.h"

enum { PATHS = 64 };

struct showing {
	struct frame frame;
	struct pointer paths[PATHS];
	size_t paths_n;
};

static int
start(struct settings *set, void *arg)
{
	struct showing *s = arg;
	const struct command *c = &s->frame.command;
	const char *paths[PATHS];
	size_t n = frame_arguments(&s->frame, set, PATHS, frame_is_path, paths);
	int status = STATUS_OK;

	if (n == SIZE_MAX) {
		usage_wrong(c, "before -- there are paths, as .a.b or /a/b");
		return STATUS_USAGE;
	}
	for (size_t i = 0; i < n && status == STATUS_OK; i++)
		status = frame_path(c, set, "", paths[i], &s->paths[i]);
	s->paths_n = n;
	s->frame.terminal.width = SIZE_MAX; /* nothing is cut */
	return status;
}

/* What is at a path, behind its name where there are several. */
static void
put_path(struct show *show, const struct showing *s, const struct event *ev,
    const struct pointer *path)
{
	struct value v;

	if (s->paths_n > 1) {
		terminal_start(&show->line);
		terminal_puts(&show->line, TERMINAL_BOLD, path->text);
		terminal_end(&show->line);
	}
	if (pointer_get(ev->arena, ev->root, path, &v)) {
		pretty_write(show, v);
		return;
	}
	terminal_start(&show->line);
	terminal_puts(&show->line, TERMINAL_BOLD, path->text);
	terminal_puts(&show->line, TERMINAL_DIM, "  is not there");
	terminal_end(&show->line);
}

static enum verdict
show(struct event *ev, void *arg)
{
	const struct showing *s = arg;
	struct show show = {{ev->out, &s->frame.terminal, 0}, ev->arena};

	for (size_t i = 0; i < s->paths_n; i++)
		put_path(&show, s, ev, &s->paths[i]);
	if (s->paths_n == 0)
		pretty_write(&show, ev->root);
	return VERDICT_WRITTEN;
}

static const struct subcommand subcommand = {
    .name = "show",
    .synopsis = "show [options] [PATH ...] [--] [file ...]",
    .summary = "Show the events themselves, without their histories.",
    .parts = FRAME_PICKS | FRAME_COLOUR | FRAME_DOCUMENT,
    .start = start,
    .event = show,
};

int
trace_show(int argc, char **argv)
{
	struct showing s = {.paths_n = 0};

	return frame_main(&subcommand, &s.frame, argc, argv);
}
