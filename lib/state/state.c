/*
 * A table of open addressing points at entries, which stand in a list by
 * their last use.  A key that was forgotten stays in the table, without its
 * text, while its change waits to be told.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "state/state_parts.h"

enum {
	FIRST_SLOTS = 64,
	MALLOC_COST = 16, /* bytes that malloc() adds, about */
};

static size_t
entry_cost(const struct state *s, size_t key_len)
{
	return sizeof(struct entry) + key_len + MALLOC_COST +
	    (s->limits.changes ? sizeof(struct entry *) : 0);
}

static size_t
text_cost(size_t room)
{
	return room + MALLOC_COST;
}

static void
unlink_use(struct entry *e)
{
	e->use.older->newer = e->use.newer;
	e->use.newer->older = e->use.older;
}

static void
link_newest(struct state *s, struct entry *e)
{
	struct use *end = e->held ? &s->last_held : &s->newest;

	e->use.newer = end;
	e->use.older = end->older;
	e->use.older->newer = &e->use;
	end->older = &e->use;
}

/* The entry that was used longest ago, or NULL. */
static struct entry *
least_used(const struct state *s)
{
	struct use *u = s->oldest.newer;

	return u == &s->newest ? NULL : (struct entry *)u;
}

struct state *
state_new(const struct state_limits *limits)
{
	struct state *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->limits = *limits;
	s->seed = hash_seed();
	s->oldest.newer = &s->newest;
	s->newest.older = &s->oldest;
	s->first.newer = &s->last_held;
	s->last_held.older = &s->first;
	s->before = INT64_MIN;
	s->slots = calloc(FIRST_SLOTS, sizeof(struct slot));
	if (s->slots == NULL) {
		free(s);
		return NULL;
	}
	s->mask = FIRST_SLOTS - 1;
	s->bytes = FIRST_SLOTS * sizeof(struct slot);
	return s;
}

void
state_free(struct state *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i <= s->mask; i++) {
		if (s->slots[i].entry != NULL)
			free(s->slots[i].entry->text);
		free(s->slots[i].entry);
	}
	free(s->slots);
	free(s->changed.v);
	free(s);
}

/* An empty key may stand nowhere. */
static bool
same_bytes(const char *x, const char *y, size_t len)
{
	return len == 0 || memcmp(x, y, len) == 0;
}

/* The slot of a key: its entry's, or the empty one where it would go. */
static struct slot *
slot_of(const struct state *s, uint64_t hash, const char *key, size_t len)
{
	size_t i = hash & s->mask;

	for (;; i = (i + 1) & s->mask) {
		struct slot *slot = &s->slots[i];
		const struct entry *e = slot->entry;

		if (e == NULL ||
		    (slot->hash == hash && e->key_len == len &&
			same_bytes(e->key, key, len)))
			return slot;
	}
}

static struct slot *
slot_of_entry(const struct state *s, const struct entry *e)
{
	return slot_of(
	    s, hash_seeded(s->seed, e->key, e->key_len), e->key, e->key_len);
}

/* Take an entry out of its slot; those behind it move up. */
static void
empty_slot(struct state *s, struct slot *slot)
{
	size_t hole = (size_t)(slot - s->slots);

	for (size_t i = (hole + 1) & s->mask; s->slots[i].entry != NULL;
	     i = (i + 1) & s->mask) {
		size_t home = s->slots[i].hash & s->mask;

		if (((i - home) & s->mask) < ((i - hole) & s->mask))
			continue;
		s->slots[hole] = s->slots[i];
		hole = i;
	}
	s->slots[hole] = (struct slot){.entry = NULL};
	s->used--;
}

static bool
grow(struct state *s)
{
	size_t n = (s->mask + 1) * 2, old = s->mask + 1;
	struct slot *slots = calloc(n, sizeof(*slots));

	if (slots == NULL)
		return false;
	for (size_t i = 0; i < old; i++) {
		size_t at = s->slots[i].hash & (n - 1);

		if (s->slots[i].entry == NULL)
			continue;
		while (slots[at].entry != NULL)
			at = (at + 1) & (n - 1);
		slots[at] = s->slots[i];
	}
	free(s->slots);
	s->slots = slots;
	s->mask = n - 1;
	s->bytes += old * sizeof(*slots);
	return true;
}

/* Remember that an entry has changed. */
static void
note_change(struct state *s, struct entry *e)
{
	if (e->changed || !s->limits.changes)
		return;
	e->changed = true;
	s->changed.v[s->changed.n++] = e;
}

