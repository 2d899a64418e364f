/*
 * What a program didn't look into is still a span of the old text, wherever
 * it stands now: an old value is found again by where its span begins, and
 * nothing is compared.  Spans that stand in members beside it are found
 * whatever their size, those further away only where they are long enough
 * to be worth a search.
 */
#include <stdlib.h>

#include "record/undo_diff.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum {
	LONG = 48,   /* bytes of a value that is looked for further away */
	DEEP = 64,   /* levels of that search */
	MOST = 1000, /* values that it looks at, and two for each old entry */
	COPY = 16,   /* bytes of a value for which a copy is worth it */
};

/* A span of the old text in the new event. */
struct location {
	uint32_t offset; /* in the text */
	const struct path_step *step;
	struct undo_added *added;     /* in or below this, or NULL */
	struct undo_changed *changed; /* in or below that, or NULL */
	bool inner;                   /* below, not the member itself */
};

/* The spans in the members of an object that changed or were added. */
struct undo_sources {
	struct location *location;
	size_t n, cap;
	size_t left; /* values that may still be looked at */
	bool inner;  /* those below the members are there too */
};

/* Where in the doc's text does the span of a value begin?  0: nowhere. */
static uint32_t
offset_of(struct value v, const struct doc *d)
{
	const char *p;

	if (!(v.flags & VALUE_SOURCE))
		return 0;
	if (v.kind >= VALUE_RAW_ARRAY)
		return v.doc == d ? d->at[v.n] : 0;
	p = v.text - value_is_string(v);
	return p > d->text && p < d->text + d->len ? (uint32_t)(p - d->text)
						   : 0;
}

static void
add_location(struct arena *a, struct undo_sources *s, struct location location)
{
	if (s->n == s->cap) {
		size_t cap = s->cap * 2 + 8;
		struct location *more = arena_array(a, cap, sizeof(*more));

		for (size_t i = 0; i < s->n; i++)
			more[i] = s->location[i];
		s->location = more;
		s->cap = cap;
	}
	s->location[s->n++] = location;
}

static bool
is_container(struct value v)
{
	return v.kind == VALUE_ARRAY || v.kind == VALUE_OBJECT;
}

/* May an old value stand in or below any member that changed or was added? */
static bool
may_be_found(const struct undo_members *t)
{
	for (uint32_t i = 0; i < t->added_n; i++) {
		struct value v = t->now->m[t->added[i].j].value;

		if (offset_of(v, t->doc) != 0 || is_container(v))
			return true;
	}
	for (uint32_t i = 0; i < t->changed_n; i++) {
		struct value v = t->now->m[t->changed[i].j].value;

		if (offset_of(v, t->doc) != 0 || is_container(v))
			return true;
	}
	return false;
}

static void
add_member(struct patch_text *u, struct undo_members *t, uint32_t j,
    struct location location)
{
	location.offset = offset_of(t->now->m[j].value, t->doc);
	if (location.offset != 0)
		add_location(u->a, t->sources, location);
}

/* The spans of members themselves. */
static void
add_members(struct patch_text *u, struct undo_members *t)
{
	for (uint32_t i = 0; i < t->added_n; i++) {
		struct undo_added *x = &t->added[i];

		add_member(u, t, x->j,
		    (struct location){.step = &x->step, .added = x});
	}
	for (uint32_t i = 0; i < t->changed_n; i++) {
		struct undo_changed *x = &t->changed[i];

		add_member(u, t, x->j,
		    (struct location){.step = &x->step, .changed = x});
	}
}

static void add_inner(struct patch_text *u, const struct undo_members *t,
    struct value v, const struct location *in);

/* A value below a member: its span, or what it holds. */
static void
add_value(struct patch_text *u, const struct undo_members *t, struct value v,
    const struct location *in, struct value key, uint32_t i)
{
	struct undo_sources *s = t->sources;
	struct location location = *in;
	struct path_step *step;

	if (s->left == 0)
		return;
	s->left--;
	location.offset = offset_of(v, t->doc);
	if (location.offset != 0 ? operation_length(v) < LONG
				 : !is_container(v))
		return;
	step = arena_alloc(u->a, sizeof(*step));
	*step = (struct path_step){in->step, key, i, in->step->depth + 1};
	location.step = step;
	location.inner = true;
	if (location.offset != 0)
		add_location(u->a, s, location);
	else
		add_inner(u, t, v, &location);
}

/* What a container that was opened or made holds. */
static void
add_inner(struct patch_text *u, const struct undo_members *t, struct value v,
    const struct location *in)
{
	if (in->step->depth - operation_depth(t->path) > DEEP)
		return;
	if (v.kind == VALUE_ARRAY) {
		for (uint32_t i = 0; i < v.n; i++)
			add_value(
			    u, t, v.array->v[i], in, VALUE_OF(VALUE_NULL), i);
		return;
	}
	if (v.kind != VALUE_OBJECT)
		return;
	if (!v.object->overlay)
		object_length(u->a, v); /* marks what is there twice */
	for (uint32_t i = 0; i < v.object->n; i++) {
		const struct member *m = &v.object->m[i];

		/* Of members with the same key a path means only one. */
		if (undo_alive(v.object, i) && m->key.mark == 0)
			add_value(u, t, m->value, in,
			    string_decoded(u->a, m->key), 0);
	}
}

