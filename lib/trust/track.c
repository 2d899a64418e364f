#include <string.h>

#include "history/patch.h"
#include "history/rewind.h"
#include "trust/mask.h"
#include "trust/track.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum {
	ROUNDS = 100,       /* walks that a history may take */
	LOOKED_AT = 100000, /* operations that are compared with copies */
};

enum kind { ADD, REMOVE, MOVE, COPY, TEST, OTHER };

/* An operation that is looked at. */
struct operation {
	enum kind kind;
	struct value path, from; /* decoded */
	struct value value;
	bool has_value;
};

/* What is left of a JSON Pointer. */
struct rest {
	const char *p, *end;
};

/* --- marking ------------------------------------------------------------- */

static bool
is_key(const struct doc *d, uint32_t e)
{
	return d->text[d->at[e]] == '"' && d->text[d->at[e + 1]] == ':';
}

static void
add_needle(struct track *t, struct value v)
{
	v = string_decoded(t->a, v);
	needles_add(&t->needles, v.text, v.n);
}

/* The strings in a value, but for its keys. */
static void
add_needles(struct track *t, struct value v)
{
	const struct doc *d = v.doc;

	if (value_is_string(v)) {
		add_needle(t, v);
		return;
	}
	if (v.kind != VALUE_RAW_ARRAY && v.kind != VALUE_RAW_OBJECT)
		return;
	for (uint32_t e = v.n; e < d->match[v.n]; e++)
		if (d->text[d->at[e]] == '"' && !is_key(d, e))
			add_needle(t, value_source(d, e));
}

static void
mark_value(struct track *t, struct value v, enum mark_kind kind)
{
	struct mark span = marks_span(v);

	span.kind = kind;
	if (marks_over(&t->gone, span) == NULL && marks_add(&t->marks, span) &&
	    kind != MARK_TEXT)
		add_needles(t, v);
}

static void mark_slot(struct track *t, struct draft *d, struct draft_slot *slot,
    enum mark_kind kind);

static void
mark_children(struct track *t, struct draft *d, struct draft_slot *slot,
    enum mark_kind kind)
{
	struct draft_slot *child;
	struct value key;
	uint32_t at = 0;

	arena_recurse(t->a);
	if (draft_is_object(slot)) {
		while ((child = draft_next_member(d, slot, &at, &key)) != NULL)
			mark_slot(t, d, child, kind);
		return;
	}
	for (size_t i = 0; i < draft_length(d, slot); i++)
		mark_slot(t, d, draft_element(d, slot, i), kind);
}

/* A container, and what undos have put into it since. */
static void
mark_slot(struct track *t, struct draft *d, struct draft_slot *slot,
    enum mark_kind kind)
{
	mark_value(t, draft_base(slot), kind);
	if (slot->node != NULL)
		mark_children(t, d, slot, kind);
}

static const struct mark *
mark_of(const struct track *t, const struct draft_slot *slot)
{
	return marks_over(&t->marks, marks_span(draft_base(slot)));
}

/* The bytes of the root, without those of its history. */
static bool
root_holds(const struct track *t)
{
	const struct doc *d = t->root.doc;
	struct mark all = marks_span(t->root), behind = all;

	if (d->hidden == 0)
		return marks_in(&t->marks, all);
	all.to = d->text + d->at[d->hidden];
	behind.from = doc_end(d, d->hidden + 2);
	return marks_in(&t->marks, all) || marks_in(&t->marks, behind);
}

/* Does a place hold anything that is marked? */
static bool
holds(struct track *t, struct draft *d, struct draft_slot *slot)
{
	struct draft_slot *child;
	struct value key;
	uint32_t at = 0;

	if (slot->node == NULL)
		return slot == &d->root && value_same(slot->value, t->root)
		    ? root_holds(t)
		    : marks_in(&t->marks, marks_span(slot->value));
	if (mark_of(t, slot) != NULL)
		return true;
	arena_recurse(t->a);
	if (draft_is_object(slot)) {
		while ((child = draft_next_member(d, slot, &at, &key)) != NULL)
			if (holds(t, d, child))
				return true;
		return false;
	}
	for (size_t i = 0; i < draft_length(d, slot); i++)
		if (holds(t, d, draft_element(d, slot, i)))
			return true;
	return false;
}

