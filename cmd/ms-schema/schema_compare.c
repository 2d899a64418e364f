/*
 * ms-schema compare - can those who read with one version of a schema read
 * what another one allows?
 *
 * It reads no stream.  What it says to be incompatible comes with an event
 * that shows it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/driver.h"
#include "open.h"
#include "schema/compatible.h"
#include "subcommands.h"

enum { FOR = 256, SAMPLE, FORMATS, MAP };
enum { STATUS_UNKNOWN = 4 };
enum { MEMORY = 1 << 30 };

enum side { READERS = 1, WRITERS = 2 };

struct comparing {
	unsigned sides;
	const char *sample_file;
	struct schema_options options;
	struct schema_map *maps;
	struct schema **schema;
	struct schema_checker **checker;
	size_t n;
	char *sample;
	struct compare_event *event;
	size_t events_n;
	struct buf out;
	bool incompatible, unknown;
};

static const struct command command;

static const struct option_spec options[] = {
    {FOR, "for", "readers|writers|both", "who must go on as before (both)"},
    {SAMPLE, "sample", "EVENTS", "look for counterexamples here first"},
    {FORMATS, "formats", NULL, "let format assert"},
    {MAP, "map", "URI=DIR", "where schemas are whose URIs begin so"},
    {0, NULL, NULL, NULL},
};

static int
set_side(struct comparing *g, const char *value)
{
	static const char *const names[] = {"readers", "writers", "both"};

	for (unsigned i = 0; i < 3; i++) {
		if (strcmp(names[i], value) == 0) {
			g->sides = i + 1;
			return 0;
		}
	}
	return usage_wrong(
	    &command, "--for: '%s' is not readers, writers or both", value);
}

static int
option(void *arg, int id, const char *value)
{
	struct comparing *g = arg;

	switch (id) {
	case FOR:
		return set_side(g, value);
	case SAMPLE:
		g->sample_file = value;
		return 0;
	case FORMATS:
		g->options.formats = true;
		return 0;
	default:
		return schema_map_add(
		    &command, &g->maps, &g->options.maps_n, value);
	}
}

/* The lines of the sample; false after a complaint. */
static bool
read_sample(struct comparing *g)
{
	FILE *f = fopen(g->sample_file, "r");
	size_t cap = 0, size = 0;
	ssize_t n;

	if (f != NULL) {
		n = getdelim(&g->sample, &cap, EOF, f);
		size = n > 0 ? (size_t)n : 0;
	}
	if (f == NULL || ferror(f)) {
		complain(
		    command.name, "%s: %s", g->sample_file, strerror(errno));
		if (f != NULL)
			fclose(f);
		return false;
	}
	fclose(f);
	for (const char *p = g->sample, *end = p + size; p < end;) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		struct compare_event *more =
		    reallocarray(g->event, g->events_n + 1, sizeof(*more));

		if (newline == NULL)
			newline = end;
		if (more == NULL) {
			complain(command.name, "memory is missing");
			return false;
		}
		g->event = more;
		g->event[g->events_n++] =
		    (struct compare_event){p, (size_t)(newline - p)};
		p = newline + 1;
	}
	return true;
}

/* All that inner allows should be valid by outer. */
static void
compare(struct comparing *g, struct arena *a, const char *side, size_t inner,
    size_t outer)
{
	static const char *const said[] = {
	    "compatible", "incompatible", "unknown"};
	enum compare_answer answer = compare_schemas(g->checker[inner],
	    g->checker[outer], a, g->event, g->events_n, &g->out);

	buf_printf(&g->out, "%s, %s: %s: %s\n",
	    schema_name(g->schema[inner < outer ? inner : outer]),
	    schema_name(g->schema[inner < outer ? outer : inner]), side,
	    said[answer]);
	g->incompatible |= answer == COMPARE_REFUTED;
	g->unknown |= answer == COMPARE_UNKNOWN;
}

static int
load(struct comparing *g, const char *path)
{
	struct schema *s;
	int status;

	g->options.maps = g->maps;
	status = schema_open(&command, path, &g->options, &s);
	g->schema[g->n] = s;
	if (status != STATUS_OK) {
		schema_free(s);
		return status;
	}
	g->checker[g->n] = schema_checker_new(s);
	g->n++;
	if (g->checker[g->n - 1] != NULL)
		return STATUS_OK;
	complain(command.name, "memory is missing");
	return STATUS_IO;
}

static int
load_all(struct comparing *g, const struct settings *set)
{
	g->schema = calloc(set->files_n, sizeof(*g->schema));
	g->checker = calloc(set->files_n, sizeof(*g->checker));
	if (g->schema == NULL || g->checker == NULL) {
		complain(command.name, "memory is missing");
		return STATUS_IO;
	}
	for (size_t i = 0; i < set->files_n; i++) {
		int status = load(g, set->files[i]);

		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

/* The last version is compared with each one before. */
static bool
compare_all(struct comparing *g)
{
	size_t last = g->n - 1;
	struct arena a;
	jmp_buf overflow;

	arena_init(&a, MEMORY);
	a.overflow = &overflow;
	if (setjmp(overflow) != 0) {
		arena_release(&a);
		return false;
	}
	for (size_t i = 0; i < last; i++) {
		if ((g->sides & READERS) != 0)
			compare(g, &a, "readers", last, i);
		if ((g->sides & WRITERS) != 0)
			compare(g, &a, "writers", i, last);
		arena_reset(&a);
	}
	arena_release(&a);
	return true;
}

static int
start(struct settings *set, void *arg)
{
	struct comparing *g = arg;
	int status;

	if (set->files_n < 2) {
		usage_wrong(&command, "two versions of a schema are wanted");
		return STATUS_USAGE;
	}
	status = load_all(g, set);
	if (status != STATUS_OK)
		return status;
	if (g->sample_file != NULL && !read_sample(g))
		return STATUS_IO;
	if (!compare_all(g) || buf_failed(&g->out)) {
		complain(command.name, "the comparison needs too much memory");
		return STATUS_IO;
	}
	if (fwrite(g->out.p, 1, g->out.len, stdout) != g->out.len ||
	    fflush(stdout) != 0) {
		complain(command.name, "standard output: %s", strerror(errno));
		return STATUS_IO;
	}
	return g->incompatible ? STATUS_REJECTED
	    : g->unknown       ? STATUS_UNKNOWN
			       : STATUS_DONE;
}

static void
release(void *arg)
{
	struct comparing *g = arg;

	for (size_t i = 0; i < g->n; i++) {
		schema_checker_free(g->checker[i]);
		schema_free(g->schema[i]);
	}
	free(g->schema);
	free(g->checker);
	schema_maps_free(g->maps, g->options.maps_n);
	free(g->event);
	free(g->sample);
	buf_release(&g->out);
}

static const struct command command = {
    .name = "ms-schema",
    .op = "schema",
    .synopsis = "compare [options] OLD NEW ...",
    .summary = "Say whether what one schema allows is valid by another.",
    .options = options,
    .reads_histories = true,
    .option = option,
    .start = start,
    .release = release,
};

int
schema_compare_main(int argc, char **argv)
{
	struct comparing g = {.sides = READERS | WRITERS};

	return driver_main(&command, &g, argc, argv);
}