static int
by_offset(const void *x, const void *y)
{
	const struct location *p = x, *q = y;

	if (p->offset != q->offset)
		return p->offset < q->offset ? -1 : 1;
	if (p->inner != q->inner)
		return p->inner ? 1 : -1;
	return p->added != NULL ? -1 : q->added != NULL;
}

static void
sort_locations(struct undo_sources *s)
{
	if (s->n > 1)
		qsort(s->location, s->n, sizeof(*s->location), by_offset);
}

/* Look below the members, too, once. */
static void
look_deeper(struct patch_text *u, struct undo_members *t)
{
	struct undo_sources *s = t->sources;

	if (s == NULL || s->inner)
		return;
	s->inner = true;
	s->left = MOST + 2 * (size_t)(t->doc->match[t->root] - t->root);
	for (uint32_t i = 0; i < t->added_n; i++) {
		struct undo_added *x = &t->added[i];

		add_inner(u, t, t->now->m[x->j].value,
		    &(struct location){.step = &x->step, .added = x});
	}
	for (uint32_t i = 0; i < t->changed_n; i++) {
		struct undo_changed *x = &t->changed[i];

		add_inner(u, t, t->now->m[x->j].value,
		    &(struct location){.step = &x->step, .changed = x});
	}
	sort_locations(s);
}

/* The first place at which a span stands, or NULL. */
static const struct location *
find_location(const struct undo_sources *s, uint32_t offset)
{
	size_t from = 0, to = s == NULL ? 0 : s->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (s->location[middle].offset < offset)
			from = middle + 1;
		else
			to = middle;
	}
	return s != NULL && from < s->n && s->location[from].offset == offset
	    ? &s->location[from]
	    : NULL;
}

/* Is what was there when the taking back began still there? */
static bool
is_intact(const struct location *p)
{
	if (p->added != NULL)
		return !p->added->away;
	return p->inner && !p->changed->begun && !p->changed->done;
}

/*
 * A place in an object around this one, which is being taken back: what was
 * added to it is there until the end, what is inside of a member until its
 * turn comes.
 */
static const struct location *
find_outside(struct patch_text *u, struct undo_members *t, uint32_t offset)
{
	for (t = t->outer; t != NULL; t = t->outer) {
		const struct location *p;
		struct location *inner;

		look_deeper(u, t);
		p = find_location(t->sources, offset);
		if (p == NULL || !is_intact(p))
			continue;
		inner = arena_alloc(u->a, sizeof(*inner));
		*inner = *p;
		inner->inner = true; /* it isn't ours to be moved */
		return inner;
	}
	return NULL;
}

/* A place for the old value at entry e, in this object or one around it. */
static const struct location *
find_source(struct patch_text *u, struct undo_members *t, uint32_t e, bool gone)
{
	uint32_t offset = t->doc->at[e];
	size_t length = operation_length(value_source(t->doc, e));
	const struct location *p = find_location(t->sources, offset);

	if (p == NULL && length >= LONG) {
		look_deeper(u, t);
		p = find_location(t->sources, offset);
	}
	/* What is inside of a changed member may be overwritten with it. */
	if (p != NULL && p->changed != NULL &&
	    (length < COPY || (p->inner && !gone)))
		p = NULL;
	if (p != NULL || length < LONG)
		return p;
	return find_outside(u, t, offset);
}

static void
take_source(struct undo_added **move, const struct path_step **from,
    const struct location *p)
{
	*from = p->step;
	if (p->added == NULL)
		return;
	p->added->needed = true;
	if (!p->inner)
		*move = p->added;
}

void
undo_sources(struct patch_text *u, struct undo_members *t)
{
	const struct location *p;

	/* Most changes are of values, which stand nowhere else. */
	if (t->outer == NULL && !may_be_found(t))
		return;
	t->sources = arena_alloc(u->a, sizeof(*t->sources));
	*t->sources = (struct undo_sources){.n = 0};
	add_members(u, t);
	sort_locations(t->sources);
	for (uint32_t i = 0; i < t->gone_n; i++) {
		p = find_source(u, t, t->gone[i].e + 2, true);
		if (p != NULL)
			take_source(&t->gone[i].move, &t->gone[i].from, p);
	}
	for (uint32_t i = 0; i < t->changed_n; i++) {
		struct undo_changed *x = &t->changed[i];

		p = find_source(u, t, x->e + 2, false);
		if (p == NULL || p->changed == x)
			continue;
		take_source(&x->move, &x->from, p);
		if (p->changed != NULL) {
			x->source = (uint32_t)(p->changed - t->changed) + 1;
			p->changed->needed_by = i + 1;
		}
	}
}
