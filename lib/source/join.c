#include <string.h>

#include "source/join.h"
#include "value/number.h"
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

bool
join_sets_member(const struct join *j)
{
	return j->as == NULL ||
	    (j->as[0] == '.' && keyspec_is_name(j->as + 1, strlen(j->as + 1)));
}

int
join_init(struct join *j)
{
	if (j->as != NULL && join_sets_member(j))
		j->member = value_cstring(j->as + 1);
	else
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
	static const char HASH[] = ",\"hash\":\"";
	size_t n = j->origin.len, hash = ROW_HASH;
	char *text = arena_alloc(a, n + 20 + sizeof(HASH) + hash + 2);

	memcpy(text, j->origin.p, n);
	n += integer_format((int64_t)row->line, text + n);
	memcpy(text + n, HASH, sizeof(HASH) - 1);
	n += sizeof(HASH) - 1;
	memcpy(text + n, row->hash, hash);
	n += hash;
	memcpy(text + n, "\"}", 2);
	*len = n + 2;
	return text;
}

struct value
join_merge(struct arena *a, struct value event, struct value row)
{
	struct member *m;
	uint32_t i = 0;

	row = object_open(a, row);
	while ((m = object_next(a, row, &i)) != NULL)
		event = object_set(a, event, m->key, value_take(&m->value));
	return event;
}

struct value
join_blank(struct arena *a, const struct join *j, const struct table *t,
    struct value event, struct value key)
{
	struct value own = value_text(j->key.column, j->key.column_len), v;

	for (size_t c = 0; c < table_columns(t); c++) {
		struct value name = table_column(t, c);

		if (value_equal(a, name, own) &&
		    object_get(a, event, name, &v) && value_equal(a, v, key))
			continue;
		event = object_set(a, event, name, VALUE_OF(VALUE_NULL));
	}
	return event;
}
