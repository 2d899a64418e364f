/*
 * Where in an event, in any of its states, a path leads, and what is marked.
 */
#include <string.h>

#include "trust/mask.h"
#include "trust/track_parts.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

/* --- marking ------------------------------------------------------------- */

bool
track_is_key(const struct doc *d, uint32_t e)
{
	return d->text[d->at[e]] == '"' && d->text[d->at[e + 1]] == ':';
}

static void
add_needle(struct track *t, struct value v)
{
	if (value_is_number(v)) {
		needles_add(&t->numbers, v.text, v.n);
	} else if (value_is_string(v)) {
		v = string_decoded(t->a, v);
		needles_add(&t->needles, v.text, v.n);
	}
}

/* The strings and numbers in a value, but for its keys. */
static void
add_needles(struct track *t, struct value v)
{
	const struct doc *d = v.doc;

	if (v.kind != VALUE_RAW_ARRAY && v.kind != VALUE_RAW_OBJECT) {
		add_needle(t, v);
		return;
	}
	for (uint32_t e = v.n + 1; e < d->match[v.n]; e++)
		if (strchr("\"-0123456789", d->text[d->at[e]]) != NULL &&
		    !track_is_key(d, e))
			add_needle(t, value_source(d, e));
}

void
track_mark_value(struct track *t, struct value v, enum mark_kind kind)
{
	struct mark span = marks_span(v);

	span.kind = kind;
	if (marks_over(&t->gone, span) == NULL && marks_add(&t->marks, span) &&
	    kind != MARK_TEXT)
		add_needles(t, v);
}

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
			track_mark_slot(t, d, child, kind);
		return;
	}
	for (size_t i = 0; i < draft_length(d, slot); i++)
		track_mark_slot(t, d, draft_element(d, slot, i), kind);
}

/* A container, and what undos have put into it since. */
void
track_mark_slot(struct track *t, struct draft *d, struct draft_slot *slot,
    enum mark_kind kind)
{
	track_mark_value(t, draft_base(slot), kind);
	if (slot->node != NULL)
		mark_children(t, d, slot, kind);
}

const struct mark *
track_mark_of(const struct track *t, const struct draft_slot *slot)
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
bool
track_holds(struct track *t, struct draft *d, struct draft_slot *slot)
{
	struct draft_slot *child;
	struct value key;
	uint32_t at = 0;

	if (slot->node == NULL)
		return slot == &d->root && value_same(slot->value, t->root)
		    ? root_holds(t)
		    : marks_in(&t->marks, marks_span(slot->value));
	if (track_mark_of(t, slot) != NULL)
		return true;
	arena_recurse(t->a);
	if (draft_is_object(slot)) {
		while ((child = draft_next_member(d, slot, &at, &key)) != NULL)
			if (track_holds(t, d, child))
				return true;
		return false;
	}
	for (size_t i = 0; i < draft_length(d, slot); i++)
		if (track_holds(t, d, draft_element(d, slot, i)))
			return true;
	return false;
}

/* --- paths --------------------------------------------------------------- */

/* The next key of a pointer, which has one. */
static struct value
next_key(struct track *t, struct track_rest *at)
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

struct track_rest
track_path_start(struct value path)
{
	return (struct track_rest){path.text, path.text + path.n};
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
struct draft_slot *
track_slot_at(struct track *t, struct draft *d, struct value path)
{
	struct track_rest at = track_path_start(path);
	struct draft_slot *slot = &d->root;

	while (slot != NULL && at.p < at.end)
		slot = child_of(d, slot, next_key(t, &at));
	return slot;
}

/* The mark of a container that a path leads through, or NULL. */
const struct mark *
track_within(struct track *t, struct draft *d, struct value path)
{
	struct track_rest at = track_path_start(path);
	struct draft_slot *slot = &d->root;
	const struct mark *m;

	while (slot != NULL && at.p < at.end) {
		m = track_mark_of(t, slot);
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

/* Mark what stands at a path. */
void
track_mark_found(struct track *t, struct value v, const struct track_path *p)
{
	if (!p->spares || !mask_is(t->a, v))
		track_mark_value(t, v, p->kind);
}

static void
found_raw(struct track *t, struct value v, const struct track_path *p, size_t i,
    bool element)
{
	if (i < p->path.n)
		track_find_raw(t, v, p, i);
	else if (!element || v.kind != VALUE_NULL)
		track_mark_found(t, v, p);
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
void
track_find_raw(
    struct track *t, struct value v, const struct track_path *p, size_t i)
{
	arena_recurse(t->a);
	if (v.kind == VALUE_RAW_OBJECT)
		find_in_object(t, v, p, i);
	else if (v.kind == VALUE_RAW_ARRAY)
		find_in_array(t, v, p, i);
}

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
				track_find(t, d, child, p, i + 1, false);
		return;
	}
	for (size_t k = 0; k < draft_length(d, slot); k++)
		if (pointer_every(step) || step->i == k)
			track_find(
			    t, d, draft_element(d, slot, k), p, i + 1, true);
}

/* The same in a place of a draft, from its step i on. */
void
track_find(struct track *t, struct draft *d, struct draft_slot *slot,
    const struct track_path *p, size_t i, bool element)
{
	arena_recurse(t->a);
	if (slot->node == NULL)
		found_raw(t, slot->value, p, i, element);
	else if (i == p->path.n)
		track_mark_slot(t, d, slot, p->kind);
	else
		find_in_slots(t, d, slot, p, i);
}

/* How many steps of a pattern a path shares, and what is left of the path. */
size_t
track_shared_steps(
    struct track *t, const struct track_path *p, struct track_rest *at)
{
	size_t i = 0;

	while (at->p < at->end && i < p->path.n) {
		struct track_rest before = *at;

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
void
track_look_at(struct track *t, struct draft *d, struct value path)
{
	struct draft_slot *slot;

	for (size_t k = 0; k < t->paths_n; k++) {
		const struct track_path *p = &t->paths[k];
		struct track_rest at = track_path_start(path);
		size_t i = track_shared_steps(t, p, &at);

		if (!counts_elements(p) && at.p == at.end &&
		    (slot = track_slot_at(t, d, path)) != NULL)
			track_find(t, d, slot, p, i, false);
	}
}

/* Only in a whole state is an element's number its own. */
void
track_look_at_elements(struct track *t, struct draft *d)
{
	for (size_t k = 0; k < t->paths_n; k++)
		if (counts_elements(&t->paths[k]))
			track_find(t, d, &d->root, &t->paths[k], 0, false);
}
