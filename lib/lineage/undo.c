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
#include <stdio.h>
#include <string.h>

#include "lineage/key.h"
#include "lineage/members.h"
#include "lineage/operation.h"
#include "lineage/undo.h"
#include "value/array.h"
#include "value/keys.h"
#include "value/object.h"
#include "value/string.h"

/* What a member of now was, where it was none. */
#define NONE       MEMBERS_NONE
#define IN_THE_WAY (MEMBERS_NONE - 1) /* but has the key of one that went */

enum {
	DEEP = 1000, /* steps to where containers are replaced as a whole */
	WHOLE = 36,  /* bytes of a replace beside path and value */
	ADD = 28,    /* bytes of an add beside what "key":value has */
};

static bool differ(struct patch_text *u, struct value was, struct value now,
    const struct step *path, size_t limit);

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

static bool
alive(const struct object *o, uint32_t j)
{
	return o->m[j].key.kind != VALUE_NULL;
}

/* An object opened from the old one: its slots say it all. */
static void
match_slots(struct match *m)
{
	uint32_t i = 0;

	for (uint32_t j = 0; j < m->now->n; j++) {
		uint32_t slot = m->now->m[j].slot;

		if (!alive(m->now, j) || slot == 0)
			continue;
		while (i < m->was.n && m->was.m[i].e < slot)
			i++;
		if (i < m->was.n && m->was.m[i].e == slot)
			pair(m, i++, j);
	}
}

/* A key in whose text nothing is escaped, nor would be. */
static bool
spelled_plainly(struct value key)
{
	for (uint32_t i = 0; i < key.n; i++)
		if (key.text[i] == '\\' || key.text[i] == 0x7F)
			return false;
	return true;
}

/* Would a key that is made of its text be spelled otherwise? */
static bool
respelled(struct patch_text *u, struct value key)
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