/* --- paths --------------------------------------------------------------- */

/* The next key of a pointer, which has one. */
static struct value
next_key(struct track *t, struct rest *at)
{
	const char *from = at->p + 1, *end;
	char *key;
	size_t n = 0;

	end = memchr(from, '/', (size_t)(at->end - from));
	if (end == NULL)
		end = at->end;
	at->p = end;
	if (memchr(from, '~', (size_t)(end - from)) == NULL)
		return value_text(from, (size_t)(end - from));
	key = arena_alloc(t->a, (size_t)(end - from));
	for (; from < end; from++) {
		if (*from == '~' && from + 1 < end)
			key[n++] = *++from == '0' ? '~' : '/';
		else
			key[n++] = *from;
	}
	return value_text(key, n);
}

static struct rest
start_of(struct value path)
{
	return (struct rest){path.text, path.text + path.n};
}

/* An index; SIZE_MAX where the key is none. */
static size_t
index_of(struct value key, size_t length)
{
	size_t i = 0;

	if (key.n == 1 && *key.text == '-')
		return length - 1; /* what was added last */
	if (key.n == 0 || key.n > 10)
		return SIZE_MAX;
	for (uint32_t k = 0; k < key.n; k++) {
		if (key.text[k] < '0' || key.text[k] > '9')
			return SIZE_MAX;
		i = i * 10 + (size_t)(key.text[k] - '0');
	}
	return i;
}

static struct draft_slot *
child_of(struct draft *d, struct draft_slot *slot, struct value key)
{
	size_t i;

	if (draft_is_object(slot))
		return draft_member(d, slot, key);
	if (!draft_is_array(slot))
		return NULL;
	i = index_of(key, draft_length(d, slot));
	return i < draft_length(d, slot) ? draft_element(d, slot, i) : NULL;
}

/* The place at a path, or NULL. */
static struct draft_slot *
slot_at(struct track *t, struct draft *d, struct value path)
{
	struct rest at = start_of(path);
	struct draft_slot *slot = &d->root;

	while (slot != NULL && at.p < at.end)
		slot = child_of(d, slot, next_key(t, &at));
	return slot;
}

/* The mark of a container that a path leads through, or NULL. */
static const struct mark *
within(struct track *t, struct draft *d, struct value path)
{
	struct rest at = start_of(path);
	struct draft_slot *slot = &d->root;
	const struct mark *m;

	while (slot != NULL && at.p < at.end) {
		m = mark_of(t, slot);
		if (m != NULL)
			return m;
		slot = child_of(d, slot, next_key(t, &at));
	}
	return NULL;
}

static bool
step_is(struct track *t, const struct pointer_step *step, struct value key)
{
	if (pointer_every(step))
		return true;
	if (step->key.kind != VALUE_NULL && string_equal(t->a, step->key, key))
		return true;
	return step->i != SIZE_MAX &&
	    (step->i == index_of(key, 0) || (key.n == 1 && *key.text == '-'));
}

/* --- what stands at a pattern -------------------------------------------- */

static void find_raw(
    struct track *t, struct value v, const struct track_path *p, size_t i);

/* Mark what stands at a path. */
static void
mark_found(struct track *t, struct value v, const struct track_path *p)
{
	if (!p->spares || !mask_is(t->a, v))
		mark_value(t, v, p->kind);
}

static void
found_raw(struct track *t, struct value v, const struct track_path *p, size_t i,
    bool element)
{
	if (i < p->path.n)
		find_raw(t, v, p, i);
	else if (!element || v.kind != VALUE_NULL)
		mark_found(t, v, p);
}

static void
find_in_object(
    struct track *t, struct value v, const struct track_path *p, size_t i)
{
	const struct pointer_step *step = &p->path.steps[i];
	const struct doc *d = v.doc;
	uint32_t end = d->match[v.n];

