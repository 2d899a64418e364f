#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "enricher.h"
#include "source/table.h"

struct local {
	struct join *join;
	struct join_local *own;
};

static int
compile(struct enricher *e, const struct settings *set)
{
	const struct keyspec *k = &e->join.key;
	int status = settings_compile(set, k->path, k->path_len, NULL, &e->key);

	if (status != STATUS_OK)
		return status;
	if (program_gives_several(e->key)) {
		complain(set->command,
		    "-k %.*s: gives several keys of an event, where one is "
		    "wanted: pick one, as in -k 'first(%.*s)=%.*s', or let "
		    "ms-map make an event of each before",
		    (int)k->path_len, k->path, (int)k->path_len, k->path,
		    (int)k->column_len, k->column);
		return STATUS_USAGE;
	}
	return e->join.as == NULL ? STATUS_OK
				  : setter_init(&e->setter, set, e->join.as);
}

static void
complain_source(const struct settings *set, const struct source_options *o,
    const struct source_error *error)
{
	if (error->line > 0)
		complain(set->command, "%s:%zu:%zu: %s", o->name, error->line,
		    error->column, error->text);
	else
		complain(set->command, "%s: %s", o->name, error->text);
}

static int
open_source(struct enricher *e, const struct settings *set)
{
	const struct keyspec *k = &e->join.key;
	char *column = strndup(k->column, k->column_len);
	struct source_options o = {
	    e->join.file, column, e->join.columns, e->strings};
	struct source_error error = {.text = "out of memory"};

	if (column != NULL)
		e->source = table_source.open(&o, &error);
	if (e->source == NULL)
		complain_source(set, &o, &error);
	else if (e->source->note[0] != '\0')
		complain(set->command, "%s: %s", o.name, e->source->note);
	free(column);
	if (e->source != NULL)
		return STATUS_OK;
	return error.usage ? STATUS_USAGE : STATUS_IO;
}

int
enricher_start(struct enricher *e, struct settings *set)
{
	int status = compile(e, set);

	if (settings_reads(set, e->join.file, "the table") == -1)
		return STATUS_IO;
	if (status == STATUS_OK)
		status = open_source(e, set);
	if (status != STATUS_OK)
		return status;
	e->join.source = e->source;
	e->join.key_program = e->key;
	e->join.setter = e->setter.program;
	if (join_init(&e->join) == -1) {
		complain(set->command, "out of memory");
		return STATUS_IO;
	}
	set->rule = e->join.rule.p;
	set->rule_len = e->join.rule.len;
	e->set = set;
	return STATUS_OK;
}

void *
enricher_local_new(struct enricher *e)
{
	struct local *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->join = &e->join;
	l->own = join_local_new(&e->join);
	if (l->own == NULL) {
		free(l);
		return NULL;
	}
	return l;
}

void
enricher_local_free(void *local)
{
	struct local *l = local;

	join_local_free(l->join, l->own);
	free(l);
}

enum verdict
enricher_event(const struct enricher *e, struct event *ev)
{
	struct local *l = ev->local;
	struct joined joined;
	enum join_status status = join_event(
	    &e->join, l->own, ev->arena, ev->root, &ev->context, &joined);

	if (status == JOIN_FAILED)
		return event_fail(ev, "%s", joined.error);
	ev->record.from = joined.from;
	ev->record.from_len = joined.from_len;
	if (status == JOIN_CHANGED)
		event_put(ev, joined.event);
	return VERDICT_PASS;
}

static void
tell_stats(const struct enricher *e)
{
	const struct join *j = &e->join;
	uint64_t hits = j->hits, misses = j->misses;

	complain(e->set->command, "%s: %" PRIu64 " hits, %" PRIu64 " misses",
	    j->file, hits, misses);
	if (hits == 0 && misses > 0)
		complain(e->set->command, "%s: %.*s never found a row by %.*s",
		    j->file, (int)j->key.path_len, j->key.path,
		    (int)j->key.column_len, j->key.column);
}

void
enricher_release(struct enricher *e)
{
	if (e->set != NULL && e->set->stats)
		tell_stats(e);
	join_release(&e->join);
	source_close(e->source);
	program_free(e->key);
	setter_release(&e->setter);
}
