/*
 * ms-schema check - pass the events that are valid by a schema.
 *
 * What isn't valid is a reject, which says where, what and why.
 */
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/driver.h"
#include "history/pointer.h"
#include "open.h"
#include "schema/place.h"
#include "subcommands.h"

enum { OF = 256, ALL, FORMATS, MAP, ELSE };

struct checking {
	const char *file, *of, *else_file;
	bool all;
	struct schema_options options;
	struct schema_map *maps;
	struct schema *schema;
	struct pointer path; /* of --of */
	struct buf origin;   /* what records say as from */
	struct buf rule;
};

static const struct command command;

static const struct option_spec options[] = {
    {'s', "schema", "FILE", "the JSON Schema to check by"},
    {OF, "of", "PATH", "check what is there, not the whole event"},
    {ALL, "all", NULL, "tell every fault of an event"},
    {FORMATS, "formats", NULL, "let format assert"},
    {MAP, "map", "URI=DIR", "where schemas are whose URIs begin so"},
    {ELSE, "else", "FILE", "write the events that aren't valid to FILE"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct checking *k = arg;

	switch (id) {
	case 's':
		k->file = value;
		return 0;
	case OF:
		k->of = value;
		return 0;
	case ALL:
		k->all = true;
		return 0;
	case FORMATS:
		k->options.formats = true;
		return 0;
	case MAP:
		return schema_map_add(
		    &command, &k->maps, &k->options.maps_n, value);
	default:
		k->else_file = value;
		return 0;
	}
}

/* The rule in words, and where it comes from. */
static void
describe(struct checking *k, struct settings *set)
{
	const char *name = schema_name(k->schema);

	buf_printf(&k->rule, "%s%s%s%s", name, k->of == NULL ? "" : " of ",
	    k->of == NULL ? "" : k->of,
	    k->options.formats ? " with formats" : "");
	set->rule = k->rule.p;
	set->rule_len = k->rule.len;
	buf_puts(&k->origin, "{\"schema\":");
	value_write_string(&k->origin, name, strlen(name));
	buf_printf(&k->origin, ",\"hash\":\"%s\"}", schema_hash(k->schema));
}

/* No output may be a file that the schema came from. */
static bool
note_files(const struct checking *k, struct settings *set)
{
	const char *path;

	for (size_t i = 0; (path = schema_file(k->schema, i)) != NULL; i++)
		if (*path != '\0' &&
		    settings_reads(set, path, "a schema") == -1)
			return false;
	return true;
}

static int
start(struct settings *set, void *arg)
{
	struct checking *k = arg;
	int status;

	if (k->file == NULL) {
		usage_wrong(&command, "-s SCHEMA is missing");
		return STATUS_USAGE;
	}
	if (setjmp(set->overflow) != 0) {
		complain(set->command, "memory is missing");
		return STATUS_IO;
	}
	if (k->of != NULL && !pointer_parse(&set->arena, &k->path, k->of)) {
		usage_wrong(
		    &command, "--of: '%s' is no path as .a.b or /a/b", k->of);
		return STATUS_USAGE;
	}
	k->options.maps = k->maps;
	status = schema_open(&command, k->file, &k->options, &k->schema);
	if (status != STATUS_OK)
		return status;
	if (!note_files(k, set))
		return STATUS_IO;
	describe(k, set);
	set->else_file = k->else_file;
	if (!buf_failed(&k->rule) && !buf_failed(&k->origin))
		return STATUS_OK;
	complain(set->command, "memory is missing");
	return STATUS_IO;
}

static void *
local_new(void *arg)
{
	const struct checking *k = arg;

	return schema_checker_new(k->schema);
}

static void
local_free(void *local)
{
	schema_checker_free(local);
}

/* The entry of the value to check; false where there is none. */
static bool
find(const struct checking *k, struct event *ev, uint32_t *e)
{
	const struct doc *d = ev->root.doc;

	*e = ev->root.n;
	for (size_t i = 0; i < k->path.n; i++) {
		const struct pointer_step *step = &k->path.steps[i];
		char type = place_type(d, *e);

		if (type == '{' && step->key.kind == VALUE_STRING &&
		    place_member(ev->arena, d, *e, step->key, e))
			continue;
		if (type == '[' && step->i != SIZE_MAX &&
		    place_item(d, *e, step->i, e))
			continue;
		return false;
	}
	return true;
}

static enum verdict
refuse(const struct checking *k, struct event *ev, uint32_t e)
{
	const struct doc *d = ev->root.doc;
	struct arena_deferred *release;
	struct buf *why = buf_new(ev->arena, &release);
	size_t at =
	    schema_explain(ev->local, ev->arena, d, ev->root.n, e, k->all, why);

	buf_putc(why, '\0');
	if (buf_failed(why))
		arena_exceed(ev->arena);
	if (k->else_file != NULL) {
		ev->record.failed = why->p;
		return VERDICT_TURN_AWAY;
	}
	return event_reject(
	    ev, (size_t)(d->text + at - ev->line.text) + 1, why->p);
}

static enum verdict
check(struct event *ev, void *arg)
{
	const struct checking *k = arg;
	uint32_t e;

	ev->record.from = k->origin.p;
	ev->record.from_len = k->origin.len;
	if (find(k, ev, &e)) {
		switch (schema_check(ev->local, ev->arena, ev->root.doc, e)) {
		case SCHEMA_VALID:
			break;
		case SCHEMA_INVALID:
			return refuse(k, ev, e);
		case SCHEMA_FAILED:
			return event_fail(ev, "the check ends: %s",
			    schema_failure(ev->local));
		}
	}
	return VERDICT_PASS;
}

static void
release(void *arg)
{
	struct checking *k = arg;

	schema_free(k->schema);
	schema_maps_free(k->maps, k->options.maps_n);
	buf_release(&k->origin);
	buf_release(&k->rule);
}

static const struct command command = {
    .name = "ms-schema",
    .op = "schema",
    .synopsis = "[check] [options] -s SCHEMA [file ...]\n"
		"   or: ms-schema infer [options] [file ...]\n"
		"   or: ms-schema compare [options] OLD NEW ...\n"
		"   or: ms-schema up|down [options] -d DIR --to VERSION "
		"[file ...]\n"
		"   or: ms-schema test [options] -d DIR [file ...]",
    .summary = "Pass the events that are valid by a JSON Schema.",
    .options = options,
    .option = option,
    .start = start,
    .local_new = local_new,
    .local_free = local_free,
    .event = check,
    .release = release,
};

int
schema_check_main(int argc, char **argv)
{
	struct checking k = {0};

	return driver_main(&command, &k, argc, argv);
}
