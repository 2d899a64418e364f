/*
 * ms-schema infer - a schema of what the events are like.
 *
 * It is written when the input ends, and says enough of what it counted to
 * be gone on from by --merge.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/complain.h"
#include "driver/driver.h"
#include "schema/shape.h"
#include "subcommands.h"

enum { MERGE = 256, ENUM, KEYS, RANGES };

struct inferring {
	const char *merge, *name;
	size_t values, keys;
	bool ranges;
	struct shapes shapes;
	bool ready, failed;
};

static const struct command command;

static const struct option_spec options[] = {
    {MERGE, "merge", "OLD", "go on from this schema, which infer wrote"},
    {'n', "name", "NAME", "the schema's title"},
    {ENUM, "enum", "N", "list the values of members with N at most"},
    {RANGES, "ranges", NULL, "bounds of numbers, strings and arrays"},
    {KEYS, "keys", "N", "more keys make an object a map (100)"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct inferring *g = arg;
	size_t *n = id == ENUM ? &g->values : &g->keys;

	switch (id) {
	case MERGE:
		g->merge = value;
		return 0;
	case 'n':
		g->name = value;
		return 0;
	case RANGES:
		g->ranges = true;
		return 0;
	}
	if (size_parse(value, n) && *n > 0 && *n <= 100000)
		return 0;
	return usage_wrong(&command, "--%s: '%s' is no number from 1 to 100000",
	    id == ENUM ? "enum" : "keys", value);
}

/* All of a file, in the shapes' arena. */
static char *
read_file(struct arena *a, int fd, size_t *len)
{
	size_t cap = 65536;
	char *text = arena_alloc(a, cap);
	ssize_t n;

	*len = 0;
	while ((n = read(fd, text + *len, cap - *len)) != 0) {
		if (n == -1 && errno != EINTR)
			return NULL;
		*len += n > 0 ? (size_t)n : 0;
		if (*len == cap) {
			char *more = arena_alloc(a, 2 * cap);

			memcpy(more, text, cap);
			text = more;
			cap *= 2;
		}
	}
	return text;
}

/* Go on from a schema; the arena's overflow is caught by the caller. */
static int
merge(struct inferring *g, const char *text, size_t len)
{
	struct scan_error error;
	struct value v;
	const char *why;
	uint32_t at;

	if (!value_parse(&g->shapes.arena, text, len, &v, &error)) {
		complain_program(command.name, g->merge, text, len,
		    error.column - (error.column > 0), error.reason);
		return STATUS_USAGE;
	}
	if (v.kind != VALUE_RAW_OBJECT) {
		complain_program(command.name, g->merge, text, len, 0,
		    "expected a schema that infer wrote");
		return STATUS_USAGE;
	}
	why = shape_read(&g->shapes, v.doc, v.n, &at);
	if (why == NULL)
		return STATUS_OK;
	complain_program(command.name, g->merge, text, len, v.doc->at[at], why);
	return STATUS_USAGE;
}

static int
open_merge(struct inferring *g)
{
	int fd = open(g->merge, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	size_t len;

	if (fd != -1) {
		text = read_file(&g->shapes.arena, fd, &len);
		close(fd);
	}
	if (text != NULL)
		return merge(g, text, len);
	complain(command.name, "%s: %s", g->merge, strerror(errno));
	return STATUS_USAGE;
}

static int
start(struct settings *set, void *arg)
{
	struct inferring *g = arg;
	jmp_buf overflow;

	set->threads = 1; /* events are counted in their order */
	set->document = true;
	shapes_init(&g->shapes, set->max_memory);
	g->ready = true;
	g->shapes.arena.overflow = &overflow;
	if (setjmp(overflow) != 0) {
		complain(command.name, "the schema needs too much memory");
		return STATUS_IO;
	}
	g->shapes.values = g->values;
	g->shapes.ranges = g->ranges;
	if (g->keys > 0)
		g->shapes.keys = g->keys;
	g->shapes.root = shape_new(&g->shapes);
	return g->merge == NULL ? STATUS_OK : open_merge(g);
}

/* Count one event. */
static enum verdict
infer(struct event *ev, void *arg)
{
	struct inferring *g = arg;
	jmp_buf overflow;

	if (!g->failed && setjmp(overflow) == 0) {
		g->shapes.arena.overflow = &overflow;
		g->shapes.events++;
		shape_add(&g->shapes, g->shapes.root, ev->arena, ev->root.doc,
		    ev->root.n);
		return VERDICT_DROP;
	}
	g->failed = true;
	return event_fail(ev,
	    "the schema needs too much memory; fewer --keys "
	    "or more --max-memory may do");
}

static void
finish(void *arg, struct buf *out)
{
	struct inferring *g = arg;

	if (!g->failed)
		shape_write(out, &g->shapes, g->name);
}

static void
release(void *arg)
{
	struct inferring *g = arg;

	if (g->ready)
		shapes_release(&g->shapes);
}

static const struct command command = {
    .name = "ms-schema",
    .op = "schema",
    .synopsis = "infer [options] [file ...]",
    .summary = "Write a JSON Schema of what the events are like.",
    .options = options,
    .reads_histories = true,
    .option = option,
    .start = start,
    .event = infer,
    .finish = finish,
    .release = release,
};

int
schema_infer_main(int argc, char **argv)
{
	struct inferring g = {0};

	return driver_main(&command, &g, argc, argv);
}
