/*
 * An object opened from the old one, of whose keys none that it touches is
 * there twice: one walk over both finds what changed, came and went; an
 * overlay lists just that.
 */
#include "record/key.h"
#include "record/undo_parts.h"
#include "value/keys.h"
#include "value/object.h"
#include "value/string.h"

struct changed {
	uint32_t e; /* entry of its key */
	uint32_t j; /* member of now */
};

struct went {
	uint32_t e;    /* entry of its key */
	uint32_t next; /* of the key behind it, or 0 */
};

struct came {
	uint32_t j;
	bool in_the_way; /* it has the key of one that went */
};

struct delta {
	const struct doc *doc;
	struct object *now;
	struct changed *changed;
	struct went *went;
	struct came *came;
	uint32_t changed_n, went_n, came_n;
	bool in_the_way; /* some are */
};

static uint32_t
next_member(const struct doc *d, uint32_t e, uint32_t end)
{
	do
		e = doc_after(d, e + 2) + 1;
	while (e == d->hidden);
	return e < end ? e : 0;
}

static void
add_went(struct delta *t, uint32_t e, uint32_t next)
{
	t->went[t->went_n++] = (struct went){e, next};
}

static void
add_changed(struct delta *t, uint32_t e, uint32_t j)
{
	t->changed[t->changed_n++] = (struct changed){e, j};
}

static void
add_came(struct delta *t, uint32_t j)
{
	t->came[t->came_n++] = (struct came){j, false};
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
read_overlay(struct patch_text *u, struct delta *t, uint32_t root)
{
	const struct doc *d = t->doc;

	for (uint32_t i = 0; i < t->now->n; i++) {
		uint32_t slot = t->now->m[i].slot, next;

		if (slot == 0) {
			add_came(t, i);
		} else if (undo_alive(t->now, i)) {
			add_changed(t, slot, i);
		} else {
			next = next_member(d, slot, d->match[root]);
			/* Which one is meant must be clear. */
			if (next != 0 && repeats(u, d, root, next))
				return false;
			add_went(t, slot, next);
		}
	}
	return true;
}

static void
compare_members(struct delta *t, uint32_t root)
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
			add_went(t, e, next_member(d, e, end));
			continue;
		}
		if (!value_is_source(t->now->m[j].value, d, e + 2))
			add_changed(t, e, j);
		j++;
	}
	for (; j < t->now->n; j++)
		if (undo_alive(t->now, j))
			add_came(t, j);
}

/* Room for all that can have changed. */
static void
make_room(struct arena *a, struct delta *t, uint32_t root)
{
	size_t old = t->now->n;

	if (!t->now->overlay) /* a member has four entries at least */
		old = (t->doc->match[root] - root) / 4 + 1;
	t->changed = arena_array(a, old, sizeof(*t->changed));
	t->went = arena_array(a, old, sizeof(*t->went));
	t->came = arena_array(a, t->now->n, sizeof(*t->came));
}

/* Has it the key of one that went? */
static bool
is_in_the_way(struct patch_text *u, const struct delta *t, uint32_t j)
{
	struct value key = string_decoded(u->a, t->now->m[j].key);

	for (uint32_t i = 0; i < t->went_n; i++)
		if (key_is(u->a, t->doc, t->went[i].e, key.text, key.n))
			return true;
	return false;
}

/* What came and has the key of what went: removed before that comes back. */
static void
find_ways(struct patch_text *u, struct delta *t)
{
	for (uint32_t i = 0; t->went_n > 0 && i < t->came_n; i++) {
		struct came *c = &t->came[i];

		c->in_the_way = is_in_the_way(u, t, c->j);
		t->in_the_way |= c->in_the_way;
	}
}

static bool
remove_came(struct patch_text *u, const struct delta *t, bool in_the_way,
    const struct step *path, size_t limit)
{
	if (in_the_way && !t->in_the_way)
		return true;
	for (uint32_t i = 0; i < t->came_n; i++) {
		struct step step;

		if (t->came[i].in_the_way != in_the_way)
			continue;
		step = operation_step(u, path, t->now->m[t->came[i].j].key);
		if (!operation_remove(u, &step, limit))
			return false;
	}
	return true;
}

static bool
differ_changed(struct patch_text *u, const struct delta *t,
    const struct step *path, size_t limit)
{
	for (uint32_t i = 0; i < t->changed_n; i++) {
		uint32_t e = t->changed[i].e;
		struct step step =
		    operation_step(u, path, value_source(t->doc, e));

		if (!undo_differ(u, value_source(t->doc, e + 2),
			t->now->m[t->changed[i].j].value, &step, limit))
			return false;
	}
	return true;
}

/* Put back what went, from the last to the first. */
static bool
put_back(struct patch_text *u, const struct delta *t, const struct step *path,
    size_t limit)
{
	for (uint32_t i = t->went_n; i-- > 0;)
		if (!operation_add(
			u, t->doc, t->went[i].e, t->went[i].next, path, limit))
			return false;
	return true;
}

bool
undo_delta(struct patch_text *u, struct value was, struct object *now,
    const struct step *path, size_t limit)
{
	struct delta t = {.doc = was.doc, .now = now};

	make_room(u->a, &t, was.n);
	if (!now->overlay)
		compare_members(&t, was.n);
	else if (!read_overlay(u, &t, was.n))
		return false;
	/* Many of both: an index finds them in each other faster. */
	if (t.came_n > 8 && t.went_n > 8)
		return false;
	for (uint32_t i = 0; i < t.went_n; i++)
		if (undo_respelled(u, value_source(was.doc, t.went[i].e)))
			return false;
	find_ways(u, &t);
	return remove_came(u, &t, true, path, limit) &&
	    differ_changed(u, &t, path, limit) &&
	    put_back(u, &t, path, limit) &&
	    remove_came(u, &t, false, path, limit);
}
