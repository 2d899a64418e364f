/*
 * ms-enrich - join the rows of a table to events.
 *
 * Where a key finds no row the event passes as it is, unless --miss says
 * otherwise.
 */
#include <string.h>

#include "driver/driver.h"
#include "enricher.h"

struct enrich {
	struct enricher enricher;
	const char *key;
};

enum { AS = 256, MERGE, COLUMNS, MISS, STRINGS };

static const struct command command;

static const struct option_spec options[] = {
    {'t', "table", "FILE", "the table: CSV, TSV, NDJSON or a JSON array"},
    {'k', "key", "PATH[=COLUMN]", "what finds the row whose COLUMN it is"},
    {AS, "as", "PATH", "set the row there, not as a member FILE"},
    {MERGE, "merge", NULL, "set the row's columns in the event itself"},
    {COLUMNS, "columns", "LIST", "take these columns only, in that order"},
    {MISS, "miss", "pass|null|reject", "what to do where there is no row"},
    {STRINGS, "strings", NULL, "leave all cells strings"},
    {0, NULL, NULL, NULL},
};

static int
set_miss(struct enrich *e, const char *value)
{
	static const char *const names[] = {"pass", "null", "reject"};

	for (size_t i = 0; i < 3; i++) {
		if (strcmp(value, names[i]) == 0) {
			e->enricher.miss = (enum miss)i;
			return 0;
		}
	}
	return usage_wrong(
	    &command, "--miss: '%s' is not pass, null or reject", value);
}

static int
option(void *arg, int id, const char *value)
{
	struct enrich *e = arg;

	switch (id) {
	case 't':
		e->enricher.join.file = value;
		return 0;
	case 'k':
		e->key = value;
		return 0;
	case AS:
		e->enricher.join.as = value;
		return 0;
	case MERGE:
		e->enricher.join.merge = true;
		return 0;
	case COLUMNS:
		e->enricher.options.columns = e->enricher.join.columns = value;
		return 0;
	case MISS:
		return set_miss(e, value);
	default:
		e->enricher.options.strings = true;
		return 0;
	}
}

static int
check_options(struct enrich *e)
{
	if (e->enricher.join.file == NULL || e->key == NULL)
		return usage_wrong(&command, "%s is missing",
		    e->enricher.join.file == NULL ? "-t FILE" : "-k PATH");
	if (strcmp(e->enricher.join.file, "-") == 0)
		return usage_wrong(
		    &command, "-t: the table can't be standard input");
	if (e->enricher.join.as != NULL && e->enricher.join.merge)
		return usage_wrong(
		    &command, "--as and --merge exclude each other");
	if (!keyspec_read(&e->enricher.join.key, e->key))
		return usage_wrong(&command,
		    "-k '%s' names no column: say which, as in -k '%s=COLUMN'",
		    e->key, e->key);
	return 0;
}

static int
start(struct settings *set, void *arg)
{
	struct enrich *e = arg;

	if (check_options(e) != 0)
		return STATUS_USAGE;
	return enricher_start(&e->enricher, set);
}

static void *
local_new(void *arg)
{
	const struct enrich *e = arg;

	return enricher_local_new(&e->enricher);
}

static enum verdict
enrich(struct event *ev, void *arg)
{
	const struct enrich *e = arg;

	return enricher_event(&e->enricher, ev);
}

static void
release(void *arg)
{
	struct enrich *e = arg;

	enricher_release(&e->enricher);
}

static const struct command command = {
    .name = "ms-enrich",
    .op = "enrich",
    .synopsis = "[options] -t FILE -k PATH[=COLUMN] [file ...]",
    .summary = "Join the rows of a table to events.",
    .options = options,
    .option = option,
    .start = start,
    .local_new = local_new,
    .local_free = enricher_local_free,
    .event = enrich,
    .release = release,
};

int
main(int argc, char **argv)
{
	struct enrich e = {0};

	return driver_main(&command, &e, argc, argv);
}
