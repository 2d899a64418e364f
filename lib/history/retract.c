#include "history/retract.h"

#include <stdio.h>
#include <string.h>

#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum { MANY = 256 }; /* elements that are held against one another */

/* A place that a record changed; the path is decoded. */
struct retract_write {
	size_t record;
	struct value path;
};

/* What an operation changed in the base: a move makes two changes. */
struct change {
	bool was_there;
	struct value was, new;
};

struct changes {
	struct change v[2];
	size_t n;
};

/* The same operation, on the event as it is now. */
struct applying {
	const struct changes *base;
	bool move;
	size_t n;
	bool conflict;
	struct value path; /* of the conflict */
};

void
retract_init(struct retract *r, struct arena *a, struct value event,
    const struct view *v, size_t n)
{
	*r = (struct retract){.a = a, .v = v, .n = n, .at = n};
	draft_init(&r->base, a, event);
}

/* --- what later stages wrote -------------------------------------------- */

static void
add_writes(struct retract *r, size_t record, struct value undo, size_t *cap)
{
	for (size_t i = 0; i < array_length(undo); i++) {
		struct value paths[2];
		size_t n = view_paths(r->a, array_at(undo, i), paths);

		if (r->writes + n > *cap) {
			struct retract_write *more;

			*cap = 2 * *cap + 16;
			more = arena_array(r->a, *cap, sizeof(*more));
			if (r->writes > 0)
				memcpy(
				    more, r->write, r->writes * sizeof(*more));
			r->write = more;
		}
		while (n-- > 0)
			r->write[r->writes++] =
			    (struct retract_write){record, paths[n]};
	}
}

/* List what the undos of all records change, the last record first. */
static void
list_writes(struct retract *r)
{
	size_t cap = 0;

	if (r->write != NULL)
		return;
	r->write = arena_array(r->a, 1, sizeof(*r->write));
	for (size_t i = r->n; i-- > 0;)
		if (value_is_array(r->v[i].of[VIEW_UNDO]))
			add_writes(r, i,
			    array_open(r->a, r->v[i].of[VIEW_UNDO]), &cap);
}

/* Is x the place of y, or one around it? */
static bool
is_around(struct value x, struct value y)
{
	return x.n <= y.n && memcmp(x.text, y.text, x.n) == 0 &&
	    (x.n == y.n || y.text[x.n] == '/');
}

/* Is y an element or a member of x itself? */
static bool
is_child(struct value x, struct value y)
{
	return x.n < y.n && is_around(x, y) &&
	    memchr(y.text + x.n + 1, '/', y.n - x.n - 1) == NULL;
}

/* Did a stage behind record i move the elements of an array, or replace any? */
static bool
rewritten(struct retract *r, size_t i, struct value array)
{
	list_writes(r);
	for (size_t k = 0; k < r->writes && r->write[k].record > i; k++) {
		struct value path = r->write[k].path;

		if (is_around(path, array) || is_child(array, path))
			return true;
	}
	return false;
}

/* Say that what record i changed at a path was changed since, and by whom. */
static bool
say_conflict(
    struct retract *r, size_t i, struct value path, struct rewind_error *error)
{
	char name[64];
	struct value said = path.n > 0 ? path : value_cstring("the event");
	int n = (int)(said.n < 200 ? said.n : 200);

	list_writes(r);
	for (size_t k = 0; k < r->writes && r->write[k].record > i; k++) {
		size_t by = r->write[k].record;

		if (!is_around(r->write[k].path, path) &&
		    !is_around(path, r->write[k].path))
			continue;
		snprintf(error->text, sizeof(error->text),
		    "record %zu (%s) wrote %.*s", by + 1,
		    view_name(r->a, &r->v[by], name, sizeof(name)), n,
		    said.text);
		return false;
	}
	snprintf(error->text, sizeof(error->text), "%.*s isn't as it was left",
	    n, said.text);
	return false;
}

/* --- arrays on the way -------------------------------------------------- */

