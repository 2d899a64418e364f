#include <stdio.h>
#include <string.h>

#include "history/blame.h"
#include "history/outside.h"
#include "value/array.h"
#include "value/object.h"

/*
 * Where the shape holds what an undo brought back, its leaves are values of
 * a doc; the numbers of leaves are the only VALUE_INT in it.  A leaf that is
 * an empty container stays one, since an undo may fill it: its number stands
 * where an opened container has its entry.
 */
struct blaming {
	struct blame *b;
	uint32_t cap;
	uint32_t record; /* in hand */
};

static struct value shape_of(struct blaming *g, struct value v);

static uint32_t
number_leaf(struct blaming *g, struct value v)
{
	struct blame *b = g->b;

	if (b->leaves == g->cap) {
		size_t cap = g->cap == 0 ? 32 : (size_t)g->cap * 2;
		struct value *more = arena_array(b->a, cap, sizeof(*more));

		if (b->leaves > 0)
			memcpy(more, b->leaf, b->leaves * sizeof(*more));
		b->leaf = more;
		g->cap = (uint32_t)cap;
	}
	b->leaf[b->leaves] = v;
	return b->leaves++;
}

bool
blame_leaf(struct value shape, uint32_t *leaf)
{
	uint32_t mark = 0;

	if (shape.kind == VALUE_INT) {
		*leaf = (uint32_t)shape.i;
		return true;
	}
	if (shape.kind == VALUE_ARRAY && shape.n == 0 &&
	    shape.array->doc == NULL)
		mark = shape.array->entry;
	else if (shape.kind == VALUE_OBJECT && shape.object->doc == NULL &&
	    shape.object->n == shape.object->deleted)
		mark = shape.object->entry;
	*leaf = mark - 1;
	return mark != 0;
}

static struct value
shape_of_object(struct blaming *g, struct value v)
{
	struct arena *a = g->b->a;
	struct value shape = object_new(a, 8);
	struct member *m;
	uint32_t i = 0;

	v = object_open(a, v);
	while ((m = object_next(a, v, &i)) != NULL)
		shape = object_set(
		    a, shape, m->key, shape_of(g, value_take(&m->value)));
	if (shape.object->n == 0)
		shape.object->entry = number_leaf(g, v) + 1;
	return shape;
}

static struct value
shape_of_array(struct blaming *g, struct value v)
{
	struct arena *a = g->b->a;
	struct value shape = array_new(a, array_length(v));

	v = array_open(a, v);
	for (size_t i = 0; i < array_length(v); i++)
		shape = array_push(a, shape, shape_of(g, array_at(v, i)));
	if (array_length(v) == 0)
		shape.array->entry = number_leaf(g, v) + 1;
	return shape;
}

static struct value
shape_of(struct blaming *g, struct value v)
{
	if (value_is_object(v))
		return shape_of_object(g, v);
	if (value_is_array(v))
		return shape_of_array(g, v);
	return value_int(number_leaf(g, v));
}

/* The record in hand set all leaves that this holds and nobody set since. */
static void
claim(struct blaming *g, struct value shape)
{
	struct arena *a = g->b->a;
	struct member *m;
	uint32_t i = 0, leaf;

	if (blame_leaf(shape, &leaf)) {
		if (g->b->record[leaf] == 0)
			g->b->record[leaf] = g->record;
	} else if (shape.kind == VALUE_OBJECT) {
		while ((m = object_next(a, shape, &i)) != NULL)
			claim(g, value_take(&m->value));
	} else if (shape.kind == VALUE_ARRAY) {
		for (size_t k = 0; k < array_length(shape); k++)
			claim(g, array_at(shape, k));
	}
}

static struct value settle(
    struct blaming *g, struct value is, struct value was);

