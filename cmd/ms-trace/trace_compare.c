/*
 * ms-trace compare - two outputs of a pipeline beside each other.
 *
 * The driver reads the old one; the new one is read beside it, event by
 * event, so that what has to wait for its other is what differs in order.
 */
#include <errno.h>
#include <string.h>

#include "driver/complain.h"
#include "readers.h"
#include "second.h"
#include "value/string.h"
#include "versus.h"

enum { JSON = 256, IGNORE, ALSO_OLD, ALSO_NEW, PATHS = 64, FILES = 64 };

/* Another output of one of the runs. */
struct also {
	const char *path;
	enum pairing_side side;
};

struct comparing {
	struct frame frame;
	struct versus versus;
	const struct settings *set;
	struct second second;
	bool ended; /* the second file did, or it can't be read */
	struct also also[FILES];
	size_t also_n;
	const char *ignore[PATHS];
	struct pointer ignored[PATHS];
	size_t ignored_n;
};

static const struct option_spec options[] = {
    {'p', "patch", NULL, "show each difference"},
    {JSON, "json", NULL, "as data: an object, with -p one a difference"},
    {IGNORE, "ignore", "PATH", "don't compare what is there (repeated)"},
    {ALSO_OLD, "also-old", "FILE", "what OLD's run wrote beside it: --else,"},
    {ALSO_NEW, "also-new", "FILE", "rejects, other outputs; the same of NEW"},
    {0, NULL, NULL, NULL},
};

static int
add_file(struct comparing *c, const char *path, enum pairing_side side)
{
	if (c->also_n == FILES)
		return usage_wrong(
		    &c->frame.command, "at most %d files beside", FILES);
	c->also[c->also_n++] = (struct also){path, side};
	return 0;
}

static int
option(void *arg, int id, const char *value)
{
	struct comparing *c = arg;

	switch (id) {
	case 'p':
		c->versus.contrast.each = true;
		return 0;
	case JSON:
		c->versus.contrast.json = true;
		return 0;
	case ALSO_OLD:
		return add_file(c, value, PAIRING_OLD);
	case ALSO_NEW:
		return add_file(c, value, PAIRING_NEW);
	default:
		if (c->ignored_n == PATHS)
			return usage_wrong(
			    &c->frame.command, "--ignore: at most %d", PATHS);
		c->ignore[c->ignored_n++] = value;
		return 0;
	}
}

/* A file's name as data can hold it, made to last. */
static const char *
name_of(struct settings *set, const char *path)
{
	struct value name;

	if (strcmp(path, "-") == 0)
		return "standard input";
	name = string_repair(&set->arena, path, strlen(path));
	return arena_copy(&set->arena, name.text, name.n);
}

static int
read_paths(struct comparing *c, struct settings *set)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < c->ignored_n && status == STATUS_OK; i++)
		status = frame_path(&c->frame.command, set,
		    "--ignore: ", c->ignore[i], &c->ignored[i]);
	c->versus.ignored =
	    (struct divergence_ignored){c->ignored, c->ignored_n};
	return status;
}

static int
open_new(struct comparing *c, struct settings *set)
{
	if (second_open(&c->second, set, set->files[1]) == 0)
		return STATUS_OK;
	complain(set->command, "%s: %s", set->files[1], strerror(errno));
	return STATUS_IO;
}

static int
start(struct settings *set, void *arg)
{
	struct comparing *c = arg;
	int status;

	if (set->files_n != 2 ||
	    (strcmp(set->files[0], "-") == 0 &&
		strcmp(set->files[1], "-") == 0)) {
		usage_wrong(&c->frame.command,
		    set->files_n == 2 ? "only one of both is standard input"
				      : "two files are compared: OLD NEW");
		return STATUS_USAGE;
	}
	c->set = set;
	status = read_paths(c, set);
	if (status == STATUS_OK)
		status = versus_init(&c->versus, set);
	if (status == STATUS_OK)
		status = open_new(c, set);
	if (status != STATUS_OK)
		return status;
	if (setjmp(set->overflow) != 0) {
		complain(set->command, "%s", strerror(ENOMEM));
		return STATUS_IO;
	}
	c->versus.frame = &c->frame;
	c->versus.contrast.terminal = &c->frame.terminal;
	c->versus.contrast.names[0] = name_of(set, set->files[0]);
	c->versus.contrast.names[1] = name_of(set, set->files[1]);
	set->files_n = 1;
	return STATUS_OK;
}

/* Take one more event of the new file; false at its end. */
static bool
take_new(struct comparing *c, struct buf *out)
{
	const char *name = c->versus.contrast.names[1], *line;
	size_t len;

	switch (second_next(&c->second, &line, &len)) {
	case SECOND_LINE:
		versus_put_line(&c->versus, out, PAIRING_NEW, name,
		    c->second.line, line, len);
		return true;
	case SECOND_LONG:
		complain("ms-trace",
		    "%s:%llu: the line is longer than --max-line", name,
		    (unsigned long long)c->second.line);
		c->versus.bad = true;
		return true;
	case SECOND_FAIL:
		frame_fail(&c->frame, "%s: %s", name, strerror(errno));
		break;
	case SECOND_END:
		break;
	}
	c->ended = true;
	return false;
}

static enum verdict
compare(struct event *ev, void *arg)
{
	struct comparing *c = arg;
	const uint64_t *events = c->versus.contrast.events;
	struct versus_event e = {c->versus.contrast.names[0], event_number(ev),
	    ev->line.text, ev->line.len, ev->root, ev->history};

	versus_put(&c->versus, ev->arena, ev->out, PAIRING_OLD, &e);
	while (!c->ended && events[1] < events[0] && take_new(c, ev->out))
		;
	return VERDICT_WRITTEN;
}

static void
finish(void *arg, struct buf *out)
{
	struct comparing *c = arg;

	while (!c->ended && take_new(c, out))
		;
	for (size_t i = 0; i < c->also_n; i++)
		versus_note_file(
		    &c->versus, c->set, c->also[i].side, c->also[i].path);
	versus_rest(&c->versus, out);
	contrast_write(&c->versus.contrast, out);
	c->frame.differs =
	    c->versus.bad || contrast_differs(&c->versus.contrast);
}

static void
release(void *arg)
{
	struct comparing *c = arg;

	second_close(&c->second);
	versus_release(&c->versus);
}

static const struct subcommand subcommand = {
    .name = "compare",
    .synopsis = "compare [options] OLD NEW",
    .summary = "Tell what differs between two outputs of a pipeline.",
    .parts = FRAME_COLOUR | FRAME_DOCUMENT | FRAME_WHOLE,
    .options = options,
    .option = option,
    .start = start,
    .event = compare,
    .finish = finish,
    .release = release,
};

int
trace_compare(int argc, char **argv)
{
	struct comparing c = {.ended = false};

	return frame_main(&subcommand, &c.frame, argc, argv);
}
