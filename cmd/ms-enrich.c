/*
 * ms-enrich - join the rows of a table to events.
 *
 * A string finds the row with that key by its text, a number by its worth;
 * null, arrays, objects and what isn't there find none, which is a miss.
 */
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/driver.h"
#include "table/join.h"
#include "table/table.h"
#include "value/array.h"
#include "value/object.h"

enum miss { MISS_PASS, MISS_NULL, MISS_REJECT };

struct enrich {
	struct join join;
	const char *key_text;
	enum miss miss;
	struct table_options options;
	struct table *table;
	char *column;
	struct program *key;
	struct program *setter; /* of --as, or NULL */
	struct buf rule;
};

struct local {
	struct machine *key;
	struct machine *setter;
};

enum { AS = 256, MERGE, COLUMNS, MISS, STRINGS };

enum { KEY_SHOWN = 200 };

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
			e->miss = (enum miss)i;
			return 0;
		}
	}
	return options_wrong(
	    &command, "--miss: '%s' is not pass, null or reject", value);
}

static int
option(void *arg, int id, const char *value)
{
	struct enrich *e = arg;

	switch (id) {
	case 't':
		e->join.file = value;
		return 0;
	case 'k':
		e->key_text = value;
		return 0;
	case AS:
		e->join.as = value;
		return 0;
	case MERGE:
		e->join.merge = true;
		return 0;
	case COLUMNS:
		e->options.columns = e->join.columns = value;
		return 0;
	case MISS:
		return set_miss(e, value);
	default:
		e->options.strings = true;
		return 0;
	}
}

static int
check_options(struct enrich *e)
{
	if (e->join.file == NULL || e->key_text == NULL)
		return options_wrong(&command, "%s is missing",
		    e->join.file == NULL ? "-t FILE" : "-k PATH");
	if (strcmp(e->join.file, "-") == 0)
		return options_wrong(
		    &command, "-t: the table can't be standard input");
	if (e->join.as != NULL && e->join.merge)
		return options_wrong(
		    &command, "--as and --merge exclude each other");
	if (!keyspec_read(&e->join.key, e->key_text))
		return options_wrong(&command,
		    "-k '%s' names no column: say which, as in -k '%s=COLUMN'",
		    e->key_text, e->key_text);
	return 0;
}

/*
 * The setter runs on [event, row].  The path is compiled alone first, so
 * that a complaint shows what the user wrote.
 */
static int
compile_setter(struct enrich *e, const struct settings *set)
{
	struct program *alone =
	    settings_compile(set, e->join.as, strlen(e->join.as), NULL);
	struct buf b = {0};

	if (alone == NULL)
		return STATUS_USAGE;
	program_free(alone);
	buf_printf(&b, ".[1] as $row | .[0] | (%s\n) = $row", e->join.as);
	if (!buf_failed(&b))
		e->setter = settings_compile(set, b.p, b.len, NULL);
	buf_release(&b);
	return e->setter != NULL ? STATUS_OK : STATUS_USAGE;
}

static int
compile(struct enrich *e, const struct settings *set)
{
	const struct keyspec *k = &e->join.key;

	e->key = settings_compile(set, k->path, k->path_len, NULL);
	if (e->key == NULL)
		return STATUS_USAGE;
	return join_sets_member(&e->join) ? STATUS_OK : compile_setter(e, set);
}

static int
open_table(struct enrich *e)
{
	const struct keyspec *k = &e->join.key;
	struct table_error error;

	e->column = strndup(k->column, k->column_len);
	e->options.key = e->column;
	if (e->column == NULL)
		error = (struct table_error){.text = "out of memory"};
	else
		e->table = table_open(e->join.file, &e->options, &error);
	if (e->table == NULL) {
		if (error.line > 0)
			complain(command.name, "%s:%zu:%zu: %s", e->join.file,
			    error.line, error.column, error.text);
		else
			complain(
			    command.name, "%s: %s", e->join.file, error.text);
		return error.choice ? STATUS_USAGE : STATUS_IO;
	}
	if (table_duplicates(e->table) > 0)
		complain(command.name,
		    "%s: %s is repeated: %zu of %zu rows give way to later "
		    "ones",
		    e->join.file, e->column, table_duplicates(e->table),
		    table_rows(e->table));
	return STATUS_OK;
}

