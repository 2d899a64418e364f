/*
 * ms-enrich - join the rows of a table to events.
 *
 * Where a key finds no row the event passes as it is, unless --miss says
 * otherwise; its record says that there was none.
 */
#include <string.h>

#include "driver/size.h"
#include "enrich_check.h"
#include "state/duration.h"

enum { IN_FLIGHT_DEFAULT = 64, IN_FLIGHT_MOST = 10000 };

static const struct option_spec options[] = {
    {'t', "table", "FILE", NULL},
    {FOLLOW, "follow", NULL, "a table: CSV, TSV, JSON; as it changes"},
    {SQL, "sql", "DB", NULL},
    {BIND, "bind", "NAME=PROGRAM", NULL},
    {MMDB, "mmdb", "FILE", NULL},
    {COPROC, "coproc", "CMD", "SELECT; others"},
    {SEND, "send", "PROGRAM", NULL},
    {SEND_TEXT, "send-text", "PROGRAM", NULL},
    {IN_FLIGHT, "in-flight", "N", "to CMD"},
    {CACHE, "cache", "N", NULL},
    {CACHE_TTL, "cache-ttl", "TIME", NULL},
    {TIMEOUT, "timeout", "TIME", "keep; wait (5s)"},
    {'k', "key", "PATH[=COLUMN]", NULL},
    {MATCH, "match", "exact|cidr|prefix|range", "what finds the row"},
    {AS_OF, "as-of", "TIME", NULL},
    {VALID, "valid", "FROM[,TO]", NULL},
    {ALL, "all", NULL, NULL},
    {REPEATED, "repeated", "last|first|refuse", "which"},
    {AS, "as", "PATH", NULL},
    {MERGE, "merge", NULL, NULL},
    {COLUMNS, "columns", "LIST", NULL},
    {EACH, "each", "PATH", NULL},
    {WHEN, "when", "PROGRAM", "where it goes"},
    {MISS, "miss", "pass|null|reject", NULL},
    {DEFAULT, "default", "JSON", NULL},
    {REFRESH, "refresh", NULL, NULL},
    {CHECK, "check", NULL, "no row; repair"},
    {STRINGS, "strings", NULL, NULL},
    {TYPES, "types", "COL:TYPE,...", NULL},
    {SEPARATOR, "separator", "CHAR", "cells of CSV"},
    {0, NULL, NULL, NULL},
};

/* The place of an option in the table. */
static size_t
place_of(int id)
{
	size_t i = 0;

	while (options[i].id != id)
		i++;
	return i;
}

bool
enrich_was_given(const struct enrich *e, int id)
{
	return (e->given >> place_of(id) & 1) != 0;
}

/* The place of a word among those that an option takes, or -1. */
static int
choice(const char *option, const char *value, const char *const *names)
{
	for (int i = 0; names[i] != NULL; i++)
		if (strcmp(value, names[i]) == 0)
			return i;
	return usage_wrong(&enrich_command, "--%s: '%s' is not %s, %s%s%s%s%s",
	    option, value, names[0], names[3] == NULL ? "" : names[1],
	    names[3] == NULL ? "" : ", ",
	    names[3] == NULL ? names[1] : names[2], " or ",
	    names[3] == NULL ? names[2] : names[3]);
}

static int
set_miss(struct join *j, const char *value)
{
	static const char *const names[] = {"pass", "null", "reject", NULL};
	int i = choice("miss", value, names);

	j->miss = (enum join_miss)i;
	return i < 0 ? -1 : 0;
}

static int
set_match(struct join *j, const char *value)
{
	static const char *const names[] = {
	    "exact", "cidr", "prefix", "range", NULL};
	int i = choice("match", value, names);

	j->options.match = (enum source_match)i;
	return i < 0 ? -1 : 0;
}

static int
set_repeated(struct join *j, const char *value)
{
	static const char *const names[] = {"last", "first", "refuse", NULL};
	int i = choice("repeated", value, names);

	j->options.repeated = (enum source_repeated)i;
	return i < 0 ? -1 : 0;
}

static int
set_separator(struct join *j, const char *value)
{
	if (strcmp(value, "\\t") == 0)
		value = "\t";
	if (value[0] == '\0' || value[1] != '\0' ||
	    strchr("\"\r\n", value[0]) != NULL || (value[0] & 0x80) != 0)
		return usage_wrong(&enrich_command,
		    "--separator: '%s' is no character that can stand between "
		    "cells, as ; or \\t",
		    value);
	j->options.separator = value[0];
	return 0;
}

static int
set_cache(struct join *j, const char *value)
{
	if (size_parse(value, &j->options.cache) && j->options.cache > 0)
		return 0;
	return usage_wrong(&enrich_command,
	    "--cache: '%s' is no number of answers, as 10000", value);
}