/* See that the change of one entry more can be noted. */
static bool
have_change(struct state *s)
{
	struct changed *c = &s->changed;
	size_t room = c->room == 0 ? FIRST_SLOTS : 2 * c->room;
	struct entry **v;

	if (!s->limits.changes || s->used < c->room)
		return true;
	v = realloc(c->v, room * sizeof(*v));
	if (v == NULL)
		return false;
	c->v = v;
	c->room = room;
	return true;
}

static void
free_entry(struct state *s, struct slot *slot)
{
	struct entry *e = slot->entry;

	if (s->last == e)
		s->last = NULL;
	s->bytes -= entry_cost(s, e->key_len);
	empty_slot(s, slot);
	free(e);
}

/* Forget what stands in a slot; it stays while the change is to be told. */
static void
forget(struct state *s, struct slot *slot)
{
	struct entry *e = slot->entry;

	if (e->text == NULL)
		return;
	unlink_use(e);
	s->count--;
	s->held -= e->held;
	e->held = false;
	s->bytes -= text_cost(e->text_room);
	free(e->text);
	e->text = NULL;
	e->text_len = e->text_room = 0;
	note_change(s, e);
	if (!e->changed)
		free_entry(s, slot);
}

static void
forget_entry(struct state *s, const struct entry *e)
{
	forget(s, slot_of_entry(s, e));
}

bool
state_find(
    struct state *s, const char *key, size_t len, struct state_entry *out)
{
	struct entry *e =
	    slot_of(s, hash_seeded(s->seed, key, len), key, len)->entry;

	if (e == NULL || e->text == NULL)
		return false;
	s->last = e;
	*out = state_shown(e);
	return true;
}

void
state_use(struct state *s)
{
	struct entry *e = s->last;

	if (e == NULL || e->text == NULL)
		return;
	unlink_use(e);
	link_newest(s, e);
	note_change(s, e);
}

bool
state_peek(
    const struct state *s, const char *key, size_t len, struct state_entry *out)
{
	const struct entry *e =
	    slot_of(s, hash_seeded(s->seed, key, len), key, len)->entry;

	if (e == NULL || e->text == NULL)
		return false;
	*out = state_shown(e);
	return true;
}

uint64_t
state_hash(const struct state *s, const char *key, size_t len)
{
	return hash_seeded(s->seed, key, len);
}

void
state_fetch(const struct state *s, uint64_t hash, int stage)
{
	const struct slot *slot = &s->slots[hash & s->mask];
	const struct entry *e;

	if (stage == 0) {
		__builtin_prefetch(slot);
		return;
	}
	/* Most keys stand in the first slot. */
	e = slot->entry;
	if (e == NULL || slot->hash != hash)
		return;
	if (stage == 1) {
		__builtin_prefetch(e, 1);
		__builtin_prefetch(e->key);
	} else if (e->text != NULL) {
		__builtin_prefetch(e->text, 1);
		__builtin_prefetch(e->use.older, 1);
		__builtin_prefetch(e->use.newer, 1);
	}
}

void
state_remove(struct state *s, const char *key, size_t len)
{
	struct slot *slot =
	    slot_of(s, hash_seeded(s->seed, key, len), key, len);

	if (slot->entry != NULL)
		forget(s, slot);
}

void
state_expire(struct state *s, int64_t now)
{
	int64_t last = s->before, early, late;
	struct entry *e;

	if (s->limits.ttl == 0)
		return;
	s->before = now;
	if (last == INT64_MIN)
		return;
	early = now < last ? now : last;
	late = now < last ? last : now;
	while ((e = least_used(s)) != NULL &&
	    (early - e->at > s->limits.ttl || e->at - late > s->limits.ttl))
		forget_entry(s, e);
}

bool
state_last_time(const struct state *s, int64_t *time)
{
	*time = s->before;
	return s->limits.ttl > 0 && s->before != INT64_MIN;
}

void
state_go_on_from(struct state *s, int64_t time)
{
	s->before = time;
}

/* Does it still fit when cost is added and freed is given back? */
static bool
fits(const struct state *s, size_t cost, size_t freed)
{
	size_t left = s->limits.bytes > s->bytes - freed
	    ? s->limits.bytes - (s->bytes - freed)
	    : 0;

	return cost <= left;
}

/*
 * See that there is a slot for one more.  While the table grows there are two
 * of it, which have to fit; where they don't, this one may become fuller than
 * is fast.
 */
static enum state_status
have_slot(struct state *s)
{
	size_t slots = s->mask + 1;

	if (s->used * 4 < slots * 3)
		return STATE_OK;
	if (fits(s, 2 * slots * sizeof(struct slot), 0))
		return grow(s) ? STATE_OK : STATE_NO_MEMORY;
	return s->used * 16 < slots * 15 ? STATE_OK : STATE_FULL;
}

