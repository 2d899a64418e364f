/*
 * ms-trace account - prove that every event is in an output or in the trail.
 *
 * The driver reads the outputs; the trail and the inputs are read beside them,
 * as far as the lines that the outputs' events come from: what waits in memory
 * is what is out of step between the files.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "books.h"
#include "driver/complain.h"
#include "driver/control.h"
#include "frame.h"
#include "readers.h"
#include "second.h"

enum { TRAIL = 256, IN, JSON, FILES = 64 };

/* A file that is read beside the outputs. */
struct beside {
	const char *path;
	const char *name; /* of an input, as origins call it; else NULL */
	struct second second;
	bool opened, ended;
	uint64_t line; /* that its last event came from */
};

struct accounting {
	struct frame frame;
	struct books books;
	const struct settings *set;
	struct lineage lineage; /* knows the key of histories */
	struct beside beside[FILES];
	size_t files;
	struct arena arena; /* for what isn't the driver's event */
	jmp_buf overflow;
};

static const struct option_spec options[] = {
    {TRAIL, "trail", "FILE", "what the stages didn't pass on (repeated)"},
    {IN, "in", "[NAME=]FILE", "what entered; the origins call it NAME"},
    {JSON, "json", NULL, "as data: an object"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct accounting *c = arg;
	struct beside *b = &c->beside[c->files];

	if (id == JSON) {
		c->books.json = true;
		return 0;
	}
	if (c->files == FILES)
		return usage_wrong(
		    &c->frame.command, "at most %d files beside", FILES);
	*b = (struct beside){.path = value, .name = id == IN ? value : NULL};
	c->books.ledger.inputs |= id == IN;
	c->files++;
	return 0;
}

/* NAME=FILE, where no file is called so. */
static int
split_name(struct accounting *c, struct settings *set, struct beside *b)
{
	const char *equals = strchr(b->path, '=');

	if (b->name == NULL || equals == NULL || access(b->path, F_OK) == 0)
		return STATUS_OK;
	if (setjmp(set->overflow) != 0) {
		complain(c->frame.command.name, "%s", strerror(ENOMEM));
		return STATUS_IO;
	}
	b->name = arena_copy(&set->arena, b->path, (size_t)(equals - b->path));
	b->path = equals + 1;
	return STATUS_OK;
}

static int
open_beside(struct accounting *c, struct settings *set, struct beside *b)
{
	int status = split_name(c, set, b);

	if (status != STATUS_OK)
		return status;
	b->opened = true;
	if (second_open(&b->second, set, b->path) == 0) {
		b->second.controls = b->name == NULL;
		return STATUS_OK;
	}
	complain(set->command, "%s: %s", b->path, strerror(errno));
	return STATUS_IO;
}

/* Standard input can be read once. */
static bool
shares_input(const struct accounting *c, const struct settings *set)
{
	size_t n = set->files_n == 0;

	for (size_t i = 0; i < set->files_n; i++)
		n += strcmp(set->files[i], "-") == 0;
	for (size_t i = 0; i < c->files; i++)
		n += strcmp(c->beside[i].path, "-") == 0;
	return n > 1;
}

static int
start(struct settings *set, void *arg)
{
	struct accounting *c = arg;
	int status = STATUS_OK;

	if (shares_input(c, set)) {
		usage_wrong(
		    &c->frame.command, "only one file is standard input");
		return STATUS_USAGE;
	}
	c->set = set;
	arena_init(&c->arena, set->max_memory);
	c->arena.overflow = &c->overflow;
	c->arena.rulebook = set->rulebook;
	if (lineage_init(&c->lineage, LINEAGE_OFF, set->lineage_key, "trace",
		NULL, NULL, 0) == -1) {
		complain(set->command, "%s", strerror(errno));
		return STATUS_IO;
	}
	for (size_t i = 0; i < c->files && status == STATUS_OK; i++)
		status = open_beside(c, set, &c->beside[i]);
	return status;
}

static void
bad_line(struct accounting *c, const struct beside *b, const char *why)
{
	complain(c->frame.command.name, "%s:%" PRIu64 ": %s", b->path,
	    b->second.line, why);
	c->frame.differs = true;
}

/* The event of a line; NULL, or why it is none. */
static const char *
read_event(struct accounting *c, const char *text, size_t len,
    struct value *event, struct value *history)
{
	struct scan_error error;

	if (!value_parse(&c->arena, text, len, event, &error))
		return "not JSON";
	if (!value_is_object(*event))
		return "not an object";
	/* The document is the arena's, and nobody else knows it yet. */
	return lineage_find(&c->lineage, &c->arena, (struct doc *)event->doc,
	    event->n, history);
}

/* A line of the trail. */
static void
take_trail(struct accounting *c, struct beside *b, const char *text, size_t len)
{
	struct value event, history;
	const char *why = read_event(c, text, len, &event, &history);

	if (why != NULL)
		bad_line(c, b, why);
	else if (control_key(text, len) != NULL)
		(void)books_control(&c->books, &c->arena, event);
	else
		books_event(&c->books, &c->arena, event, history);
}

/* A line of an input, which may be anything: an event is asked for its id. */
static void
take_input(struct accounting *c, struct beside *b, const char *text, size_t len)
{
	struct value event, history = VALUE_OF(VALUE_NULL);

	if (memmem(text, len, c->lineage.key, c->lineage.key_len) != NULL &&
	    read_event(c, text, len, &event, &history) != NULL)
		history = VALUE_OF(VALUE_NULL);
	books_enter(&c->books, &c->arena, b->name, b->second.line, history);
}

/* Take one more line; false at the file's end. */
static bool
take_line(struct accounting *c, struct beside *b)
{
	const char *text;
	size_t len;

	switch (second_next(&b->second, &text, &len)) {
	case SECOND_LINE:
		break;
	case SECOND_LONG:
		if (b->name == NULL) {
			bad_line(c, b, "the line is longer than --max-line");
			return true;
		}
		text = "";
		len = 0;
		break;
	case SECOND_FAIL:
		frame_fail(&c->frame, "%s: %s", b->path, strerror(errno));
		b->ended = true;
		return false;
	case SECOND_END:
		b->ended = true;
		return false;
	}
	if (setjmp(c->overflow) != 0) {
		bad_line(c, b, "it takes more than --max-memory");
		return true;
	}
	arena_reset(&c->arena);
	if (b->name == NULL)
		take_trail(c, b, text, len);
	else
		take_input(c, b, text, len);
	b->line = c->books.last_line;
	return true;
}

/* An event of an output; the others follow up to its line. */
static enum verdict
take_output(struct event *ev, void *arg)
{
	struct accounting *c = arg;
	uint64_t line;

	books_event(&c->books, ev->arena, ev->root, ev->history);
	line = c->books.last_line;
	for (size_t i = 0; i < c->files; i++) {
		struct beside *b = &c->beside[i];
		uint64_t before;

		do {
			before = b->line;
		} while (!b->ended && b->line < line && take_line(c, b) &&
		    b->line >= before);
	}
	c->books.last_line = line;
	return VERDICT_WRITTEN;
}

static void
finish(void *arg, struct buf *out)
{
	struct accounting *c = arg;
	bool more = true;

	while (more) { /* a line of each in turn */
		more = false;
		for (size_t i = 0; i < c->files; i++)
			if (!c->beside[i].ended)
				more |= take_line(c, &c->beside[i]);
	}
	if (c->books.ledger.failed)
		frame_fail(&c->frame, "%s", strerror(ENOMEM));
	if (!books_write(&c->books, out))
		c->frame.differs = true;
}

static void
release(void *arg)
{
	struct accounting *c = arg;

	for (size_t i = 0; i < c->files; i++)
		if (c->beside[i].opened)
			second_close(&c->beside[i].second);
	books_release(&c->books);
	lineage_release(&c->lineage);
	arena_release(&c->arena);
}

static const struct subcommand subcommand = {
    .name = "account",
    .synopsis = "account [options] [file ...]",
    .summary = "Prove that every event is in an output or in the trail.",
    .parts = FRAME_DOCUMENT | FRAME_WHOLE,
    .options = options,
    .option = option,
    .start = start,
    .event = take_output,
    .finish = finish,
    .release = release,
};

int
trace_account(int argc, char **argv)
{
	struct accounting *c = calloc(1, sizeof(*c));
	int status;

	if (c == NULL) {
		complain("ms-trace", "%s", strerror(errno));
		return STATUS_IO;
	}
	status = frame_main(&subcommand, &c->frame, argc, argv);
	free(c);
	return status;
}