/* The shape of an old object: what the new one has of it stays numbered. */
static struct value
settle_object(struct blaming *g, struct value is, struct value was)
{
	struct arena *a = g->b->a;
	struct value shape = object_new(a, 8), x;
	struct member *m;
	uint32_t i = 0;

	was = object_open(a, was);
	while ((m = object_next(a, is, &i)) != NULL)
		if (!object_get(a, was, m->key, &x))
			claim(g, value_take(&m->value));
	for (i = 0; (m = object_next(a, was, &i)) != NULL;) {
		struct value old = value_take(&m->value);

		if (object_get(a, is, m->key, &x))
			old = settle(g, value_share(x), old);
		shape = object_set(a, shape, m->key, old);
	}
	return shape;
}

static struct value
settle_array(struct blaming *g, struct value is, struct value was)
{
	struct arena *a = g->b->a;
	struct value shape = array_new(a, array_length(was));
	size_t n = array_length(is);

	was = array_open(a, was);
	for (size_t i = 0; i < array_length(was); i++) {
		struct value old = array_at(was, i);

		if (i < n)
			old = settle(g, array_at(is, i), old);
		shape = array_push(a, shape, old);
	}
	for (size_t i = array_length(was); i < n; i++)
		claim(g, array_at(is, i));
	return shape;
}

/* The shape of what was there, where now there is this shape. */
static struct value
settle(struct blaming *g, struct value is, struct value was)
{
	struct blame *b = g->b;
	uint32_t leaf;

	if (blame_leaf(is, &leaf)) {
		if (b->record[leaf] == 0 && !(was.flags & VALUE_FORGOTTEN) &&
		    (value_same(b->leaf[leaf], was) ||
			value_written_same(b->leaf[leaf], was)))
			return is;
		claim(g, is);
		return was;
	}
	if (is.kind == VALUE_OBJECT && value_is_object(was))
		return settle_object(g, is, was);
	if (is.kind == VALUE_ARRAY && value_is_array(was))
		return settle_array(g, is, was);
	claim(g, is);
	return was;
}

static struct value
take_back(void *arg, const struct patch_change *change)
{
	struct blaming *g = arg;
	uint32_t leaf;

	if (change->in != NULL && blame_leaf(*change->in, &leaf))
		claim(g, *change->in); /* which the record had emptied */
	if (change->new == NULL) {
		claim(g, *change->was);
		return VALUE_OF(VALUE_NULL);
	}
	if (change->was == NULL)
		return *change->new;
	if (change->moved) { /* it has leaves that are numbered already */
		claim(g, *change->was);
		return *change->new;
	}
	return settle(g, *change->was, *change->new);
}

bool
blame_init(struct blame *b, struct arena *a, struct value event,
    const struct view *v, size_t n, struct rewind_error *error)
{
	struct blaming g = {b, 0, 0};
	struct patch_watch watch = {take_back, &g};
	struct draft draft;

	*b = (struct blame){.a = a, .v = v, .n = n, .event = event};
	b->shape = value_share(shape_of_object(&g, event));
	draft_init(&draft, a, b->shape);
	b->record = arena_array(a, b->leaves, sizeof(*b->record));
	memset(b->record, 0, b->leaves * sizeof(*b->record));
	b->outside = outside_last(a, event, v, n);
	for (size_t i = n; i-- > b->outside;) {
		struct rewind_error why;
		struct value shape;

		g.record = (uint32_t)(i + 1);
		switch (rewind_record(&draft, &v[i], &watch, &why)) {
		case REWIND_OK:
			if (!view_has(&v[i], VIEW_OF) ||
			    !draft_value(&draft, &shape))
				break;
			claim(&g, shape); /* it made the event of others */
			return true;
		case REWIND_LOST:
			if (view_made_event(a, &v[i]) &&
			    draft_value(&draft, &shape))
				claim(&g, shape); /* all that is left */
			else
				b->lost = g.record;
			return true;
		case REWIND_WRONG:
			rewind_name(a, v, i, &why, error);
			return false;
		}
	}
	return true;
}

bool
blame_outside(const struct blame *b, uint32_t leaf)
{
	return b->record[leaf] == 0 && b->lost == 0 && b->outside > 0;
}

size_t
blame_record(const struct blame *b, uint32_t leaf, bool *sure)
{
	*sure = b->record[leaf] != 0 || b->lost == 0;
	return b->record[leaf] == 0 ? b->lost : b->record[leaf];
}
