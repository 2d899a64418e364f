/*
 * Where a row goes: at a path, in a member, or member by member.
 */
#include <stdio.h>
#include <string.h>

#include "source/join_state.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

/* The object with the columns of a row set in it. */
static struct value
merge(struct arena *a, struct value in, struct value row)
{
	struct member *m;
	uint32_t i = 0;

	row = object_open(a, row);
	while ((m = object_next(a, row, &i)) != NULL)
		in = object_set(
		    a, in, string_decoded(a, m->key), value_share(m->value));
	return in;
}

/* Does it hold a key's column with that key already? */
static bool
holds_key(const struct join_work *w, struct value in, struct value column)
{
	const struct join *j = w->l->join;
	struct value v;

	for (size_t i = 0; i < j->keys_n; i++) {
		struct source_name c = j->options.keys[i].column;
		struct value own = value_text(c.text, c.len);

		if (value_equal(w->a, column, own) &&
		    object_get(w->a, in, own, &v) &&
		    value_equal(w->a, v, w->l->keys[i]))
			return true;
	}
	return false;
}

/*
 * No row was found, and null stands in for it: it becomes the columns' value,
 * but for a key that is spelled in its own column.
 */
static struct value
merge_nulls(const struct join_work *w, struct value in)
{
	const struct source *s = w->l->view;
	size_t n;
	const struct value *columns = s->kind->columns(s, &n);

	for (size_t i = 0; i < n; i++)
		if (!holds_key(w, in, columns[i]))
			in = object_set(
			    w->a, in, columns[i], VALUE_OF(VALUE_NULL));
	return in;
}

bool
join_set(struct join_work *w, struct value *in, struct value row)
{
	const struct join *j = w->l->join;
	struct value pair;

	w->changed = true;
	if (w->l->setter != NULL) {
		pair = array_push(w->a, array_new(w->a, 2), *in);
		pair = array_push(w->a, pair, row);
		return join_run(
		    w, w->l->setter, pair, "--as", j->as, strlen(j->as), in);
	}
	if (!value_is_object(*in)) {
		snprintf(w->out->error, sizeof(w->out->error),
		    "--each %s gives a %s, where an object is wanted", j->each,
		    value_type(*in));
		return false;
	}
	if (!j->merge)
		*in = object_set(w->a, *in, j->member, row);
	else if (row.kind == VALUE_NULL)
		*in = merge_nulls(w, *in);
	else
		*in = merge(w->a, *in, row);
	return true;
}
