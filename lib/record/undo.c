/*
 * The difference of two values is found container by container.  What
 * still is the same span of the old text is the same without a look at it,
 * and members find their old selves by their slots, so that the cost is
 * that of what changed and of the lists that hold it.
 *
 * Every container has a limit: what a replace of all of it would take, or
 * what is left of its parent's.  Whoever passes it stops, and the container
 * whose limit it was is replaced as a whole.
 */
#include <string.h>

#include "record/undo.h"
#include "record/undo_diff.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum { DEEP = 1000 }; /* steps to where containers are replaced as a whole */

/* A key in whose text nothing is escaped, nor would be. */
static bool
spelled_plainly(struct value key)
{
	for (uint32_t i = 0; i < key.n; i++)
		if (key.text[i] == '\\' || key.text[i] == 0x7F)
			return false;
	return true;
}

bool
undo_respelled(struct patch_text *u, struct value key)
{
	size_t start = u->out->len, n = (size_t)key.n + 2;
	struct value decoded;
	bool same;

	if (spelled_plainly(key))
		return false;
	decoded = string_decoded(u->a, key);
	value_write_string(u->out, decoded.text, decoded.n);
	same = u->out->len - start == n &&
	    memcmp(u->out->p + start, key.text - 1, n) == 0;
	u->out->len = start;
	return !same;
}

static bool
differ_objects(struct patch_text *u, struct value was, struct value now,
    const struct path_step *path, size_t limit)
{
	struct object *o = now.object;

	if (now.kind == VALUE_OBJECT && o->doc == was.doc &&
	    o->entry == was.n && (o->overlay || (o->settled && !o->repeated)))
		return undo_delta(u, was, now, path, limit);
	return undo_match(u, was, now, path, limit);
}

/* Elements as they were: their entries. */
static uint32_t *
elements(struct arena *a, struct value was, uint32_t *n)
{
	const struct doc *d = was.doc;
	uint32_t end = d->match[was.n], *e;

	*n = (uint32_t)array_length(was);
	e = arena_array(a, *n, sizeof(*e));
	for (uint32_t i = 0, at = was.n + 1; at < end;
	     at = doc_after(d, at) + 1)
		e[i++] = at;
	return e;
}

/* Where in the old text did this value come from?  NULL where unknown. */
static const char *
origin(struct value v, const struct doc *d)
{
	if (v.flags & VALUE_SOURCE) {
		if (v.kind < VALUE_RAW_ARRAY)
			return v.text - value_is_string(v);
		return v.doc == d ? d->text + d->at[v.n] : NULL;
	}
	if (v.kind == VALUE_OBJECT && v.object->doc == d)
		return d->text + d->at[v.object->entry];
	if (v.kind == VALUE_ARRAY && v.array->doc == d)
		return d->text + d->at[v.array->entry];
	return NULL;
}

/* Does element j come from behind the old element at entry e of its array? */
static bool
skipped(struct value was, uint32_t e, struct value x)
{
	const struct doc *d = was.doc;
	const char *p = origin(x, d);

	return p != NULL && p > d->text + d->at[e] &&
	    p < d->text + d->at[d->match[was.n]];
}

static bool
add_element(struct patch_text *u, struct value x, const struct path_step *path,
    size_t limit)
{
	operation_open(u, OPERATION_ADD, path);
	operation_value(u, x);
	buf_putc(u->out, '}');
	return operation_within(u, limit);
}

/*
 * Is the old element at entry e gone, so that element j of now comes from
 * one behind it?
 */
static bool
gone(struct value was, uint32_t e, struct value now, uint32_t j)
{
	const struct array *array = now.array;

	if (j == now.n)
		return true;
	if (array->doc == was.doc && j < array->slots_n && array->slots[j] == e)
		return false;
	return skipped(was, e, array->v[j]);
}

/*
 * From left to right: at each step the elements before i are as they were,
 * and element j of now stands at i.
 */
