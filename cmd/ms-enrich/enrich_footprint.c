/*
 * A row of a table was there before the event: its keys decide which one
 * comes, and only the columns that they are compared with hold the same
 * values.  An answer of a command or a SELECT may be made of all that it is
 * asked with.
 */
#include "enrich_footprint.h"

#include <string.h>

#include "enricher.h"

static void
put_key(struct footprint *f, const struct enricher *e, size_t i)
{
	const struct keyspec *k = &e->join.key[i];

	if (e->from_file && e->file_key == i)
		footprint_main(f);
	else
		footprint_program(f, e->key_option, k->path, k->path_len);
}

/* What decides about the row, as an array. */
static void
put_keys(struct footprint *f, const struct enricher *e)
{
	const struct join *j = &e->join;

	footprint_put(f, "[1");
	for (size_t i = 0; i < j->keys_n; i++) {
		footprint_put(f, ", ");
		put_key(f, e, i);
	}
	if (j->as_of != NULL) {
		footprint_put(f, ", ");
		footprint_program(f, "--as-of", j->as_of, strlen(j->as_of));
	}
	footprint_put(f, "]");
}

/* What the answer may be; anywhere: or the key itself. */
static void
put_answer(struct footprint *f, const struct enricher *e, bool anywhere)
{
	bool made =
	    e->kind == ENRICHER_COPROC || e->kind == ENRICHER_SQL || anywhere;

	footprint_put(f, "(");
	put_keys(f, e);
	footprint_put(f, made ? " | tojson)" : " | if . then 1 else 2 end)");
}

/* Is a column among those of --columns, or all of them? */
static bool
is_chosen(const struct join *j, const struct keyspec *k)
{
	const char *p = j->options.columns;

	while (p != NULL && *p != '\0') {
		size_t n = strcspn(p, ",");

		if (n == k->column_len && memcmp(p, k->column, n) == 0)
			return true;
		p += n + (p[n] == ',');
	}
	return p == NULL;
}

/* Does the row hold what key i is? */
static bool
holds_key(const struct enricher *e, size_t i)
{
	const struct join *j = &e->join;
	const struct keyspec *k = &j->key[i];

	return e->kind == ENRICHER_TABLE && k->column_len > 0 &&
	    k->to_len == 0 && is_chosen(j, k) &&
	    (i + 1 < j->keys_n || j->options.match == SOURCE_EXACT);
}

static void
put_column(struct footprint *f, const char *name, size_t len)
{
	footprint_put(f, "[");
	value_write_string(&f->text, name, len);
	footprint_put(f, "]");
}

/* The path of --as, or the member that is named after the file. */
static void
put_place(struct footprint *f, const struct join *j)
{
	if (j->as != NULL)
		footprint_program(f, "--as", j->as, strlen(j->as));
	else
		join_put_place(&f->text, j);
}

static void
put_member(struct footprint *f, const struct enricher *e)
{
	const struct join *j = &e->join;

	footprint_put(f, ". as $__policy | ");
	put_place(f, j);
	footprint_put(f, " = ");
	put_answer(f, e, false);
	for (size_t i = 0; i < j->keys_n; i++) {
		if (!holds_key(e, i))
			continue;
		footprint_put(f, " | ");
		put_place(f, j);
		if (j->options.all)
			footprint_put(f, " += [($__policy | ");
		else
			put_column(f, j->key[i].column, j->key[i].column_len);
		if (!j->options.all)
			footprint_put(f, " = ($__policy | ");
		put_key(f, e, i);
		footprint_put(f, j->options.all ? ")]" : ")");
	}
}

/* Which members a merged row has isn't known before it comes. */
static void
put_anywhere(struct footprint *f, const struct enricher *e)
{
	footprint_put(f, ".[now | tostring] = ");
	put_answer(f, e, e->kind == ENRICHER_TABLE);
}

/* The key that a column holds; or how many keys there are. */
static size_t
key_of(const struct enricher *e, const struct value *column)
{
	size_t i = 0;

	for (; i < e->join.keys_n; i++) {
		const struct keyspec *k = &e->join.key[i];

		if (holds_key(e, i) && k->column_len == column->n &&
		    memcmp(k->column, column->text, column->n) == 0)
			break;
	}
	return i;
}

static void
put_columns(struct footprint *f, const struct enricher *e)
{
	const struct join *j = &e->join;
	const struct source_kind *kind = j->source->kind;
	size_t n = 0, key;
	const struct value *column =
	    kind->columns == NULL ? NULL : kind->columns(j->source, &n);

	if (n == 0 || j->options.follow || j->instead != NULL ||
	    e->kind == ENRICHER_COPROC) {
		put_anywhere(f, e);
		return;
	}
	footprint_put(f, ". as $__policy | .");
	for (size_t i = 0; i < n; i++) {
		footprint_put(f, " | .");
		put_column(f, column[i].text, column[i].n);
		footprint_put(f, " = ($__policy | ");
		key = key_of(e, &column[i]);
		if (key < j->keys_n)
			put_key(f, e, key);
		else
			put_answer(f, e, false);
		footprint_put(f, ")");
	}
}

void
enrich_footprint(struct footprint *f, void *arg)
{
	const struct enricher *e = arg;
	const struct join *j = &e->join;
	const char *when = e->when.text;

	if (when != NULL) {
		footprint_put(f, "if ");
		footprint_program(f, "--when", when, strlen(when));
		footprint_put(f, " then ");
	}
	if (j->each != NULL) {
		footprint_program(f, "--each", j->each, strlen(j->each));
		footprint_put(f, " |= (");
	}
	if (j->merge)
		put_columns(f, e);
	else
		put_member(f, e);
	footprint_put(f, j->each != NULL ? ")" : "");
	footprint_put(f, when != NULL ? " else . end" : "");
}