/* The next key of a path, and where it ends. */
static struct value
next_key(struct arena *a, struct value path, uint32_t *at)
{
	const char *p = path.text + *at + 1, *end = path.text + path.n;
	char *key = arena_alloc(a, path.n), *to = key;

	for (; p < end && *p != '/'; p++) {
		bool escaped = *p == '~' && p + 1 < end;

		*to++ = !escaped ? *p : *++p == '0' ? '~' : '/';
	}
	*at = (uint32_t)(p - path.text);
	return value_text(key, (size_t)(to - key));
}

static struct draft_slot *
child(struct draft *d, struct draft_slot *in, struct value key)
{
	size_t i = 0;

	if (draft_is_object(in))
		return draft_member(d, in, key);
	if (!draft_is_array(in) || key.n == 0 || key.n > 9)
		return NULL;
	for (uint32_t k = 0; k < key.n; k++) {
		if (key.text[k] < '0' || key.text[k] > '9')
			return NULL;
		i = 10 * i + (size_t)(key.text[k] - '0');
	}
	return i < draft_length(d, in) ? draft_element(d, in, i) : NULL;
}

/* How many members of one value another has alike; else whether it is it. */
static size_t
likeness(struct arena *a, struct value x, struct value y)
{
	struct value was;
	struct member *m;
	size_t n = 0;
	uint32_t i = 0;

	if (!value_is_object(x) || !value_is_object(y))
		return value_written_same(x, y);
	y = object_open(a, y);
	while ((m = object_next(a, y, &i)) != NULL)
		n += object_get(a, x, m->key, &was) &&
		    value_written_same(was, m->value);
	return n;
}

/* Is an element more like another one of the base than like its own? */
static bool
moved(struct arena *a, struct value base, struct value now, size_t i)
{
	struct value x = array_at(now, i);
	size_t own, n = array_length(base);

	if (value_written_same(array_at(base, i), x))
		return false;
	own = likeness(a, array_at(base, i), x);
	for (size_t k = 0; k < n; k++)
		if (k != i && likeness(a, array_at(base, k), x) > own)
			return true;
	return false;
}

/* Are the elements of an array that was rewritten still where they were? */
static bool
in_place(struct retract *r, struct draft_slot *base, struct draft *now,
    struct draft_slot *in)
{
	struct value x, y;
	size_t n;

	if (!draft_slot_value(&r->base, base, &x) ||
	    !draft_slot_value(now, in, &y))
		return false;
	if (value_written_same(x, y))
		return true;
	if (!value_is_array(x) || !value_is_array(y))
		return false;
	n = array_length(x);
	if (n != array_length(y) || n > MANY)
		return false;
	x = array_open(r->a, x);
	y = array_open(r->a, y);
	for (size_t i = 0; i < n; i++)
		if (moved(r->a, x, y, i))
			return false;
	return true;
}

/*
 * Do the numbers of elements on the way to a path mean the same as in the
 * base?  *where gets the array of which they don't.
 */
static bool
same_way(struct retract *r, size_t i, struct draft *now, struct value path,
    struct value *where)
{
	struct draft_slot *x = &r->base.root, *y = &now->root;

	for (uint32_t at = 0; x != NULL && y != NULL && at < path.n;) {
		struct value array = value_text(path.text, at), key;

		*where = array;
		if (draft_is_array(x) && rewritten(r, i, array) &&
		    !in_place(r, x, now, y))
			return false;
		key = next_key(r->a, path, &at);
		x = child(&r->base, x, key);
		y = child(now, y, key);
	}
	return true;
}

/* --- applying ----------------------------------------------------------- */

/* Note what an operation changes in the base. */
static struct value
note(void *arg, const struct patch_change *change)
{
	struct changes *c = arg;
	struct value none = VALUE_OF(VALUE_NULL);
	struct change *x = &c->v[c->n < 2 ? c->n++ : 1];

	x->was_there = change->was != NULL;
	x->was = change->was != NULL ? *change->was : none;
	x->new = change->new != NULL ? *change->new : none;
	return x->new;
}

/* Change it in the event, where the same is overwritten. */
static struct value
follow(void *arg, const struct patch_change *change)
{
	struct applying *p = arg;
	size_t i = p->n++;
	const struct change *base = &p->base->v[i < 2 ? i : 1];
	bool taken = p->move && i == 0 && p->base->n == 2;

	if (i >= p->base->n || base->was_there != (change->was != NULL) ||
	    (base->was_there && !taken &&
		!value_written_same(base->was, *change->was))) {
		if (!p->conflict)
			p->path = change->path;
		p->conflict = true;
	}
	return change->new != NULL ? *change->new : VALUE_OF(VALUE_NULL);
}