static bool
differ_arrays(struct patch_text *u, struct value was, struct value now,
    const struct path_step *path, size_t limit)
{
	struct path_step step = {
	    path, VALUE_OF(VALUE_NULL), 0, operation_depth(path)};
	uint32_t n, j = 0, *e = elements(u->a, was, &n);

	now = array_open(u->a, now);
	while (n > 0 && now.n > 0 &&
	    value_is_source(now.array->v[now.n - 1], was.doc, e[n - 1])) {
		n--;
		now.n--;
	}
	for (uint32_t i = 0; i < n; i++) {
		struct value old = value_source(was.doc, e[i]);
		bool done;

		step.i = i;
		if (gone(was, e[i], now, j))
			done = add_element(u, old, &step, limit);
		else
			done = undo_differ(
			    u, old, now.array->v[j++], &step, limit);
		if (!done)
			return false;
	}
	for (; now.n > j; now.n--) {
		step.i = n + now.n - j - 1;
		if (!operation_remove(u, &step, limit))
			return false;
	}
	return true;
}

/* Made by a program, and yet written as it was? */
static bool
written_same(struct patch_text *u, struct value was, struct value now)
{
	size_t start = u->out->len, n;
	bool same;

	if (was.kind >= VALUE_RAW_ARRAY || now.kind >= VALUE_RAW_ARRAY)
		return false;
	value_write(u->out, was);
	n = u->out->len - start;
	value_write(u->out, now);
	same = u->out->len - start == 2 * n &&
	    memcmp(u->out->p + start, u->out->p + start + n, n) == 0;
	u->out->len = start;
	return same;
}

/* The limit of a container by its parts: what a replace of it would take. */
static size_t
whole_limit(const struct patch_text *u, struct value was,
    const struct path_step *path, size_t limit)
{
	size_t n = operation_length(was) + UNDO_WHOLE;

	if (u->slack > 0 && path == NULL)
		return limit;
	if (u->slack > 0)
		n += u->slack / path->depth;
	return n < limit - u->out->len ? u->out->len + n : limit;
}

/* A container: by its parts where that is shorter, else as a whole. */
bool
undo_differ(struct patch_text *u, struct value was, struct value now,
    const struct path_step *path, size_t limit)
{
	size_t start = u->out->len, whole;
	bool done = false;

	if (now.flags & VALUE_SOURCE && value_same(was, now))
		return true;
	if (written_same(u, was, now))
		return true;
	whole = whole_limit(u, was, path, limit);
	if (operation_depth(path) > DEEP)
		done = false;
	else if (value_is_object(was) && value_is_object(now))
		done = differ_objects(u, was, now, path, whole);
	else if (value_is_array(was) && value_is_array(now))
		done = differ_arrays(u, was, now, path, whole);
	if (done)
		return true;
	u->out->len = start;
	return operation_replace(u, was, path, limit);
}

/*
 * An event that was put whole into a member of a new one, as {event: .},
 * comes out of there; nothing is done where it wasn't.
 */
static bool
unwrap(struct patch_text *u, struct value was, struct value now, size_t limit)
{
	if (now.kind != VALUE_OBJECT || now.object->overlay)
		return false;
	for (uint32_t j = 0; j < now.object->n; j++) {
		const struct member *m = &now.object->m[j];
		struct path_step step;

		if (m->value.kind != VALUE_RAW_OBJECT ||
		    m->value.doc != was.doc || m->value.n != was.n ||
		    !undo_alive(now.object, j))
			continue;
		/* Of members with the same key a path means only one. */
		if (object_length(u->a, now) + now.object->deleted !=
		    now.object->n)
			return false;
		step = operation_step(u, NULL, m->key);
		return operation_relocate(
		    u, OPERATION_MOVE, &step, NULL, NULL, limit);
	}
	return false;
}

static bool
write_patch(struct buf *out, struct arena *a, struct value before,
    struct value now, size_t cap, size_t slack)
{
	struct patch_text u = {out, a, out->len, slack, NULL};
	size_t limit;

	if (__builtin_add_overflow(out->len, cap, &limit))
		limit = SIZE_MAX;
	/* One byte is the closing bracket's. */
	if (cap > 0 &&
	    (unwrap(&u, before, now, limit - 1) ||
		undo_differ(&u, before, now, NULL, limit - 1))) {
		if (out->len > u.start)
			buf_putc(out, ']');
		return true;
	}
	out->len = u.start;
	return false;
}

bool
undo_write(struct buf *out, struct arena *a, struct value before,
    struct value now, size_t cap)
{
	return write_patch(out, a, before, now, cap, 0);
}

bool
undo_write_parts(struct buf *out, struct arena *a, struct value before,
    struct value now, size_t cap)
{
	return write_patch(out, a, before, now, cap, UNDO_SLACK);
}
