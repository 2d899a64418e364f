/*
 * ms-trace blame - show the event with the record that set each value.
 */
#include <errno.h>
#include <string.h>

#include "driver/complain.h"
#include "frame.h"
#include "history/rule.h"
#include "history/why.h"
#include "render/annotate.h"
#include "readers.h"

enum { JSON = 256, PATHS = 64 };

struct blaming {
	struct frame frame;
	bool json;
	struct pointer paths[PATHS];
	size_t paths_n;
	struct rules *rules; /* for the only path, where people read it */
	struct arena arena;  /* for what its value was made of */
	jmp_buf overflow;
};

static const struct option_spec options[] = {
    {JSON, "json", NULL, "as data: an object an event"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct blaming *b = arg;

	(void)id;
	(void)value;
	b->json = true;
	return 0;
}

static int
start(struct settings *set, void *arg)
{
	struct blaming *b = arg;
	const struct command *c = &b->frame.command;
	const char *paths[PATHS];
	size_t n = frame_arguments(&b->frame, set, PATHS, frame_is_path, paths);
	int status = STATUS_OK;

	if (n == SIZE_MAX) {
		usage_wrong(c, "before -- there are paths, as .a.b or /a/b");
		return STATUS_USAGE;
	}
	for (size_t i = 0; i < n && status == STATUS_OK; i++)
		status = frame_path(c, set, "", paths[i], &b->paths[i]);
	b->paths_n = n;
	if (n != 1 || b->json || status != STATUS_OK)
		return status;
	set->threads = 1; /* the rules and the arena are one thread's */
	arena_init(&b->arena, set->max_memory);
	b->arena.overflow = &b->overflow;
	b->arena.rulebook = set->rulebook;
	b->rules = rules_new();
	if (b->rules != NULL)
		return STATUS_OK;
	complain(set->command, "%s", strerror(ENOMEM));
	return STATUS_IO;
}

static void
release(void *arg)
{
	struct blaming *b = arg;

	rules_free(b->rules);
	arena_release(&b->arena);
}

/*
 * What the value at the only path was made of; NULL where nobody asks, or
 * where there isn't memory enough to know.
 */
static const struct why *
reasons_of(struct blaming *b, struct event *ev, const struct view *v, size_t n)
{
	struct why_event asked = {&b->arena, b->rules, ev->root, v, n};
	struct why_asking *asking;
	struct rewind_error error;

	if (b->rules == NULL)
		return NULL;
	arena_reset(&b->arena);
	if (setjmp(b->overflow) != 0)
		return NULL;
	rules_begin(b->rules);
	asking = why_start(&asked, &error);
	return asking == NULL ? NULL : why_value(asking, &b->paths[0]);
}

static enum verdict
show(struct event *ev, void *arg)
{
	struct blaming *b = arg;
	struct show_event e = frame_event(ev);
	struct annotation n = {NULL, &e, b->paths, b->paths_n, NULL};
	struct rewind_error error;
	struct blame blame;
	size_t views;
	struct view *v = view_history(ev->arena, ev->history, &views);

	if (!blame_init(&blame, ev->arena, ev->root, v, views, &error))
		return event_fail(ev, "%s", error.text);
	n.blame = &blame;
	if (b->json) {
		annotate_json(ev->out, &n);
		return VERDICT_WRITTEN;
	}
	n.why = reasons_of(b, ev, v, views);
	annotate_write(ev->out, &b->frame.terminal, &n);
	return VERDICT_WRITTEN;
}

static const struct subcommand subcommand = {
    .name = "blame",
    .synopsis = "blame [options] [PATH ...] [--] [file ...]",
    .summary = "Show the events, and what last set each value.",
    .parts = FRAME_PICKS | FRAME_COLOUR | FRAME_DOCUMENT,
    .options = options,
    .option = option,
    .start = start,
    .event = show,
    .release = release,
};

int
trace_blame(int argc, char **argv)
{
	struct blaming b = {.json = false};

	return frame_main(&subcommand, &b.frame, argc, argv);
}
