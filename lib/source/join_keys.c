/*
 * What a join looks up: the keys of an event or element, and its time.
 */
#include <stdio.h>
#include <string.h>

#include "source/join_state.h"
#include "source/points.h"
#include "value/object.h"
#include "value/string.h"

bool
join_run(struct join_work *w, struct machine *m, struct value in,
    const char *what, const char *text, size_t len, struct value *v)
{
	char *error = w->out->error;
	size_t size = sizeof(w->out->error);
	unsigned n;

	if (machine_only(m, w->a, in, w->context, v, &n) == PROGRAM_FAILED) {
		snprintf(error, size, "%s", machine_error(m));
		return false;
	}
	if (n == 1)
		return true;
	snprintf(error, size, "%s %.*s has %s output", what,
	    len < 200 ? (int)len : 200, text, n == 0 ? "no" : "more than one");
	return false;
}

static bool
run_key(struct join_work *w, struct value in, size_t i)
{
	const struct join *j = w->l->join;
	const struct keyspec *k = &j->key[i];
	bool own = j->key_program[i] != NULL;

	return join_run(w, w->l->key[i], in, own ? "the key" : "the program",
	    own ? k->path : "of the key", own ? k->path_len : 10,
	    &w->l->keys[i]);
}

bool
join_find_keys(struct join_work *w, struct value in)
{
	for (size_t i = 0; i < w->l->join->keys_n; i++) {
		struct value *key = &w->l->keys[i];

		if (in.kind != VALUE_RAW_OBJECT ||
		    w->l->name[i].kind == VALUE_NULL) {
			if (!run_key(w, in, i))
				return false;
		} else if (!object_get(w->a, in, w->l->name[i], key)) {
			*key = VALUE_OF(VALUE_NULL);
		}
	}
	return true;
}

bool
join_find_time(struct join_work *w, struct value in, bool *known)
{
	const struct join *j = w->l->join;
	struct value v;
	struct buf shown = {0};

	*known = true;
	if (!join_run(
		w, w->l->time, in, "--as-of", j->as_of, strlen(j->as_of), &v))
		return false;
	if (value_is_string(v))
		v = string_decoded(w->a, v);
	if (v.kind == VALUE_NULL)
		*known = false;
	if (v.kind == VALUE_NULL || point_time(v, &w->query.time))
		return true;
	value_write(&shown, v);
	snprintf(w->out->error, sizeof(w->out->error),
	    "--as-of %s gives %.*s, which is no time: RFC 3339, a day, or "
	    "seconds",
	    j->as_of, shown.len < 80 ? (int)shown.len : 80,
	    shown.p == NULL ? "" : shown.p);
	buf_release(&shown);
	return false;
}
