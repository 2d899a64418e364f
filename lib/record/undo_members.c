/*
 * The operations come in an order in which each finds what it needs: first
 * what was removed is put back, from the last to the first, then old values
 * are laid over those that took their place, then what differs inside of
 * members, last what was added is removed.  Until then it is a place from
 * which old values are moved or copied.
 *
 * A member that was added under the key of one that was removed is in its
 * way.  It is removed at once, or moved aside if something is still needed
 * from it.
 */
#include <stdio.h>
#include <string.h>

#include "record/undo_diff.h"
#include "value/object.h"
#include "value/string.h"

enum {
	ASIDE = 80, /* bytes of a value for which a detour is worth it */
	FEW = 8,    /* members whose length is not looked up beforehand */
};

static struct value
new_key(const struct undo_members *t, const struct undo_added *x)
{
	return t->now->m[x->j].key;
}

static uint32_t
count_tildes(struct value key)
{
	uint32_t n = 0;

	while (n < key.n && key.text[n] == '~')
		n++;
	return n;
}

/* More tildes than any key begins with, before or now. */
static uint32_t
most_tildes(struct patch_text *u, const struct undo_members *t)
{
	const struct doc *d = t->doc;
	uint32_t end = d->match[t->root], most = 0;

	for (uint32_t e = t->root + 1; e < end; e = doc_after(d, e + 2) + 1) {
		uint32_t n =
		    count_tildes(string_decoded(u->a, value_source(d, e)));

		most = n > most ? n : most;
	}
	for (uint32_t i = 0; i < t->added_n; i++) {
		uint32_t n = count_tildes(
		    string_decoded(u->a, new_key(t, &t->added[i])));

		most = n > most ? n : most;
	}
	return most + 1;
}

/* A key that no member has, before, now or in between. */
static struct value
spare_key(struct patch_text *u, struct undo_members *t)
{
	char number[16], *text;
	size_t n;

	if (t->tildes == 0)
		t->tildes = most_tildes(u, t);
	n = (size_t)snprintf(number, sizeof(number), "%u", t->spare++);
	text = arena_alloc(u->a, t->tildes + n);
	memset(text, '~', t->tildes);
	memcpy(text + t->tildes, number, n);
	return value_text(text, t->tildes + n);
}

/* Clear the way for what is to be put back. */
static bool
clear_way(struct patch_text *u, struct undo_members *t, size_t limit)
{
	for (uint32_t i = 0; i < t->gone_n; i++) {
		struct undo_added *x = t->gone[i].way;
		struct path_step aside;

		if (x == NULL || t->gone[i].move == x)
			continue;
		if (!x->needed) {
			x->away = true;
			if (!operation_remove(u, &x->step, limit))
				return false;
			continue;
		}
		aside = operation_step(u, t->path, spare_key(u, t));
		if (!operation_relocate(
			u, OPERATION_MOVE, &x->step, &aside, NULL, limit))
			return false;
		x->step = aside;
	}
	return true;
}

/* Put back what is gone from where it stands. */
static bool
bring_back(struct patch_text *u, struct undo_members *t, struct undo_gone *g,
    size_t limit)
{
	enum operation op = g->move != NULL ? OPERATION_MOVE : OPERATION_COPY;
	struct path_step step =
	    operation_step(u, t->path, value_source(t->doc, g->e));
	struct value next;

	if (g->move != NULL)
		g->move->away = true;
	if (g->next == 0)
		return operation_relocate(u, op, g->from, &step, NULL, limit);
	next = value_source(t->doc, g->next);
	return operation_relocate(u, op, g->from, &step, &next, limit);
}

/* Put back what is gone, from the last to the first. */
static bool
put_back(struct patch_text *u, struct undo_members *t, size_t limit)
{
	for (uint32_t i = t->gone_n; i-- > 0;) {
		struct undo_gone *g = &t->gone[i];
		bool within = g->from != NULL
		    ? bring_back(u, t, g, limit)
		    : operation_add(u, t->doc, g->e, g->next, t->path, limit);

		if (!within)
			return false;
	}
	return true;
}

