/*
 * An object opened from the old one, of whose keys none that it touches is
 * there twice: one walk over both finds what changed, was added and is gone;
 * an overlay lists just that.
 */
#include <string.h>

#include "record/key.h"
#include "record/undo_diff.h"
#include "value/keys.h"
#include "value/object.h"
#include "value/string.h"

enum { FIRST = 8 }; /* room that a list has at first; a power of 2 */

static uint32_t
next_member(const struct doc *d, uint32_t e, uint32_t end)
{
	do
		e = doc_after(d, e + 2) + 1;
	while (e == d->hidden);
	return e < end ? e : 0;
}

/* Room for one more in a list of n, which has room where n is its size. */
static void *
more_room(struct arena *a, void *list, uint32_t n, size_t size)
{
	void *more;

	if (n < FIRST || (n & (n - 1)) != 0)
		return list;
	more = arena_array(a, (size_t)n * 2, size);
	memcpy(more, list, n * size);
	return more;
}

static void
add_gone(struct arena *a, struct undo_members *t, uint32_t e, uint32_t next)
{
	t->gone = more_room(a, t->gone, t->gone_n, sizeof(*t->gone));
	undo_list_gone(t, e, next);
}

static void
add_changed(struct arena *a, struct undo_members *t, uint32_t e, uint32_t j)
{
	t->changed =
	    more_room(a, t->changed, t->changed_n, sizeof(*t->changed));
	undo_list_changed(t, e, j);
}

static void
add_added(struct arena *a, struct undo_members *t, uint32_t j)
{
	t->added = more_room(a, t->added, t->added_n, sizeof(*t->added));
	undo_list_added(t, j);
}

/* Does the key at entry e occur again? */
static bool
repeats(struct patch_text *u, const struct doc *d, uint32_t root, uint32_t e)
{
	struct value key;

	if (keys_differ(d, root))
		return false;
	key = string_decoded(u->a, value_source(d, e));
	return keys_find(u->a, d, root, key).times > 1;
}

/* An overlay lists what changed, was deleted, and is new, in that order. */
static bool
read_overlay(struct patch_text *u, struct undo_members *t, uint32_t root)
{
	const struct doc *d = t->doc;
	struct arena *a = u->a;

	for (uint32_t i = 0; i < t->now->n; i++) {
		uint32_t slot = t->now->m[i].slot, next;

		if (slot == 0) {
			add_added(a, t, i);
		} else if (undo_alive(t->now, i)) {
			add_changed(a, t, slot, i);
		} else {
			next = next_member(d, slot, d->match[root]);
			/* Which one is meant must be clear. */
			if (next != 0 && repeats(u, d, root, next))
				return false;
			add_gone(a, t, slot, next);
		}
	}
	return true;
}

static void
compare_members(struct arena *a, struct undo_members *t, uint32_t root)
{
	const struct doc *d = t->doc;
	uint32_t end = d->match[root], j = 0;
	uint32_t e = root + 1;

	if (e == d->hidden)
		e = next_member(d, e, end);
	for (; e != 0 && e < end; e = next_member(d, e, end)) {
		while (j < t->now->n && !undo_alive(t->now, j))
			j++;
		if (j == t->now->n || t->now->m[j].slot != e) {
			add_gone(a, t, e, next_member(d, e, end));
			continue;
		}
		if (!value_is_source(t->now->m[j].value, d, e + 2))
			add_changed(a, t, e, j);
		j++;
	}
	for (; j < t->now->n; j++)
		if (undo_alive(t->now, j))
			add_added(a, t, j);
}

/* Lists that grow: few members change of most objects. */
static void
make_room(struct arena *a, struct undo_members *t)
{
	t->changed = arena_array(a, FIRST, sizeof(*t->changed));
	t->gone = arena_array(a, FIRST, sizeof(*t->gone));
	t->added = arena_array(a, FIRST, sizeof(*t->added));
}

/* Find those that were added with the key of one that is gone. */
static void
find_ways(struct patch_text *u, struct undo_members *t)
{
	for (uint32_t i = 0; t->gone_n > 0 && i < t->added_n; i++) {
		struct value key =
		    string_decoded(u->a, t->now->m[t->added[i].j].key);

		for (uint32_t k = 0; k < t->gone_n; k++)
			if (key_is(u->a, t->doc, t->gone[k].e, key.text, key.n))
				t->gone[k].way = &t->added[i];
	}
}

bool
undo_delta(struct patch_text *u, struct value was, struct value now,
    const struct path_step *path, size_t limit)
{
	struct undo_members t;

	undo_members_init(&t, was, now.object, path);
	make_room(u->a, &t);
	if (!now.object->overlay)
		compare_members(u->a, &t, was.n);
	else if (!read_overlay(u, &t, was.n))
		return false;
	/* Many of both: an index finds them in each other faster. */
	if (t.added_n > 8 && t.gone_n > 8)
		return undo_match(u, was, now, path, limit);
	for (uint32_t i = 0; i < t.gone_n; i++)
		if (undo_respelled(u, value_source(was.doc, t.gone[i].e)))
			return false;
	find_ways(u, &t);
	return undo_members(u, &t, limit);
}