	if (!pointer_every(step) && step->key.kind == VALUE_NULL)
		return;
	for (uint32_t e = v.n + 1; e < end; e = doc_after(d, e + 2) + 1) {
		if (e == d->hidden)
			continue;
		if (pointer_every(step) ||
		    string_equal(t->a, value_source(d, e), step->key))
			found_raw(t, value_source(d, e + 2), p, i + 1, false);
	}
}

static void
find_in_array(
    struct track *t, struct value v, const struct track_path *p, size_t i)
{
	const struct pointer_step *step = &p->path.steps[i];
	const struct doc *d = v.doc;
	uint32_t end = d->match[v.n];
	size_t k = 0;

	for (uint32_t e = v.n + 1; e < end; e = doc_after(d, e) + 1, k++)
		if (pointer_every(step) || step->i == k)
			found_raw(t, value_source(d, e), p, i + 1, true);
}

/* Mark what stands at a pattern's steps from i on, in a raw value. */
static void
find_raw(struct track *t, struct value v, const struct track_path *p, size_t i)
{
	arena_recurse(t->a);
	if (v.kind == VALUE_RAW_OBJECT)
		find_in_object(t, v, p, i);
	else if (v.kind == VALUE_RAW_ARRAY)
		find_in_array(t, v, p, i);
}

static void find(struct track *t, struct draft *d, struct draft_slot *slot,
    const struct track_path *p, size_t i, bool element);

static void
find_in_slots(struct track *t, struct draft *d, struct draft_slot *slot,
    const struct track_path *p, size_t i)
{
	const struct pointer_step *step = &p->path.steps[i];
	struct draft_slot *child;
	struct value key;
	uint32_t at = 0;

	if (draft_is_object(slot)) {
		while ((child = draft_next_member(d, slot, &at, &key)) != NULL)
			if (pointer_every(step) ||
			    (step->key.kind != VALUE_NULL &&
				string_equal(t->a, key, step->key)))
				find(t, d, child, p, i + 1, false);
		return;
	}
	for (size_t k = 0; k < draft_length(d, slot); k++)
		if (pointer_every(step) || step->i == k)
			find(t, d, draft_element(d, slot, k), p, i + 1, true);
}

/* The same in a place of a draft, from its step i on. */
static void
find(struct track *t, struct draft *d, struct draft_slot *slot,
    const struct track_path *p, size_t i, bool element)
{
	arena_recurse(t->a);
	if (slot->node == NULL)
		found_raw(t, slot->value, p, i, element);
	else if (i == p->path.n)
		mark_slot(t, d, slot, p->kind);
	else
		find_in_slots(t, d, slot, p, i);
}

/* How many steps of a pattern a path shares, and what is left of the path. */
static size_t
shared_steps(struct track *t, const struct track_path *p, struct rest *at)
{
	size_t i = 0;

	while (at->p < at->end && i < p->path.n) {
		struct rest before = *at;

		if (!step_is(t, &p->path.steps[i], next_key(t, at))) {
			*at = before;
			break;
		}
		i++;
	}
	return i;
}

static bool
counts_elements(const struct track_path *p)
{
	for (size_t i = 0; i < p->path.n; i++)
		if (p->path.steps[i].i != SIZE_MAX)
			return true;
	return false;
}

/* What came to a path: does a pattern lead there, or on from there? */
static void
look_at(struct track *t, struct draft *d, struct value path)
{
	struct draft_slot *slot;

	for (size_t k = 0; k < t->paths_n; k++) {
		const struct track_path *p = &t->paths[k];
		struct rest at = start_of(path);
		size_t i = shared_steps(t, p, &at);

		if (!counts_elements(p) && at.p == at.end &&
		    (slot = slot_at(t, d, path)) != NULL)
			find(t, d, slot, p, i, false);
	}
}

/* Only in a whole state is an element's number its own. */
static void
look_at_elements(struct track *t, struct draft *d)
{
	for (size_t k = 0; k < t->paths_n; k++)
		if (counts_elements(&t->paths[k]))
			find(t, d, &d->root, &t->paths[k], 0, false);
}

