#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "enricher.h"
#include "value/array.h"
#include "value/object.h"

enum { KEY_SHOWN = 200 }; /* bytes of a key that found no row */

struct local {
	struct machine *key;
	struct machine *setter;
};

/*
 * The setter runs on [event, row].  The path is compiled alone first, so
 * that a complaint shows what the user wrote.
 */
static int
compile_setter(struct enricher *e, const struct settings *set)
{
	struct program *alone;
	struct buf b = {0};
	int status =
	    settings_compile(set, e->join.as, strlen(e->join.as), NULL, &alone);

	if (status != STATUS_OK)
		return status;
	program_free(alone);
	buf_printf(&b, ".[1] as $row | .[0] | (%s\n) = $row", e->join.as);
	if (buf_failed(&b)) {
		complain(set->command, "%s", strerror(ENOMEM));
		status = STATUS_IO;
	} else {
		status = settings_compile(set, b.p, b.len, NULL, &e->setter);
	}
	buf_release(&b);
	return status;
}

static int
compile(struct enricher *e, const struct settings *set)
{
	const struct keyspec *k = &e->join.key;
	int status = settings_compile(set, k->path, k->path_len, NULL, &e->key);

	if (status != STATUS_OK)
		return status;
	return join_sets_member(&e->join) ? STATUS_OK : compile_setter(e, set);
}

static int
open_table(struct enricher *e, const struct settings *set)
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
			complain(set->command, "%s:%zu:%zu: %s", e->join.file,
			    error.line, error.column, error.text);
		else
			complain(
			    set->command, "%s: %s", e->join.file, error.text);
		return error.choice ? STATUS_USAGE : STATUS_IO;
	}
	if (table_duplicates(e->table) > 0)
		complain(set->command,
		    "%s: %s is repeated: %zu of %zu rows give way to later "
		    "ones",
		    e->join.file, e->column, table_duplicates(e->table),
		    table_rows(e->table));
	return STATUS_OK;
}

int
enricher_start(struct enricher *e, struct settings *set)
{
	int status = compile(e, set);

	if (status == STATUS_OK)
		status = open_table(e, set);
	if (status != STATUS_OK)
		return status;
	status = join_init(&e->join);
	join_rule(&e->rule, &e->join);
	if (status == -1 || buf_failed(&e->rule)) {
		complain(set->command, "out of memory");
		return STATUS_IO;
	}
	set->rule = e->rule.p;
	set->rule_len = e->rule.len;
	return STATUS_OK;
}

void
enricher_local_free(void *local)
{
	struct local *l = local;

	machine_free(l->key);
	if (l->setter != NULL)
		machine_free(l->setter);
	free(l);
}

void *
enricher_local_new(const struct enricher *e)
{
	struct local *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->key = machine_new(e->key);
	if (e->setter != NULL)
		l->setter = machine_new(e->setter);
	if (l->key == NULL || (e->setter != NULL && l->setter == NULL)) {
		enricher_local_free(l);
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
join(const struct enricher *e, struct event *ev, struct value row)
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
missed(const struct enricher *e, struct event *ev, struct value key)
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

enum verdict
enricher_event(const struct enricher *e, struct event *ev)
{
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

void
enricher_release(struct enricher *e)
{
	table_close(e->table);
	if (e->key != NULL)
		program_free(e->key);
	if (e->setter != NULL)
		program_free(e->setter);
	free(e->column);
	buf_release(&e->rule);
	join_release(&e->join);
}
