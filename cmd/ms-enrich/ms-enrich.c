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
	unsigned given; /* bits of options, by their place in the table */
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
			e->enricher.join.miss = (enum join_miss)i;
			return 0;
		}
	}
	return usage_wrong(
	    &command, "--miss: '%s' is not pass, null or reject", value);
}

/* What takes a value takes one: the last of two wouldn't be the better. */
static int
check_once(struct enrich *e, int id)
{
	size_t i = 0;

	while (options[i].id != id)
		i++;
	if (options[i].value != NULL && (e->given >> i & 1) != 0)
		return usage_wrong(
		    &command, "--%s is given twice", options[i].name);
	e->given |= 1u << i;
	return 0;
}

static int
option(void *arg, int id, const char *value)
{
	struct enrich *e = arg;
	struct join *j = &e->enricher.join;

	if (check_once(e, id) == -1)
		return -1;
	switch (id) {
	case 't':
		j->file = value;
		return 0;
	case 'k':
		e->key = value;
		return 0;
	case AS:
		j->as = value;
		return 0;
	case MERGE:
		j->merge = true;
		return 0;
	case COLUMNS:
		j->columns = value;
		return 0;
	case MISS:
		return set_miss(e, value);
	default:
		e->enricher.strings = true;
		return 0;
	}
}

static int
check_options(struct enrich *e)
{
	struct join *j = &e->enricher.join;

	if (j->file == NULL || e->key == NULL)
		return usage_wrong(&command, "%s is missing",
		    j->file == NULL ? "-t FILE" : "-k PATH");
	if (strcmp(j->file, "-") == 0)
		return usage_wrong(
		    &command, "-t: the table can't be standard input");
	if (j->as != NULL && j->merge)
		return usage_wrong(
		    &command, "--as and --merge exclude each other");
	if (!keyspec_read(&j->key, e->key))
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
	struct enrich *e = arg;

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