/* --- copies -------------------------------------------------------------- */

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
		    is_key(d, e))
			continue;
		m = marks_over(&t->marks, marks_span(value_source(d, e)));
		if (m == NULL)
			continue;
		span = marks_span(value_source(o, k));
		span.kind = m->kind;
		marks_add(&t->marks, span);
	}
}

static void
mark_copy(
    struct track *t, struct draft *d, struct draft_slot *slot, struct value to)
{
	const struct mark *m = mark_of(t, slot);
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
			mark_copy(t, d, child, value_source(to.doc, e + 2));
			e = doc_after(to.doc, e + 2) + 1;
		}
		return;
	}
	for (size_t i = 0; i < draft_length(d, slot); i++) {
		mark_copy(
		    t, d, draft_element(d, slot, i), value_source(to.doc, e));
		e = doc_after(to.doc, e) + 1;
	}
}

/* A text of its own of what is in a place. */
static bool
make_copy(
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

static bool
read_operation(struct track *t, struct value v, struct operation *op)
{
	static const char *const NAMES[] = {
	    "add", "remove", "move", "copy", "test", "replace"};
	struct value name;
	size_t i = 0;

	*op = (struct operation){.kind = OTHER};
	if (!value_is_object(v) || !read_text(t, v, "op", &name) ||
	    !read_text(t, v, "path", &op->path))
		return false;
	while (i < 6 && !string_equal(t->a, name, value_cstring(NAMES[i])))
		i++;
	if (i == 6)
		return false;
	op->kind = i == 5 ? ADD : (enum kind)i;
	op->has_value = object_get(t->a, v, value_cstring("value"), &op->value);
	if (op->kind == MOVE || op->kind == COPY)
		return read_text(t, v, "from", &op->from);
	return op->kind == REMOVE || op->has_value;
}

/* Does the rest of an undo take away what stood at a path? */
static bool
is_lost(
    struct track *t, const struct track_record *r, size_t i, struct value path)
{
	struct operation op;

	if (r->n > LOOKED_AT / 100 && r->n - i > 100)
		return false;
	for (; i < r->n; i++) {
		if (!read_operation(t, array_at(r->undo, i), &op))
			continue;
		if (op.kind != TEST && op.kind != OTHER &&
		    is_prefix(op.path, path))
			return true;
		if (op.kind == MOVE && is_prefix(op.from, path))
			return true;
	}
	return false;
}

/* --- walking ------------------------------------------------------------- */

/* Gives what stands in a copy's place, which arg is. */
static struct value
give_copy(void *arg, const struct patch_change *change)
{
	const struct value *copy = arg;

	(void)change;
	return *copy;
}

/* Note what was forgotten before: it is null now. */
static void
note_gone(struct track *t, struct value v, const struct operation *op)
{
	struct value forgotten, list, at;
	struct mark span;

	if (!op->has_value ||
	    !object_get(t->a, v, value_cstring("forgotten"), &forgotten))
		return;
	if (forgotten.kind == VALUE_TRUE && op->value.kind == VALUE_NULL) {
		span = marks_span(op->value);
		marks_add(&t->gone, span);
		return;
	}
	if (!value_is_array(forgotten))
		return;
	list = array_open(t->a, forgotten);
	for (size_t i = 0; i < array_length(list); i++) {
		struct value text = array_at(list, i);
		struct pointer p;

		if (!value_is_string(text))
			continue;
		text = string_decoded(t->a, text);
		if (memchr(text.text, '\0', text.n) != NULL ||
		    !pointer_parse(
			t->a, &p, arena_copy(t->a, text.text, text.n)) ||
		    !pointer_get(t->a, op->value, &p, &at) ||
		    at.kind != VALUE_NULL || !(at.flags & VALUE_SOURCE))
			continue;
		span = marks_span(at);
		marks_add(&t->gone, span);
	}
}

static enum track_fate
fate_of_copy(
    struct track *t, struct draft_slot *from, const struct track_operation *o)
{
	if (o->copy.kind == VALUE_NULL || mark_of(t, from) != NULL)
		return TRACK_KEEP;
	return marks_in(&t->marks, marks_span(o->copy)) ? TRACK_SPELL
							: TRACK_KEEP;
}

/* A copy is a text of its own, unless it takes the place of what it copies. */
static bool
take_copy(struct track *t, struct draft *d, struct track_record *r, size_t i,
    const struct operation *op, struct draft_slot *from)
{
	struct track_operation *o = &r->operations[i];

	if (!o->seen &&
	    (from->node != NULL || !is_lost(t, r, i + 1, op->from)) &&
	    !make_copy(t, d, from, &o->copy))
		return false;
	o->seen = true;
	if (o->copy.kind != VALUE_NULL)
		mark_copy(t, d, from, o->copy);
	return true;
}

/* What comes of an operation that leads from or into what is marked. */
static void
judge(struct track *t, struct draft *d, struct track_operation *o,
    const struct operation *op, struct draft_slot *from)
{
	const struct mark *into = within(t, d, op->path);
	const struct mark *out_of =
	    from == NULL ? NULL : within(t, d, op->from);
	enum mark_kind kind = into != NULL ? into->kind : MARK_TEXT;
	struct draft_slot *place;

	o->fate = TRACK_KEEP;
	if (into != NULL) {
		o->fate = TRACK_DROP;
		if (op->kind == ADD)
			mark_value(t, op->value, kind);
		if (op->kind == COPY && o->copy.kind != VALUE_NULL)
			mark_value(t, o->copy, kind);
		if (op->kind != MOVE || from == NULL)
			return;
		if (out_of == NULL)
			o->fate = TRACK_REMOVE;
		mark_slot(t, d, from, kind);
	} else if (out_of != NULL) {
		o->fate = TRACK_NULL;
		kind = out_of->kind;
		mark_slot(t, d, from, kind);
		if (op->kind == COPY && o->copy.kind != VALUE_NULL)
			mark_value(t, o->copy, kind);
	} else if (op->kind == COPY && from != NULL) {
		o->fate = fate_of_copy(t, from, o);
	} else if (op->kind == TEST) {
		place = slot_at(t, d, op->path);
		if (marks_in(&t->marks, marks_span(op->value)) ||
		    (place != NULL && holds(t, d, place)))
			o->fate = TRACK_DROP;
	}
}

/* Is what becomes the whole event gone altogether? */
static bool
leaves_nothing(struct track *t, const struct track_operation *o,
    const struct operation *op, const struct draft_slot *from)
{
	if (o->fate != TRACK_KEEP && o->fate != TRACK_SPELL)
		return o->fate == TRACK_NULL;
	if (op->kind == ADD)
		return marks_over(&t->marks, marks_span(op->value)) != NULL;
	if (from != NULL && mark_of(t, from) != NULL)
		return true;
	return o->copy.kind != VALUE_NULL &&
	    marks_over(&t->marks, marks_span(o->copy)) != NULL;
}

/* Follow one operation of an undo; false where it can't be applied. */
static bool
follow(struct track *t, struct draft *d, struct track_record *r, size_t i)
{
	struct track_operation *o = &r->operations[i];
	struct patch_watch watch = {give_copy, &o->copy};
	struct value v = array_at(r->undo, i);
	struct patch_error error;
	struct draft_slot *from = NULL;
	struct operation op;

	if (!read_operation(t, v, &op))
		return false;
	note_gone(t, v, &op);
	if (op.kind == MOVE || op.kind == COPY) {
		from = slot_at(t, d, op.from);
		if (from == NULL)
			return false;
	}
	if (op.kind == COPY && !take_copy(t, d, r, i, &op, from))
		return false;
	judge(t, d, o, &op, from);
	if (op.path.n == 0 && op.kind != TEST &&
	    leaves_nothing(t, o, &op, from))
		o->fate = TRACK_EMPTY;
	if (!patch_operation(d, v,
		op.kind == COPY && o->copy.kind != VALUE_NULL ? &watch : NULL,
		&error))
		return false;
	if (op.kind != TEST)
		look_at(t, d, op.path);
	return true;
}

/* The undo of a record, for the first walk; false: it can't be taken back. */
static bool
open_record(struct track *t, size_t k)
{
	struct track_record *r = &t->records[k];
	struct rewind_error error;

	if (r->undo.kind != VALUE_NULL)
		return true;
	if (rewind_undo(t->a, &t->v[k], &r->undo, &error) != REWIND_OK) {
		r->undo = VALUE_OF(VALUE_NULL);
		return false;
	}
	r->n = array_length(r->undo);
	r->operations = arena_array(t->a, r->n, sizeof(*r->operations));
	memset(r->operations, 0, r->n * sizeof(*r->operations));
	return true;
}

static bool
follow_record(struct track *t, struct draft *d, size_t k)
{
	struct track_record *r = &t->records[k];

	if (r->broken || !open_record(t, k)) {
		r->broken = true;
		return false;
	}
	for (size_t i = 0; i < r->n && !r->broken; i++)
		r->broken = !follow(t, d, r, i);
	r->broken |= !draft_is_object(&d->root);
	if (!r->broken)
		look_at_elements(t, d);
	return !r->broken;
}

/* Walk back to the first state that can be had; last: what did they hold? */
static void
walk(struct track *t, bool last)
{
	struct draft d;

	draft_init(&d, t->a, t->root);
	for (size_t i = 0; i < t->paths_n; i++)
		find(t, &d, &d.root, &t->paths[i], 0, false);
	if (last)
		t->changed = holds(t, &d, &d.root);
	t->reach = t->n;
	while (t->reach > 0 && follow_record(t, &d, t->reach - 1)) {
		t->reach--;
		if (last)
			t->records[t->reach].changed = holds(t, &d, &d.root);
	}
}

/* --- behind what can be taken back --------------------------------------- */

/*
 * An operation that nobody can apply any more: its path tells what it holds;
 * where something moves from or to such a path, that can't be told.
 */
static void
guess(struct track *t, struct track_record *r, size_t i)
{
	struct operation op;

	r->operations[i].fate = TRACK_KEEP;
	if (!read_operation(t, array_at(r->undo, i), &op)) {
		r->wiped = true;
		return;
	}
	for (size_t k = 0; k < t->paths_n; k++) {
		const struct track_path *p = &t->paths[k];
		struct rest at = start_of(op.path), from = start_of(op.from);
		size_t n = shared_steps(t, p, &at);
		bool into = n == p->path.n, above = at.p == at.end;
		bool moves = op.kind == MOVE || op.kind == COPY;

		if (moves && (into || above))
			r->wiped = true;
		n = moves ? shared_steps(t, p, &from) : 0;
		if (moves && (n == p->path.n || from.p == from.end))
			r->wiped = true;
		if (moves || !(into || above))
			continue;
		if (into && !above)
			r->operations[i].fate = TRACK_DROP;
		if (op.has_value && into)
			mark_found(t, op.value, p);
		else if (op.has_value)
			find_raw(t, op.value, p,
			    shared_steps(t, p,
				&(struct rest){
				    op.path.text, op.path.text + op.path.n}));
	}
}

/* An undo that can't be read holds nobody knows what. */
static void
guess_record(struct track *t, size_t k)
{
	struct track_record *r = &t->records[k];
	struct value undo = t->v[k].of[VIEW_UNDO];

	if (!view_has(&t->v[k], VIEW_UNDO))
		return;
	if (!value_is_array(undo)) {
		r->wiped = true;
		return;
	}
	r->undo = array_open(t->a, undo);
	r->n = array_length(r->undo);
	r->operations = arena_array(t->a, r->n, sizeof(*r->operations));
	memset(r->operations, 0, r->n * sizeof(*r->operations));
	for (size_t i = 0; i < r->n; i++)
		guess(t, r, i);
}

static void
guess_rest(struct track *t)
{
	bool wiped = false;

	for (size_t k = t->reach; k-- > 0;)
		guess_record(t, k);
	for (size_t k = t->reach; k-- > 0;)
		wiped |= t->records[k].wiped;
	for (size_t k = t->reach; k-- > 0;)
		t->records[k].wiped = wiped && view_has(&t->v[k], VIEW_UNDO);
	for (size_t k = t->reach; k-- > 0 && wiped;)
		t->marks.added++; /* there is something to be done */
}

/* --- strings ------------------------------------------------------------- */

static bool
is_found(struct track *t, struct value v)
{
	v = string_decoded(t->a, v);
	return needles_in(&t->needles, v.text, v.n);
}

/* Mark the strings in a value that hold one of the needles, and the keys. */
static void
mark_strings(struct track *t, struct value v)
{
	const struct doc *d = v.doc;

	if (value_is_string(v) && is_found(t, v))
		mark_value(t, v, MARK_TEXT);
	if (v.kind != VALUE_RAW_ARRAY && v.kind != VALUE_RAW_OBJECT)
		return;
	for (uint32_t e = v.n; e < d->match[v.n]; e++) {
		struct value x;

		if (d->text[d->at[e]] != '"')
			continue;
		x = value_source(d, e);
		if (!is_found(t, x))
			continue;
		if (is_key(d, e))
			marks_add(&t->keys, marks_span(x));
		else
			mark_value(t, x, MARK_TEXT);
	}
}

/* What else a record says: where it comes from, what it was made of. */
static void
mark_other_strings(struct track *t, const struct view *v)
{
	static const enum view_member OTHERS[] = {
	    VIEW_FROM, VIEW_WINDOW, VIEW_OF};

	for (size_t i = 0; i < sizeof(OTHERS) / sizeof(*OTHERS); i++)
		if (view_has(v, OTHERS[i]))
			mark_strings(t, v->of[OTHERS[i]]);
}

static void
mark_all_strings(struct track *t)
{
	struct value x;

	if (t->needles.n == 0)
		return;
	for (size_t k = 0; k < t->n; k++) {
		const struct track_record *r = &t->records[k];

		mark_other_strings(t, &t->v[k]);

		for (size_t i = 0; i < r->n; i++) {
			struct value op = array_at(r->undo, i);

			if (value_is_object(op) &&
			    object_get(t->a, op, value_cstring("value"), &x))
				mark_strings(t, x);
		}
	}
}

/* A copy that is to be spelled out is a value of its undo then. */
static void
mark_spelled(struct track *t)
{
	for (size_t k = t->reach; k < t->n; k++) {
		const struct track_record *r = &t->records[k];

		for (size_t i = 0; i < r->n; i++)
			if (r->operations[i].fate == TRACK_SPELL)
				mark_strings(t, r->operations[i].copy);
	}
}

/* Walk until nothing new is marked; false where that takes too long. */
static bool
settle(struct track *t)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		size_t added = t->marks.added;

		walk(t, false);
		if (t->marks.added == added)
			return true;
	}
	t->error = "its history moves values to and fro more often than can "
		   "be followed, so it can't be told what is to be forgotten";
	return false;
}

bool
track_event(struct track *t, struct value root, struct value history)
{
	size_t added;

	t->root = root;
	t->v = view_history(t->a, history, &t->n);
	t->records = arena_array(t->a, t->n, sizeof(*t->records));
	memset(t->records, 0, t->n * sizeof(*t->records));
	t->marks.a = t->gone.a = t->keys.a = t->needles.a = t->a;
	if (t->n == 0 && t->paths_n > 0) {
		walk(t, true);
		return t->marks.added > 0;
	}
	if (!settle(t))
		return false;
	guess_rest(t);
	mark_all_strings(t);
	if (t->marks.added == 0 && t->paths_n > 0)
		return false;
	do {
		if (!settle(t))
			return false;
		added = t->marks.added;
		mark_spelled(t);
	} while (t->marks.added > added);
	walk(t, true);
	return true;
}
