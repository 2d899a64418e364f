/*
 * ms-trace blame - show the event with the record that set each value.
 */
#include <errno.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/driver.h"
#include "render/annotate.h"
#include "arguments.h"
#include "show.h"
#include "subcommands.h"

enum { JSON = 256, PATHS = 64 };

struct blaming {
	struct show show;
	bool json;
	size_t behind; /* arguments behind -- */
	struct pointer paths[PATHS];
	size_t paths_n;
};

static const struct command command;

static const struct option_spec options[] = {
    {JSON, "json", NULL, "as data: an object an event"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct blaming *b = arg;

	if (id == JSON)
		b->json = true;
	else
		return show_option(&b->show, &command, id, value);
	return 0;
}

/* ./log and ../log are files. */
static bool
is_path(const char *text)
{
	if (*text == '.')
		return text[1] != '/' && text[1] != '.';
	return *text == '/';
}

static int
start(struct settings *set, void *arg)
{
	struct blaming *b = arg;
	const char *paths[PATHS];
	size_t n = arguments_take(set, b->behind, PATHS, is_path, paths);

	if (n == SIZE_MAX)
		return usage_wrong(&command,
			   "before -- there are paths, as .a.b or /a/b"),
		       STATUS_USAGE;
	if (setjmp(set->overflow) != 0) {
		complain(set->command, "%s", strerror(ENOMEM));
		return STATUS_IO;
	}
	for (size_t i = 0; i < n; i++)
		if (!pointer_parse(&set->arena, &b->paths[i], paths[i]))
			return usage_wrong(
				   &command, "'%s' is no path", paths[i]),
			       STATUS_USAGE;
	b->paths_n = n;
	return show_start(&b->show, set);
}

static enum verdict
show(struct event *ev, void *arg)
{
	const struct blaming *b = arg;
	enum verdict verdict = show_picks(&b->show, ev);
	struct traveller t = show_traveller(ev);
	struct annotation n = {NULL, &t, b->paths, b->paths_n};
	struct rewind_error error;
	struct blame blame;
	struct view *v;
	size_t views;

	if (verdict != VERDICT_PASS)
		return verdict;
	v = view_history(ev->arena, ev->history, &views);
	if (!blame_init(&blame, ev->arena, ev->root, v, views, &error))
		return event_fail(ev, "%s", error.text);
	n.blame = &blame;
	if (b->json)
		annotate_json(ev->out, &n);
	else
		annotate_write(ev->out, &b->show.paper, &n);
	return VERDICT_WRITTEN;
}

static const struct command command = {
    .name = "ms-trace",
    .op = "blame",
    .synopsis = "blame [options] [PATH ...] [--] [file ...]",
    .summary = "Show the events, and what last set each value.",
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
trace_blame(int argc, char **argv)
{
	struct blaming b = {.behind = arguments_behind(argc, argv)};

	return driver_main(&command, &b, argc, argv);
}
