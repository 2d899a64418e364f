#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "table/join.h"
#include "value/object.h"

/* The name without folders and suffix. */
static struct value
member_name(const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash != NULL ? slash + 1 : file;
	const char *dot = strrchr(name, '.');

	return dot != NULL && dot > name
	    ? value_text(name, (size_t)(dot - name))
	    : value_cstring(name);
}

void
join_rule(struct buf *b, const struct join *j)
{
	struct value name = j->member;

	if (j->merge) {
		buf_puts(b, ". +");
	} else if (j->as != NULL) {
		buf_printf(b, "%s ", j->as);
	} else if (keyspec_is_name(name.text, name.n)) {
		buf_printf(b, ".%.*s ", (int)name.n, name.text);
	} else {
		buf_puts(b, ".[");
		value_write_string(b, name.text, name.n);
		buf_puts(b, "] ");
	}
	buf_printf(b, "= %s[%.*s == %.*s]", j->file, (int)j->key.column_len,
	    j->key.column, (int)j->key.path_len, j->key.path);
	if (j->columns != NULL)
		buf_printf(b, " | {%s}", j->columns);
}

int
join_init(struct join *j)
{
	j->member = member_name(j->file);
	buf_puts(&j->origin, "{\"table\":");
	value_write_string(&j->origin, j->file, strlen(j->file));
	buf_puts(&j->origin, ",\"line\":");
	return buf_failed(&j->origin) ? -1 : 0;
}

void
join_release(struct join *j)
{
	buf_release(&j->origin);
}

const char *
join_origin(
    struct arena *a, const struct join *j, const struct row *row, size_t *len)
{
	size_t size = j->origin.len + 96;
	char *text = arena_alloc(a, size);

	memcpy(text, j->origin.p, j->origin.len);
	*len = j->origin.len +
	    (size_t)snprintf(text + j->origin.len, size - j->origin.len,
		"%" PRIu64 ",\"hash\":\"%s\"}", row->line, row->hash);
	return text;
}

struct value
join_merge(struct arena *a, const struct table *t, struct value event,
    struct value row)
{
	struct member *m;
	uint32_t i = 0;

	if (row.kind == VALUE_NULL) {
		for (size_t c = 0; c < table_columns(t); c++)
			event = object_set(a, event, table_column(t, c), row);
		return event;
	}
	row = object_open(a, row);
	while ((m = object_next(a, row, &i)) != NULL)
		event = object_set(a, event, m->key, value_take(&m->value));
	return event;
}
