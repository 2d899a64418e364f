/*
 * What the operations of undos say, and the copies that they make.
 */
#include <string.h>

#include "trust/track_parts.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum { LOOKED_AT = 100000 }; /* operations that are compared with copies */

/* What is marked in a value is so in its copy, which is written alike. */
static void
mark_alike(struct track *t, struct value from, struct value to)
{
	const struct doc *d = from.doc, *o = to.doc;
	struct mark span = marks_span(from);
	const struct mark *m = marks_over(&t->marks, span);

	if (m != NULL) {
		span = marks_span(to);
		span.kind = m->kind;
		marks_add(&t->marks, span);
		return;
	}
	if (from.kind < VALUE_RAW_ARRAY || !marks_in(&t->marks, span))
		return;
	for (uint32_t e = from.n + 1, k = to.n + 1; e < d->match[from.n];
	     e++, k++) {
		if (strchr("{[\"-0123456789tfn", d->text[d->at[e]]) == NULL ||
		    track_is_key(d, e))
			continue;
		m = marks_over(&t->marks, marks_span(value_source(d, e)));
		if (m == NULL)
			continue;
		span = marks_span(value_source(o, k));
		span.kind = m->kind;
		marks_add(&t->marks, span);
	}
}

void
track_mark_copy(
    struct track *t, struct draft *d, struct draft_slot *slot, struct value to)
{
	const struct mark *m = track_mark_of(t, slot);
	struct draft_slot *child;
	struct value key;
	uint32_t at = 0, e = to.n + 1;

	if (slot->node == NULL || m != NULL) {
		mark_alike(t, draft_base(slot), to);
		return;
	}
	arena_recurse(t->a);
	if (draft_is_object(slot)) {
		while (
		    (child = draft_next_member(d, slot, &at, &key)) != NULL) {
			track_mark_copy(
			    t, d, child, value_source(to.doc, e + 2));
			e = doc_after(to.doc, e + 2) + 1;
		}
		return;
	}
	for (size_t i = 0; i < draft_length(d, slot); i++) {
		track_mark_copy(
		    t, d, draft_element(d, slot, i), value_source(to.doc, e));
		e = doc_after(to.doc, e) + 1;
	}
}

/* A text of its own of what is in a place. */
bool
track_make_copy(
    struct track *t, struct draft *d, struct draft_slot *slot, struct value *to)
{
	struct arena_deferred *release;
	struct buf *b = buf_new(t->a, &release);
	struct scan_error error;
	struct value v;
	bool good;

	if (slot == &d->root)
		draft_touch(d, slot); /* its history isn't copied */
	if (!draft_slot_value(d, slot, &v))
		return false;
	value_write(b, v);
	if (!buf_fits(b))
		arena_exceed(t->a);
	good = value_parse(t->a, b->p, b->len, to, &error);
	arena_end(t->a, release);
	return good;
}

static bool
is_prefix(struct value x, struct value y)
{
	return x.n <= y.n && memcmp(x.text, y.text, x.n) == 0 &&
	    (x.n == y.n || y.text[x.n] == '/');
}

static bool
read_text(struct track *t, struct value op, const char *name, struct value *out)
{
	if (!object_get(t->a, op, value_cstring(name), out) ||
	    !value_is_string(*out))
		return false;
	*out = string_decoded(t->a, *out);
	return true;
}

bool
track_read_change(struct track *t, struct value v, struct track_change *op)
{
	static const char *const NAMES[] = {
	    "add", "remove", "move", "copy", "test", "replace"};
	struct value name;
	size_t i = 0;

	*op = (struct track_change){.kind = CHANGE_OTHER};
	if (!value_is_object(v) || !read_text(t, v, "op", &name) ||
	    !read_text(t, v, "path", &op->path))
		return false;
	while (i < 6 && !string_equal(t->a, name, value_cstring(NAMES[i])))
		i++;
	if (i == 6)
		return false;
	op->kind = i == 5 ? CHANGE_ADD : (enum track_change_kind)i;
	op->has_value = object_get(t->a, v, value_cstring("value"), &op->value);
	if (op->kind == CHANGE_MOVE || op->kind == CHANGE_COPY)
		return read_text(t, v, "from", &op->from);
	return op->kind == CHANGE_REMOVE || op->has_value;
}

/* Does the rest of an undo take away what stood at a path? */
bool
track_is_lost(
    struct track *t, const struct track_record *r, size_t i, struct value path)
{
	struct track_change op;

	if (r->n > LOOKED_AT / 100 && r->n - i > 100)
		return false;
	for (; i < r->n; i++) {
		if (!track_read_change(t, array_at(r->undo, i), &op))
			continue;
		if (op.kind != CHANGE_TEST && op.kind != CHANGE_OTHER &&
		    is_prefix(op.path, path))
			return true;
		if (op.kind == CHANGE_MOVE && is_prefix(op.from, path))
			return true;
	}
	return false;
}