static bool
same_ways(struct retract *r, size_t i, struct draft *now, struct value op,
    struct value *where)
{
	struct value paths[2];
	size_t n = view_paths(r->a, op, paths);

	for (size_t k = 0; k < n; k++)
		if (!same_way(r, i, now, paths[k], where))
			return false;
	return true;
}

/* A patch of one operation; a copy adds what the base has in its place. */
static struct value
alone(struct retract *r, struct value op, const struct changes *base)
{
	struct value kind = VALUE_OF(VALUE_NULL), copy = value_cstring("copy");

	object_get(r->a, op, value_cstring("op"), &kind);
	if (base != NULL && string_equal(r->a, kind, copy)) {
		op = object_set(r->a, value_share(op), value_cstring("op"),
		    value_cstring("add"));
		op = object_set(
		    r->a, op, value_cstring("value"), base->v[0].new);
	}
	return value_share(
	    array_push(r->a, array_new(r->a, 1), value_share(op)));
}

static bool
is_move(struct retract *r, struct value op)
{
	struct value kind = VALUE_OF(VALUE_NULL);

	object_get(r->a, op, value_cstring("op"), &kind);
	return string_equal(r->a, kind, value_cstring("move"));
}

/* One operation, on the base and on the event; the base goes on anyway. */
static bool
apply(struct retract *r, size_t i, struct draft *now, struct value op,
    bool *good, struct rewind_error *error)
{
	struct changes changes = {.n = 0};
	struct applying p = {.base = &changes};
	struct value where;
	const struct patch_watch base = {note, &changes}, event = {follow, &p};
	struct patch_error why;
	bool same = !*good || same_ways(r, i, now, op, &where);

	if (!patch_draft(&r->base, alone(r, op, NULL), &base, &why)) {
		snprintf(r->lost.text, sizeof(r->lost.text),
		    "its undo doesn't apply: %s", why.text);
		*error = r->lost;
		return false;
	}
	if (!*good)
		return true;
	if (!same) {
		*good = say_conflict(r, i, where, error);
		return true;
	}
	p.move = is_move(r, op);
	if (!patch_draft(now, alone(r, op, &changes), &event, &why)) {
		snprintf(error->text, sizeof(error->text), "%s", why.text);
		*good = false;
	} else if (p.conflict) {
		*good = say_conflict(r, i, p.path, error);
	}
	return true;
}

/* Bring the base to what record i left. */
static bool
bring_base(struct retract *r, size_t i, struct rewind_error *error)
{
	struct rewind_error why;

	while (r->lost.text[0] == '\0' && r->at > i + 1) {
		const struct view *v = &r->v[r->at - 1];

		if (rewind_record(&r->base, v, NULL, &why) == REWIND_OK)
			r->at--;
		else
			rewind_name(r->a, r->v, r->at - 1, &why, &r->lost);
	}
	*error = r->lost;
	return r->lost.text[0] == '\0';
}

bool
retract_record(struct retract *r, size_t i, struct value *event,
    struct rewind_error *error)
{
	struct draft now;
	struct value undo;
	bool good = true;

	if (!bring_base(r, i, error))
		return false;
	if (rewind_undo(r->a, &r->v[i], &undo, error) != REWIND_OK) {
		rewind_name(r->a, r->v, i, error, &r->lost);
		*error = r->lost;
		return false;
	}
	draft_init(&now, r->a, *event);
	for (size_t k = 0; k < array_length(undo); k++)
		if (!apply(r, i, &now, array_at(undo, k), &good, error))
			return false;
	r->at = i;
	if (good && !draft_is_object(&now.root))
		snprintf(error->text, sizeof(error->text),
		    "its undo leaves no object");
	else if (good && draft_value(&now, event))
		return true;
	else if (good)
		snprintf(error->text, sizeof(error->text),
		    "the event would be nested too deeply");
	return false;
}
