#include <stdio.h>
#include <string.h>

#include "history/change.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum { DEEP = 100 }; /* levels that are looked into; below, all is one */

struct found {
	struct arena *a;
	struct change_list *list;
};

void
change_add(struct arena *a, struct change_list *l, struct value path,
    const struct value *before, const struct value *after)
{
	struct change *c = arena_alloc(a, sizeof(*c));

	*c = (struct change){.path = path};
	c->had = before != NULL;
	c->has = after != NULL;
	if (before != NULL)
		c->before = value_share(*before);
	if (after != NULL)
		c->after = value_share(*after);
	*l->end = c;
	l->end = &c->next;
}

static void
find(struct found *f, struct value path, const struct value *before,
    const struct value *after)
{
	change_add(f->a, f->list, path, before, after);
}

/* A pointer with one key more. */
static struct value
below(struct arena *a, struct value path, struct value key)
{
	size_t n = path.n;
	char *text;

	key = string_decoded(a, key);
	text = arena_alloc(a, n + 1 + (size_t)key.n * 2);
	memcpy(text, path.text, n);
	text[n++] = '/';
	for (uint32_t i = 0; i < key.n; i++) {
		char c = key.text[i];

		if (c == '~' || c == '/')
			text[n++] = '~';
		text[n++] = (char)(c == '~' ? '0' : c == '/' ? '1' : c);
	}
	return value_text(text, n);
}

static void compare(struct found *f, struct value path, struct value before,
    struct value after, int depth);

static void
compare_objects(struct found *f, struct value path, struct value before,
    struct value after, int depth)
{
	struct member *m;
	struct value x;

	before = object_open(f->a, before);
	after = object_open(f->a, after);
	for (uint32_t i = 0; (m = object_next(f->a, before, &i)) != NULL;) {
		struct value inner = below(f->a, path, m->key);

		if (object_get(f->a, after, m->key, &x))
			compare(f, inner, value_take(&m->value), x, depth);
		else
			find(f, inner, &m->value, NULL);
	}
	for (uint32_t i = 0; (m = object_next(f->a, after, &i)) != NULL;)
		if (!object_get(f->a, before, m->key, &x))
			find(f, below(f->a, path, m->key), NULL, &m->value);
}

static void
compare_arrays(struct found *f, struct value path, struct value before,
    struct value after, int depth)
{
	size_t n, had = array_length(before), has = array_length(after);
	char index[24];

	n = had > has ? had : has;
	before = array_open(f->a, before);
	after = array_open(f->a, after);
	for (size_t i = 0; i < n; i++) {
		struct value inner;

		snprintf(index, sizeof(index), "%zu", i);
		inner = below(f->a, path, value_cstring(index));
		if (i < had && i < has)
			compare(f, inner, array_at(before, i),
			    array_at(after, i), depth);
		else if (i < had)
			find(f, inner, &before.array->v[i], NULL);
		else
			find(f, inner, NULL, &after.array->v[i]);
	}
}

static void
compare(struct found *f, struct value path, struct value before,
    struct value after, int depth)
{
	if (depth < DEEP && value_is_object(before) && value_is_object(after))
		compare_objects(f, path, before, after, depth + 1);
	else if (depth < DEEP && value_is_array(before) &&
	    value_is_array(after))
		compare_arrays(f, path, before, after, depth + 1);
	else if (!value_same(before, after) &&
	    !value_written_same(before, after))
		find(f, path, &before, &after);
}

void
change_between(struct arena *a, struct change_list *l, struct value path,
    const struct value *before, const struct value *after)
{
	struct found f = {a, l};

	if (before != NULL && after != NULL)
		compare(&f, path, value_share(*before), value_share(*after), 0);
	else if (before != NULL || after != NULL)
		find(&f, path, before, after);
}
