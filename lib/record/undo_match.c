#include <string.h>

#include "record/members.h"
#include "record/undo_parts.h"
#include "value/keys.h"
#include "value/object.h"
#include "value/string.h"

/* What a member of now was, where it was none. */
#define NONE       MEMBERS_NONE
#define IN_THE_WAY (MEMBERS_NONE - 1) /* but has the key of one that went */

/* What the members of an object have become, and were. */
struct match {
	struct members was;
	struct object *now;
	uint32_t *from;  /* member of now -> what it was, or NONE */
	bool came, went; /* were there members that did? */
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
 * Pointers can't tell members with the same key apart, and add spells keys
 * its own way: is this a change that only a replace of all can take back?
 */
static bool
beyond_patch(struct patch_text *u, struct match *m)
{
	for (uint32_t i = 0; i < m->was.n; i++) {
		if (m->was.m[i].now != NONE)
			continue;
		if (undo_respelled(u, members_key(&m->was, i)) ||
		    members_twin(u->a, &m->was, i))
			return true;
		if (i + 1 < m->was.n && members_twin(u->a, &m->was, i + 1))
			return true;
		m->went = true;
	}
	for (uint32_t j = 0; j < m->now->n; j++) {
		uint32_t i;

		if (!undo_alive(m->now, j) || m->from[j] != NONE)
			continue;
		m->came = true;
		i = members_find(
		    u->a, &m->was, string_decoded(u->a, m->now->m[j].key));
		if (i == NONE)
			continue;
		if (m->was.m[i].now != NONE)
			return true;
		m->from[j] = IN_THE_WAY;
	}
	return false;
}

/* Remove what came: first the keys that are in the way, last the others. */
static bool
remove_came(struct patch_text *u, struct match *m, uint32_t which,
    const struct step *path, size_t limit)
{
	if (!m->came)
		return true;
	for (uint32_t j = 0; j < m->now->n; j++) {
		struct step step;

		if (!undo_alive(m->now, j) || m->from[j] != which)
			continue;
		step = operation_step(u, path, m->now->m[j].key);
		if (!operation_remove(u, &step, limit))
			return false;
	}
	return true;
}

/* Put back what went, from the last to the first. */
static bool
add_went(struct patch_text *u, struct match *m, const struct step *path,
    size_t limit)
{
	const struct members *was = &m->was;

	for (uint32_t i = was->n; i-- > 0;) {
		uint32_t next = i + 1 < was->n ? was->m[i + 1].e : 0;

		if (was->m[i].now == NONE &&
		    !operation_add(u, was->doc, was->m[i].e, next, path, limit))
			return false;
	}
	return true;
}

/* What stayed, but may have changed inside. */
static bool
differ_stayed(struct patch_text *u, struct match *m, const struct step *path,
    size_t limit)
{
	for (uint32_t i = 0; i < m->was.n; i++) {
		uint32_t j = m->was.m[i].now;
		struct step step;
		size_t start = u->out->len;

		if (j == NONE ||
		    value_is_source(
			m->now->m[j].value, m->was.doc, m->was.m[i].e + 2))
			continue;
		step = operation_step(u, path, members_key(&m->was, i));
		if (!undo_differ(u, members_value(&m->was, i),
			m->now->m[j].value, &step, limit))
			return false;
		if (u->out->len != start && members_twin(u->a, &m->was, i))
			return false;
	}
	return true;
}

static bool
has_repeats(struct patch_text *u, struct value now)
{
	return object_length(u->a, now) + now.object->deleted < now.object->n;
}

/* Bytes that putting back what went will take, at the least. */
static size_t
least_went(const struct match *m)
{
	const struct doc *d = m->was.doc;
	size_t n = 0;

	for (uint32_t i = 0; i < m->was.n; i++) {
		uint32_t e = m->was.m[i].e;

		if (m->was.m[i].now == NONE)
			n += (size_t)(doc_end(d, e + 2) - d->text) - d->at[e] +
			    UNDO_ADD;
	}
	return n;
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
	for (uint32_t i = 0; i < now->n; i++)
		if (now->m[i].key.kind != VALUE_NULL &&
		    now->m[i].value.flags & VALUE_SOURCE)
			kept += now->m[i].key.n + sizeof("'':") +
			    source_length(now->m[i].value);
	/* Beside all members that went, each costs an operation's words. */
	return (before - after) * UNDO_ADD > UNDO_WHOLE + kept + before + 1;
}

bool
undo_match(struct patch_text *u, struct value was, struct value now,
    const struct step *path, size_t limit)
{
	struct match m = {0};

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
	if (u->out->len + least_went(&m) > limit || beyond_patch(u, &m))
		return false;
	return remove_came(u, &m, IN_THE_WAY, path, limit) &&
	    differ_stayed(u, &m, path, limit) &&
	    (!m.went || add_went(u, &m, path, limit)) &&
	    remove_came(u, &m, NONE, path, limit);
}