/* A new entry for a key, without a text, in its empty slot. */
static enum state_status
add_entry(struct state *s, uint64_t hash, const char *key, size_t len,
    struct entry **made)
{
	enum state_status status;
	struct entry *e;

	if (len > UINT32_MAX || !fits(s, entry_cost(s, len), 0))
		return STATE_FULL;
	status = have_slot(s);
	if (status != STATE_OK)
		return status;
	if (!have_change(s))
		return STATE_NO_MEMORY;
	e = malloc(sizeof(*e) + len);
	if (e == NULL)
		return STATE_NO_MEMORY;
	memset(e, 0, sizeof(*e));
	e->key_len = (uint32_t)len;
	if (len > 0)
		memcpy(e->key, key, len);
	*slot_of(s, hash, key, len) = (struct slot){e, hash};
	s->used++;
	s->bytes += entry_cost(s, len);
	*made = e;
	return STATE_OK;
}

/* Bytes for a text of len, so that one that grows isn't moved each time. */
static size_t
room_for(size_t len, size_t room)
{
	size_t more = room > 0 && room < 4096 ? room / 2 : 0;

	return (len + more + 7) & ~(size_t)7;
}

static enum state_status
set_text(struct state *s, struct entry *e, const char *text, size_t len)
{
	size_t room = e->text_room;

	if (len > room || e->text == NULL) {
		size_t freed = e->text == NULL ? 0 : text_cost(room);
		char *p;

		room = room_for(len, room);
		if (len > UINT32_MAX / 2 || !fits(s, text_cost(room), freed))
			return STATE_FULL;
		p = malloc(room == 0 ? 1 : room);
		if (p == NULL)
			return STATE_NO_MEMORY;
		free(e->text);
		s->bytes += text_cost(room) - freed;
		e->text = p;
		e->text_room = (uint32_t)room;
	}
	if (len > 0)
		memcpy(e->text, text, len);
	e->text_len = (uint32_t)len;
	return STATE_OK;
}

static void
forget_oldest(struct state *s)
{
	forget_entry(s, least_used(s));
	s->evicted++;
}

static enum state_status
put(struct state *s, const char *key, size_t len, const char *text,
    size_t text_len, int64_t at, bool held)
{
	struct entry *e = s->last;
	enum state_status status = STATE_OK;
	uint64_t hash;
	bool was_held;

	if (e == NULL || e->key_len != len || !same_bytes(e->key, key, len)) {
		hash = hash_seeded(s->seed, key, len);
		e = slot_of(s, hash, key, len)->entry;
		if (e == NULL)
			status = add_entry(s, hash, key, len, &e);
	}
	if (status != STATE_OK)
		return status;
	was_held = e->text != NULL;
	status = set_text(s, e, text, text_len);
	if (status != STATE_OK) {
		if (!was_held && !e->changed)
			free_entry(s, slot_of_entry(s, e));
		return status;
	}
	if (was_held)
		unlink_use(e);
	else
		s->count++;
	s->held = s->held - e->held + held;
	e->held = held;
	link_newest(s, e);
	e->at = at;
	note_change(s, e);
	if (s->limits.keys > 0 && s->count - s->held > s->limits.keys)
		forget_oldest(s);
	return STATE_OK;
}

enum state_status
state_put(struct state *s, const char *key, size_t len, const char *text,
    size_t text_len, int64_t at)
{
	return put(s, key, len, text, text_len, at, false);
}

enum state_status
state_hold(struct state *s, const char *key, size_t len, const char *text,
    size_t text_len, int64_t at)
{
	return put(s, key, len, text, text_len, at, true);
}

size_t
state_count(const struct state *s)
{
	return s->count;
}

size_t
state_bytes(const struct state *s)
{
	return s->bytes;
}

size_t
state_evicted(const struct state *s)
{
	return s->evicted;
}

static bool
list_all(
    const struct use *u, const struct use *end, state_each *each, void *arg)
{
	for (; u != end; u = u->newer) {
		struct state_entry at = state_shown((const struct entry *)u);

		if (!each(arg, &at))
			return false;
	}
	return true;
}

bool
state_all(const struct state *s, state_each *each, void *arg)
{
	return list_all(s->oldest.newer, &s->newest, each, arg) &&
	    list_all(s->first.newer, &s->last_held, each, arg);
}

void
state_settle(struct state *s)
{
	struct changed *c = &s->changed;

	for (size_t i = 0; i < c->n; i++) {
		struct entry *e = c->v[i];

		state_fetch_changed(c, i);
		e->changed = false;
		if (e->text == NULL)
			free_entry(s, slot_of_entry(s, e));
	}
	c->n = 0;
}
