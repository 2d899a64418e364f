#include <string.h>

#include "record/members.h"
#include "record/undo_diff.h"
#include "value/keys.h"
#include "value/object.h"
#include "value/string.h"

#define NONE MEMBERS_NONE

/* What the members of an object have become, and were. */
struct match {
	struct members was;
	struct object *now;
	uint32_t *from; /* member of now -> what it was, or NONE */
	uint32_t *gone; /* what it was -> its number among those gone */
};

static void
pair(struct match *m, uint32_t i, uint32_t j)
{
	m->was.m[i].now = j;
	m->from[j] = i;
}

/* An object opened from the old one: its slots say it all. */
static void
match_slots(struct match *m)
{
	uint32_t i = 0;

	for (uint32_t j = 0; j < m->now->n; j++) {
		uint32_t slot = m->now->m[j].slot;

		if (!undo_alive(m->now, j) || slot == 0)
			continue;
		while (i < m->was.n && m->was.m[i].e < slot)
			i++;
		if (i < m->was.n && m->was.m[i].e == slot)
			pair(m, i++, j);
	}
}

/* Is the key, which is equal to an old one, spelled as that was? */
static bool
spelled_alike(struct patch_text *u, struct value was, struct value now)
{
	if (!(now.flags & VALUE_SOURCE))
		return !undo_respelled(u, was);
	return was.n == now.n && memcmp(was.text, now.text, was.n) == 0;
}

/* Any two objects: by key and spelling, as long as the order is the same. */
static void
match_keys(struct patch_text *u, struct match *m)
{
	uint32_t next = 0;

	for (uint32_t j = 0; j < m->now->n; j++) {
		struct value key = m->now->m[j].key;
		uint32_t i;

		if (!undo_alive(m->now, j))
			continue;
		i = members_find(u->a, &m->was, string_decoded(u->a, key));
		if (i == NONE || i < next ||
		    !spelled_alike(u, members_key(&m->was, i), key))
			continue;
		pair(m, i, j);
		next = i + 1;
	}
}

/*
 * List what is gone.  Pointers can't tell members with the same key apart,
 * and add spells keys its own way: false where only a replace of all can take
 * that back.
 */
static bool
list_gone(struct patch_text *u, struct match *m, struct undo_members *t)
{
	struct members *was = &m->was;

	t->gone = arena_array(u->a, was->n, sizeof(*t->gone));
	m->gone = arena_array(u->a, was->n, sizeof(*m->gone));
	for (uint32_t i = 0; i < was->n; i++) {
		uint32_t next = i + 1 < was->n ? was->m[i + 1].e : 0;

		if (was->m[i].now != NONE)
			continue;
		if (undo_respelled(u, members_key(was, i)) ||
		    members_twin(u->a, was, i))
			return false;
		if (next != 0 && members_twin(u->a, was, i + 1))
			return false;
		m->gone[i] = t->gone_n;
		undo_list_gone(t, was->m[i].e, next);
	}
	return true;
}

/* List what was added, and what is in the way of what is gone. */
static bool
list_added(struct patch_text *u, struct match *m, struct undo_members *t)
{
	t->added = arena_array(u->a, m->now->n, sizeof(*t->added));
	for (uint32_t j = 0; j < m->now->n; j++) {
		uint32_t i;

		if (!undo_alive(m->now, j) || m->from[j] != NONE)
			continue;
		i = members_find(
		    u->a, &m->was, string_decoded(u->a, m->now->m[j].key));
		if (i != NONE && m->was.m[i].now != NONE)
			return false;
		if (i != NONE)
			t->gone[m->gone[i]].way = &t->added[t->added_n];
		undo_list_added(t, j);
	}
	return true;
}

/* List what stayed, with another value. */
static bool
list_changed(struct patch_text *u, struct match *m, struct undo_members *t)
{
	t->changed = arena_array(u->a, m->was.n, sizeof(*t->changed));
	for (uint32_t i = 0; i < m->was.n; i++) {
		uint32_t e = m->was.m[i].e, j = m->was.m[i].now;

		if (j == NONE ||
		    value_is_source(m->now->m[j].value, m->was.doc, e + 2))
			continue;
		if (members_twin(u->a, &m->was, i))
			return false;
		undo_list_changed(t, e, j);
	}
	return true;
}

static bool
has_repeats(struct patch_text *u, struct value now)
{
	return object_length(u->a, now) + now.object->deleted < now.object->n;
}

/*
 * An object made anew of a few members of the old one: is it plain without
 * a look at each that a patch would be longer than the old one as a whole?
 */
static bool
plainly_longer(struct value was, const struct object *now)
{
	const struct doc *d = was.doc;
	size_t kept = 0, before, after = now->n - now->deleted;

	if (d->keys == NULL || d->keys_of != was.n || now->overlay)
		return false;
	before = d->keys->n;
	before -= d->hidden > was.n && d->hidden < d->match[was.n];
	if (after >= before)
		return false;
	for (uint32_t i = 0; i < now->n; i++) {
		if (!undo_alive(now, i))
			continue;
		if (now->m[i].value.kind == VALUE_OBJECT ||
		    now->m[i].value.kind == VALUE_ARRAY)
			return false; /* old members may stand in there */
		if (now->m[i].value.flags & VALUE_SOURCE)
			kept += now->m[i].key.n + sizeof("'':") +
			    operation_length(now->m[i].value);
	}
	/* Beside all members that are gone, each costs an operation's words. */
	return (before - after) * UNDO_ADD > UNDO_WHOLE + kept + before + 1;
}

bool
undo_match(struct patch_text *u, struct value was, struct value now,
    const struct path_step *path, size_t limit)
{
	struct match m = {0};
	struct undo_members t;

	now = object_open(u->a, now);
	if (plainly_longer(was, now.object))
		return false;
	members_list(u->a, &m.was, was);
	m.now = now.object;
	m.from = arena_array(u->a, m.now->n, sizeof(*m.from));
	memset(m.from, 0xFF, m.now->n * sizeof(*m.from));
	if (m.now->doc == was.doc && m.now->entry == was.n)
		match_slots(&m);
	else if (has_repeats(u, now))
		return false;
	else
		match_keys(u, &m);
	undo_members_init(&t, was, m.now, path);
	return list_gone(u, &m, &t) && list_added(u, &m, &t) &&
	    list_changed(u, &m, &t) && undo_members(u, &t, limit);
}