/* Lay a member's old value over what it holds. */
static bool
lay(struct patch_text *u, struct undo_changed *x, size_t limit)
{
	x->done = true;
	if (x->move != NULL)
		x->move->away = true;
	return operation_relocate(u,
	    x->move != NULL ? OPERATION_MOVE : OPERATION_COPY, x->from,
	    &x->step, NULL, limit);
}

/*
 * Members that hold each other's values, of which x is one: its value is
 * moved aside, or spelled out where it is short.
 */
static bool
lay_circle(struct patch_text *u, struct undo_members *t, struct undo_changed *x,
    size_t limit)
{
	struct undo_changed *last = &t->changed[x->needed_by - 1], *y = x;
	struct value was = value_source(t->doc, last->e + 2);
	struct path_step aside;
	bool detour = operation_length(was) > ASIDE;

	if (detour) {
		aside = operation_step(u, t->path, spare_key(u, t));
		if (!operation_relocate(
			u, OPERATION_COPY, &x->step, &aside, NULL, limit))
			return false;
	}
	for (; y != last; y = &t->changed[y->source - 1])
		if (!lay(u, y, limit))
			return false;
	last->done = true;
	return detour ? operation_relocate(
			    u, OPERATION_MOVE, &aside, &last->step, NULL, limit)
		      : operation_replace(u, was, &last->step, limit);
}

/* What another member's old value is to be taken from is laid over last. */
static bool
lay_values(struct patch_text *u, struct undo_members *t, size_t limit)
{
	for (uint32_t i = 0; i < t->changed_n; i++) {
		struct undo_changed *x = &t->changed[i], *first = x;

		if (x->done || x->from == NULL)
			continue;
		while (first->needed_by != 0) {
			first = &t->changed[first->needed_by - 1];
			if (first == x)
				break;
		}
		if (first == x && x->needed_by != 0) {
			if (!lay_circle(u, t, x, limit))
				return false;
			continue;
		}
		for (x = first; x->from != NULL && !x->done;) {
			if (!lay(u, x, limit))
				return false;
			if (x->source == 0)
				break;
			x = &t->changed[x->source - 1];
		}
	}
	return true;
}

static bool
differ_changed(struct patch_text *u, struct undo_members *t, size_t limit)
{
	for (uint32_t i = 0; i < t->changed_n; i++) {
		struct undo_changed *x = &t->changed[i];
		struct value was = value_source(t->doc, x->e + 2);

		x->begun = true;
		if (!x->done &&
		    !undo_differ(
			u, was, t->now->m[x->j].value, &x->step, limit))
			return false;
	}
	return true;
}

static bool
remove_added(struct patch_text *u, const struct undo_members *t, size_t limit)
{
	for (uint32_t i = 0; i < t->added_n; i++)
		if (!t->added[i].away &&
		    !operation_remove(u, &t->added[i].step, limit))
			return false;
	return true;
}

/* Does what must be spelled out alone pass the limit? */
static bool
plainly_longer(
    const struct patch_text *u, const struct undo_members *t, size_t limit)
{
	const struct doc *d = t->doc;
	size_t n = u->out->len;

	if (t->gone_n < FEW)
		return false; /* it is seen soon enough */
	for (uint32_t i = 0; i < t->gone_n; i++) {
		uint32_t e = t->gone[i].e;

		n += UNDO_ADD;
		if (t->gone[i].from == NULL)
			n += (size_t)(doc_end(d, e + 2) - d->text) - d->at[e];
	}
	return n > limit;
}

static void
make_steps(struct patch_text *u, struct undo_members *t)
{
	for (uint32_t i = 0; i < t->changed_n; i++)
		t->changed[i].step = operation_step(
		    u, t->path, value_source(t->doc, t->changed[i].e));
	for (uint32_t i = 0; i < t->added_n; i++)
		t->added[i].step =
		    operation_step(u, t->path, new_key(t, &t->added[i]));
}

bool
undo_members(struct patch_text *u, struct undo_members *t, size_t limit)
{
	bool done;

	make_steps(u, t);
	t->outer = u->members;
	undo_sources(u, t);
	if (plainly_longer(u, t, limit) || !clear_way(u, t, limit) ||
	    !put_back(u, t, limit) || !lay_values(u, t, limit))
		return false;
	u->members = t;
	done = differ_changed(u, t, limit);
	u->members = t->outer;
	return done && remove_added(u, t, limit);
}