static int
set_in_flight(struct join *j, const char *value)
{
	size_t *n = &j->options.in_flight;

	if (size_parse(value, n) && *n > 0 && *n <= IN_FLIGHT_MOST)
		return 0;
	return usage_wrong(&enrich_command,
	    "--in-flight: '%s' is no number of requests, from 1 to %d", value,
	    (int)IN_FLIGHT_MOST);
}

static int
set_time(const char *option, const char *value, int64_t *micros)
{
	if (duration_parse(value, strlen(value), micros) && *micros > 0)
		return 0;
	return usage_wrong(&enrich_command,
	    "--%s: '%s' is no length of time, as 500ms, 10s or 1m", option,
	    value);
}

static int
add_key(struct enrich *e, const char *option, const char *value)
{
	struct join *j = &e->enricher.join;

	if (j->keys_n == SOURCE_KEYS)
		return usage_wrong(&enrich_command,
		    "%s is given more than %d times", option, (int)SOURCE_KEYS);
	e->keys[j->keys_n++] = value;
	return 0;
}

/* What takes a value takes one: the last of two wouldn't be the better. */
static int
check_once(struct enrich *e, int id)
{
	size_t i = place_of(id);

	if (options[i].value != NULL && id != 'k' && id != BIND &&
	    enrich_was_given(e, id))
		return usage_wrong(
		    &enrich_command, "--%s is given twice", options[i].name);
	e->given |= (uint64_t)1 << i;
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
	case SQL:
	case COPROC:
	case MMDB:
		j->options.name = value;
		return 0;
	case 'k':
		return add_key(e, "-k", value);
	case BIND:
		return add_key(e, "--bind", value);
	case SEND:
	case SEND_TEXT:
		return add_key(e, "--send", value);
	case IN_FLIGHT:
		return set_in_flight(j, value);
	case CACHE:
		return set_cache(j, value);
	case CACHE_TTL:
		return set_time("cache-ttl", value, &j->options.cache_ttl);
	case TIMEOUT:
		return set_time("timeout", value, &j->options.timeout);
	case AS:
		j->as = value;
		return 0;
	case MERGE:
		j->merge = true;
		return 0;
	case COLUMNS:
		j->options.columns = value;
		return 0;
	case MISS:
		return set_miss(j, value);
	case DEFAULT:
		j->instead = value;
		return 0;
	case EACH:
		j->each = value;
		return 0;
	case ALL:
		j->options.all = true;
		return 0;
	case REPEATED:
		return set_repeated(j, value);
	case MATCH:
		return set_match(j, value);
	case AS_OF:
		j->as_of = value;
		return 0;
	case VALID:
		j->options.valid = value;
		return 0;
	case STRINGS:
		j->options.strings = true;
		return 0;
	case REFRESH:
		e->enricher.refresh.wanted = true;
		return 0;
	case CHECK:
		e->enricher.refresh.check = true;
		return 0;
	case WHEN:
		e->enricher.when.text = value;
		return 0;
	case FOLLOW:
		j->options.follow = true;
		return 0;
	case TYPES:
		j->options.types = value;
		return 0;
	default:
		return set_separator(j, value);
	}
}

/* Only a SELECT is an argument that is no file. */
static bool
no_program(const void *arg)
{
	return !enrich_was_given(arg, SQL);
}

static int
start(struct settings *set, void *arg)
{
	struct enrich *e = arg;

	if (enrich_check(e, set) != 0)
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

static bool
ask(struct event *ev, void *arg)
{
	const struct enrich *e = arg;

	return enricher_ask(&e->enricher, ev);
}

static enum verdict
end(struct event *ev, void *arg, bool cut)
{
	const struct enrich *e = arg;
	const char *error;

	(void)cut;
	if (enricher_end(&e->enricher, &error))
		return VERDICT_WRITTEN;
	event_fail(ev, "%s: %s", e->enricher.join.label, error);
	return VERDICT_ABORT;
}

static void
release(void *arg)
{
	struct enrich *e = arg;

	enricher_release(&e->enricher);
}

const struct command enrich_command = {
    .name = "ms-enrich",
    .op = "enrich",
    .synopsis = "[options] -t FILE -k PATH[=COLUMN] [file ...]",
    .summary = "Join to events what a table or a database knows.",
    .options = options,
    .takes_program = true,
    .may_lack_it = true,
    .no_program = no_program,
    .option = option,
    .start = start,
    .local_new = local_new,
    .local_free = enricher_local_free,
    .event = enrich,
    .ask = ask,
    .end = end,
    .release = release,
};

int
main(int argc, char **argv)
{
	struct enrich e = {
	    .enricher.join.options.timeout = (int64_t)5 * 1000000,
	    .enricher.join.options.in_flight = IN_FLIGHT_DEFAULT,
	};

	return driver_main(&enrich_command, &e, argc, argv);
}