static int
start(struct settings *set, void *arg)
{
	struct enrich *e = arg;
	int status;

	if (check_options(e) != 0)
		return STATUS_USAGE;
	status = compile(e, set);
	if (status == STATUS_OK)
		status = open_table(e);
	if (status != STATUS_OK)
		return status;
	status = join_init(&e->join);
	join_rule(&e->rule, &e->join);
	if (status == -1 || buf_failed(&e->rule)) {
		complain(command.name, "out of memory");
		return STATUS_IO;
	}
	set->rule = e->rule.p;
	set->rule_len = e->rule.len;
	return STATUS_OK;
}

static void
local_free(void *arg)
{
	struct local *l = arg;

	machine_free(l->key);
	if (l->setter != NULL)
		machine_free(l->setter);
	free(l);
}

static void *
local_new(void *arg)
{
	const struct enrich *e = arg;
	struct local *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->key = machine_new(e->key);
	if (e->setter != NULL)
		l->setter = machine_new(e->setter);
	if (l->key == NULL || (e->setter != NULL && l->setter == NULL)) {
		local_free(l);
		return NULL;
	}
	return l;
}

/* Take the first output; without one, what stands at arg stays. */
static bool
take_first(void *arg, struct value v)
{
	*(struct value *)arg = v;
	return false;
}

static enum verdict
join(const struct enrich *e, struct event *ev, struct value row)
{
	struct local *l = ev->local;
	struct value in, out = ev->root;

	if (e->join.merge) {
		event_put(ev, join_merge(ev->arena, ev->root, row));
		return VERDICT_PASS;
	}
	if (e->setter == NULL) {
		event_put(
		    ev, object_set(ev->arena, ev->root, e->join.member, row));
		return VERDICT_PASS;
	}
	in = array_push(ev->arena, array_new(ev->arena, 2), ev->root);
	in = array_push(ev->arena, in, row);
	if (machine_run(l->setter, ev->arena, in, &ev->context, take_first,
		&out) == PROGRAM_FAILED)
		return event_fail(ev, "%s", machine_error(l->setter));
	event_put(ev, out);
	return VERDICT_PASS;
}

static enum verdict
missed(const struct enrich *e, struct event *ev, struct value key)
{
	struct buf b = {0};
	size_t n;

	if (e->miss == MISS_PASS)
		return VERDICT_PASS;
	if (e->miss == MISS_NULL && e->join.merge) {
		event_put(ev,
		    join_blank(ev->arena, &e->join, e->table, ev->root, key));
		return VERDICT_PASS;
	}
	if (e->miss == MISS_NULL)
		return join(e, ev, VALUE_OF(VALUE_NULL));
	value_write(&b, key);
	n = b.len < KEY_SHOWN ? b.len : KEY_SHOWN;
	while (n < b.len && ((unsigned char)b.p[n] & 0xC0) == 0x80)
		n--; /* not in the middle of a character */
	event_fail(ev, "no row for %.*s%s in %s", (int)n,
	    b.p != NULL ? b.p : "", n < b.len ? "..." : "", e->join.file);
	buf_release(&b);
	return VERDICT_REJECT;
}

/* Join the row that the event's key finds. */
static enum verdict
enrich(struct event *ev, void *arg)
{
	const struct enrich *e = arg;
	struct local *l = ev->local;
	struct value key = VALUE_OF(VALUE_NULL);
	struct row row;

	if (machine_run(l->key, ev->arena, ev->root, &ev->context, take_first,
		&key) == PROGRAM_FAILED)
		return event_fail(ev, "%s", machine_error(l->key));
	if (!table_find(e->table, ev->arena, key, &row))
		return missed(e, ev, key);
	ev->record.from =
	    join_origin(ev->arena, &e->join, &row, &ev->record.from_len);
	return join(e, ev, row.value);
}

static void
release(void *arg)
{
	struct enrich *e = arg;

	table_close(e->table);
	if (e->key != NULL)
		program_free(e->key);
	if (e->setter != NULL)
		program_free(e->setter);
	free(e->column);
	buf_release(&e->rule);
	join_release(&e->join);
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
    .local_free = local_free,
    .event = enrich,
    .release = release,
};

int
main(int argc, char **argv)
{
	struct enrich e = {0};

	return driver_main(&command, &e, argc, argv);
}