/* Is the key, which is equal to an old one, spelled as that was? */
static bool
spelled_alike(struct patch_text *u, struct value was, struct value now)
{
	if (!(now.flags & VALUE_SOURCE))
		return !respelled(u, was);
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

		if (!alive(m->now, j))
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
		if (respelled(u, members_key(&m->was, i)) ||
		    members_twin(u->a, &m->was, i))
			return true;
		if (i + 1 < m->was.n && members_twin(u->a, &m->was, i + 1))
			return true;
		m->went = true;
	}
	for (uint32_t j = 0; j < m->now->n; j++) {
		uint32_t i;

		if (!alive(m->now, j) || m->from[j] != NONE)
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

static uint32_t
deeper(const struct step *path)
{
	return path == NULL ? 1 : path->depth + 1;
}

static struct step
member_step(struct patch_text *u, const struct step *path, struct value key)
{
	return (struct step){path, string_decoded(u->a, key), 0, deeper(path)};
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

		if (!alive(m->now, j) || m->from[j] != which)
			continue;
		step = member_step(u, path, m->now->m[j].key);
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
	for (uint32_t i = m->was.n; i-- > 0;) {
		struct step step;

		if (m->was.m[i].now != NONE)
			continue;
		step = member_step(u, path, members_key(&m->was, i));
		operation_open(u, "add", &step);
		operation_value(u, members_value(&m->was, i));
		if (i + 1 < m->was.n) {
			buf_puts(u->out, ",\"before\":");
			value_write(u->out, members_key(&m->was, i + 1));
		}
		buf_putc(u->out, '}');
		if (!operation_within(u, limit))
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
		step = member_step(u, path, members_key(&m->was, i));
		if (!differ(u, members_value(&m->was, i), m->now->m[j].value,
			&step, limit))
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

/*
 * An object opened from the old one, whose keys are all different: one walk
 * over both finds what changed, came and went.
 */
struct delta {
	const struct doc *doc;
	struct object *now;
	uint32_t *changed; /* pairs: entry of a key, member of now */
	uint32_t *went;    /* pairs: entry of a key, that of the next or 0 */
	uint32_t *came;    /* members of now */
	bool *way;         /* has it the key of one that went? */
	uint32_t changed_n, went_n, came_n;
};

static uint32_t
next_member(const struct doc *d, uint32_t e, uint32_t end)
{
	do
		e = doc_after(d, e + 2) + 1;
	while (e == d->hidden);
	return e < end ? e : 0;
}

/* An overlay lists what changed, was deleted, and is new, in that order. */
static bool
read_overlay(struct patch_text *u, struct delta *t, uint32_t root)
{
	const struct doc *d = t->doc;

	for (uint32_t i = 0; i < t->now->n; i++) {
		const struct member *m = &t->now->m[i];
		uint32_t next;

		if (m->slot == 0) {
			t->came[t->came_n++] = i;
			continue;
		}
		if (m->key.kind != VALUE_NULL) {
			t->changed[2 * t->changed_n] = m->slot;
			t->changed[2 * t->changed_n++ + 1] = i;
			continue;
		}
		next = next_member(d, m->slot, d->match[root]);
		t->went[2 * t->went_n] = m->slot;
		t->went[2 * t->went_n++ + 1] = next;
		if (next == 0)
			continue;
		/* Which one is meant must be clear. */
		if (keys_find(u->a, d, root,
			string_decoded(u->a, value_source(d, next)))
			.times > 1)
			return false;
	}
	return true;
}

static void
find_delta(struct delta *t, uint32_t root)
{
	const struct doc *d = t->doc;
	uint32_t end = d->match[root], j = 0;
	uint32_t e = root + 1;

	if (e == d->hidden)
		e = next_member(d, e, end);
	for (; e != 0 && e < end; e = next_member(d, e, end)) {
		while (j < t->now->n && !alive(t->now, j))
			j++;
		if (j == t->now->n || t->now->m[j].slot != e) {
			t->went[2 * t->went_n] = e;
			t->went[2 * t->went_n++ + 1] = next_member(d, e, end);
			continue;
		}
		if (!value_is_source(t->now->m[j].value, d, e + 2)) {
			t->changed[2 * t->changed_n] = e;
			t->changed[2 * t->changed_n++ + 1] = j;
		}
		j++;
	}
	for (; j < t->now->n; j++)
		if (alive(t->now, j))
			t->came[t->came_n++] = j;
}

/* Has a member that came the key of one that went? */
static bool
in_the_way(struct patch_text *u, const struct delta *t, struct value key)
{
	key = string_decoded(u->a, key);
	for (uint32_t i = 0; i < t->went_n; i++)
		if (key_is(u->a, t->doc, t->went[2 * i], key.text, key.n))
			return true;
	return false;
}

static bool
put_back(struct patch_text *u, const struct delta *t, const struct step *path,
    size_t limit)
{
	for (uint32_t i = t->went_n; i-- > 0;) {
		uint32_t e = t->went[2 * i], next = t->went[2 * i + 1];
		struct step step =
		    member_step(u, path, value_source(t->doc, e));

		operation_open(u, "add", &step);
		operation_value(u, value_source(t->doc, e + 2));
		if (next != 0) {
			buf_puts(u->out, ",\"before\":");
			value_write(u->out, value_source(t->doc, next));
		}
		buf_putc(u->out, '}');
		if (!operation_within(u, limit))
			return false;
	}
	return true;
}

/* Remove what came and is in the way of what went, or isn't. */
static bool
take_away(struct patch_text *u, const struct delta *t, bool way,
    const struct step *path, size_t limit)
{
	for (uint32_t i = 0; i < t->came_n; i++) {
		struct step step =
		    member_step(u, path, t->now->m[t->came[i]].key);

		if (t->way[i] == way && !operation_remove(u, &step, limit))
			return false;
	}
	return true;
}

static bool
differ_derived(struct patch_text *u, struct value was, struct object *now,
    const struct step *path, size_t limit)
{
	struct delta t = {.doc = was.doc, .now = now};
	size_t most = 2 * (size_t)now->n;

	if (!now->overlay)
		most = was.doc->match[was.n] - was.n;
	t.changed = arena_array(u->a, most, sizeof(*t.changed));
	t.went = arena_array(u->a, most, sizeof(*t.went));
	t.came = arena_array(u->a, now->n, sizeof(*t.came));
	if (!now->overlay)
		find_delta(&t, was.n);
	else if (!read_overlay(u, &t, was.n))
		return false;
	t.way = arena_alloc(u->a, t.came_n);
	/* Many of both: an index finds them in each other faster. */
	if (t.came_n > 8 && t.went_n > 8)
		return false;
	for (uint32_t i = 0; i < t.went_n; i++)
		if (respelled(u, value_source(was.doc, t.went[2 * i])))
			return false;
	for (uint32_t i = 0; i < t.came_n; i++)
		t.way[i] = in_the_way(u, &t, now->m[t.came[i]].key);
	if (!take_away(u, &t, true, path, limit))
		return false;
	for (uint32_t i = 0; i < t.changed_n; i++) {
		uint32_t e = t.changed[2 * i];
		struct step step =
		    member_step(u, path, value_source(was.doc, e));

		if (!differ(u, value_source(was.doc, e + 2),
			now->m[t.changed[2 * i + 1]].value, &step, limit))
			return false;
	}
	return put_back(u, &t, path, limit) &&
	    take_away(u, &t, false, path, limit);
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
			    ADD;
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
	size_t kept = 0, before = d->keys_n, after = now->n - now->deleted;

	if (d->keys == NULL || d->keys_of != was.n || now->overlay)
		return false;
	before -= d->hidden > was.n && d->hidden < d->match[was.n];
	if (after >= before)
		return false;
	for (uint32_t i = 0; i < now->n; i++)
		if (now->m[i].key.kind != VALUE_NULL &&
		    now->m[i].value.flags & VALUE_SOURCE)
			kept += now->m[i].key.n + sizeof("'':") +
			    source_length(now->m[i].value);
	/* Beside all members that went, each costs an operation's words. */
	return (before - after) * ADD > WHOLE + kept + before + 1;
}

static bool
differ_objects(struct patch_text *u, struct value was, struct value now,
    const struct step *path, size_t limit)
{
	struct match m = {0};

	if (now.kind == VALUE_OBJECT && now.object->doc == was.doc &&
	    now.object->entry == was.n &&
	    (now.object->overlay ||
		(now.object->settled && !now.object->repeated)))
		return differ_derived(u, was, now.object, path, limit);
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
add_element(
    struct patch_text *u, struct value x, const struct step *path, size_t limit)
{
	operation_open(u, "add", path);
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
    const struct step *path, size_t limit)
{
	struct step step = {path, VALUE_OF(VALUE_NULL), 0, deeper(path)};
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
			done = differ(u, old, now.array->v[j++], &step, limit);
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

/* A container: by its parts where that is shorter, else as a whole. */
static bool
differ(struct patch_text *u, struct value was, struct value now,
    const struct step *path, size_t limit)
{
	size_t start = u->out->len, whole = limit;
	bool done = false;

	if (now.flags & VALUE_SOURCE && value_same(was, now))
		return true;
	if (written_same(u, was, now))
		return true;
	if (source_length(was) + WHOLE < limit - start)
		whole = start + source_length(was) + WHOLE;
	if (deeper(path) > DEEP)
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

bool
undo_write(struct buf *out, struct arena *a, struct value before,
    struct value now, size_t cap)
{
	struct patch_text u = {out, a, out->len};
	size_t limit;

	if (__builtin_add_overflow(out->len, cap, &limit))
		limit = SIZE_MAX;
	/* One byte is the closing bracket's. */
	if (cap > 0 && differ(&u, before, now, NULL, limit - 1)) {
		if (out->len > u.start)
			buf_putc(out, ']');
		return true;
	}
	out->len = u.start;
	return false;
}
