/*
 * What a join is told to do, as the record's rule says it, and as programs.
 */
#include <string.h>

#include "source/join.h"

bool
join_sets_member(const struct join *j)
{
	return j->as == NULL ||
	    (j->as[0] == '.' && keyspec_is_name(j->as + 1, strlen(j->as + 1)));
}

void
join_put_setter(struct buf *b, const struct join *j)
{
	buf_printf(b, ".[1] as $row | .[0] | (%s\n) = $row", j->as);
}

void
join_put_gather(struct buf *b, const struct join *j)
{
	buf_printf(b, "[%s\n]", j->each);
}

void
join_put_elements(struct buf *b, const struct join *j)
{
	buf_printf(b,
	    ".[1] as $new | .[0] | [path(%s\n)] as $paths "
	    "| reduce range($paths | length) as $i "
	    "(.; setpath($paths[$i]; $new[$i]))",
	    j->each);
}

void
join_put_place(struct buf *b, const struct join *j)
{
	if (j->as != NULL) {
		buf_puts(b, j->as);
	} else if (keyspec_is_name(j->member.text, j->member.n)) {
		buf_putc(b, '.');
		buf_put(b, j->member.text, j->member.n);
	} else {
		buf_puts(b, ".[");
		value_write_string(b, j->member.text, j->member.n);
		buf_puts(b, "]");
	}
}

/* How one key finds its column. */
static void
put_key(struct buf *b, const struct join *j, size_t i)
{
	const struct keyspec *k = &j->key[i];
	const struct source_key *s = &j->options.keys[i];
	const char *how = " == ";

	if (s->to.text != NULL) {
		buf_put(b, s->column.text, s->column.len);
		buf_puts(b, " <= ");
		buf_put(b, k->path, k->path_len);
		buf_puts(b, " <= ");
		buf_put(b, s->to.text, s->to.len);
		return;
	}
	if (i + 1 == j->keys_n && j->options.match == SOURCE_CIDR)
		how = " contains ";
	if (i + 1 == j->keys_n && j->options.match == SOURCE_PREFIX)
		how = " begins ";
	if (s->column.len > 0) {
		buf_put(b, s->column.text, s->column.len);
		buf_puts(b, how);
	}
	buf_put(b, k->path, k->path_len);
}

/* When the row is valid. */
static void
put_period(struct buf *b, const struct join *j)
{
	const char *valid = j->options.valid;
	size_t from = strcspn(valid, ",");

	buf_puts(b, ", ");
	buf_put(b, valid, from);
	buf_printf(b, " <= %s", j->as_of);
	if (valid[from] == ',')
		buf_printf(b, " < %s", valid + from + 1);
}

/* What is sent to a command. */
static void
put_request(struct buf *b, const struct join *j)
{
	bool several = j->keys_n > 1;

	buf_puts(b, several ? "$({" : "$(");
	for (size_t i = 0; i < j->keys_n; i++) {
		const struct keyspec *k = &j->key[i];

		buf_puts(b, i > 0 ? ", " : "");
		if (several) {
			buf_put(b, k->column, k->column_len);
			buf_puts(b, ": ");
		}
		buf_put(b, k->path, k->path_len);
	}
	buf_puts(b, several ? "} | " : " | ");
	buf_put(b, j->name.text, j->name.n);
	buf_putc(b, ')');
}

/* What is looked up. */
static void
put_find(struct buf *b, const struct join *j)
{
	buf_put(b, j->name.text, j->name.n);
	for (size_t i = 0; i < j->keys_n; i++) {
		buf_puts(b, i == 0 ? "[" : ", ");
		put_key(b, j, i);
	}
	if (j->options.valid != NULL)
		put_period(b, j);
	buf_puts(b, j->keys_n > 0 ? "]" : "");
	if (j->options.sql != NULL)
		buf_printf(b, " | %s", j->options.sql);
}

static void
put_row(struct buf *b, const struct join *j)
{
	buf_puts(b, j->options.all ? "[" : "");
	(j->options.command ? put_request : put_find)(b, j);
	if (j->options.columns != NULL)
		buf_printf(b, " | {%s}", j->options.columns);
	buf_puts(b, j->options.all ? "]" : "");
}

void
join_put_start(struct buf *b, const struct join *j)
{
	if (j->each != NULL)
		buf_printf(b, "%s |= (", j->each);
	if (j->merge)
		buf_puts(b, ". +");
	else
		join_put_place(b, j);
	buf_puts(b, j->merge ? "= " : " = ");
}

void
join_put_rule(struct buf *b, const struct join *j)
{
	join_put_start(b, j);
	put_row(b, j);
	if (j->instead != NULL)
		buf_printf(b, " // %s", j->instead);
	buf_puts(b, j->each != NULL ? ")" : "");
}

void
join_put_rule_with(struct buf *b, const struct join *j, size_t i,
    const char *program, size_t len)
{
	struct join with = *j;

	while (len > 0 && strchr(" \t\r\n", program[len - 1]) != NULL)
		len--;
	with.key[i].path = program;
	with.key[i].path_len = len;
	join_put_rule(b, &with);
}
