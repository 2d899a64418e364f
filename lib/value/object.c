#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "value/keys.h"
#include "value/object.h"
#include "value/overlay.h"
#include "value/string.h"

/* Marks of a key, once the object is settled. */
enum {
	SHADOWED = 1, /* the key comes again later */
	REPEATS = 2,  /* the key came before */
};

/*
 * Up to this many members are looked through one by one, and the hash of a
 * key is a tag made of its ends.  Above it an index is kept over hashes that
 * nobody can choose collisions for.
 */
enum { SMALL = 16 };

static struct value
object_handle(struct object *o)
{
	struct value v = VALUE_OF(VALUE_OBJECT);

	v.flags = VALUE_OWNED;
	v.object = o;
	return v;
}

struct value
object_new(struct arena *a, size_t cap)
{
	struct object *o = arena_alloc(a, sizeof(*o));

	if (cap >= UINT32_MAX / 4)
		arena_exceed(a);
	*o = (struct object){.cap = (uint32_t)cap, .depth = 1, .settled = true};
	o->m = arena_array(a, cap, sizeof(*o->m));
	return object_handle(o);
}

/* Members of a raw object, the hidden one left out. */
static uint32_t
raw_count(const struct doc *d, uint32_t e)
{
	uint32_t end = d->match[e], n = 0;

	for (e++; e < end; e = doc_after(d, e + 2) + 1)
		n += e != d->hidden;
	return n;
}

static struct value
source_key(const struct doc *d, uint32_t e)
{
	struct value key = value_source(d, e);

	if (!layout_has_escapes(key.text, key.n))
		key.kind = VALUE_STRING;
	return key;
}

struct value
object_open(struct arena *a, struct value v)
{
	const struct doc *d = v.doc;
	uint32_t e = v.n, end;
	struct object *o;
	struct member *m;

	if (v.kind == VALUE_OBJECT) {
		if (v.object->overlay)
			overlay_complete(a, v.object);
		return v;
	}
	end = d->match[e];
	v = object_new(a, raw_count(d, e) + 2u);
	o = v.object;
	o->doc = d;
	o->entry = e;
	o->settled = false;
	for (e++; e < end; e = doc_after(d, e + 2) + 1) {
		if (e == d->hidden)
			continue;
		m = &o->m[o->n++];
		m->key = source_key(d, e);
		m->value = value_source(d, e + 2);
		m->hash = m->key.kind == VALUE_STRING
		    ? key_tag(m->key)
		    : key_tag(string_decoded(a, m->key));
		m->slot = e;
	}
	return v;
}

static uint32_t
key_hash(struct arena *a, struct value key)
{
	key = string_decoded(a, key);
	return (uint32_t)hash_bytes(key.text, key.n);
}

/* Put member i, whose key is not there yet, into the index. */
static void
index_put(struct object *o, uint32_t i)
{
	uint32_t at = o->m[i].hash & o->mask;

	while (o->index[at] != 0)
		at = (at + 1) & o->mask;
	o->index[at] = i + 1;
}

static struct member *
find_hashed(struct arena *a, struct object *o, struct value key, uint32_t hash)
{
	uint32_t at = hash & o->mask;

	for (; o->index[at] != 0; at = (at + 1) & o->mask) {
		struct member *m = &o->m[o->index[at] - 1];

		if (m->hash == hash && m->key.kind != VALUE_NULL &&
		    string_equal(a, m->key, key))
			return m;
	}
	return NULL;
}

/* Of equal keys only the last is indexed, so that many cost no more. */
static void
index_build(struct arena *a, struct object *o)
{
	size_t size = 32;

	while (size < (size_t)o->cap * 2)
		size *= 2;
	o->index = arena_array(a, size, sizeof(*o->index));
	memset(o->index, 0, size * sizeof(*o->index));
	o->mask = (uint32_t)(size - 1);
	for (uint32_t i = o->n; i-- > 0;) {
		struct value key = o->m[i].key;

		if (key.kind == VALUE_NULL)
			continue;
		o->m[i].hash = key_hash(a, key);
		if (find_hashed(a, o, key, o->m[i].hash) == NULL)
			index_put(o, i);
	}
}

static struct member *
find_indexed(struct arena *a, struct object *o, struct value key)
{
	return find_hashed(a, o, key, key_hash(a, key));
}

/* The last member with that key, which is decoded. */
static struct member *
find(struct arena *a, struct object *o, struct value key)
{
	uint32_t tag;

	key = string_decoded(a, key);
	if (o->n > SMALL) {
		if (o->index == NULL)
			index_build(a, o);
		return find_indexed(a, o, key);
	}
	tag = key_tag(key);
	for (uint32_t i = o->n; i-- > 0;)
		if (o->m[i].hash == tag && o->m[i].key.kind != VALUE_NULL &&
		    string_equal(a, o->m[i].key, key))
			return &o->m[i];
	return NULL;
}

struct member *
object_member(struct arena *a, struct value v, struct value key)
{
	if (v.object->overlay)
		overlay_complete(a, v.object);
	return find(a, v.object, key);
}

struct value *
object_at(struct arena *a, struct value v, struct value key)
{
	struct member *m;

	key = string_decoded(a, key);
	if (v.object->overlay)
		return overlay_at(a, v.object, key);
	m = find(a, v.object, key);
	return m != NULL ? &m->value : NULL;
}

static bool
same_key(struct arena *a, struct member *x, struct member *y)
{
	return x->hash == y->hash && x->key.kind != VALUE_NULL &&
	    y->key.kind != VALUE_NULL && string_equal(a, x->key, y->key);
}

static bool
tags_collide(const struct object *o)
{
	uint64_t seen[2] = {0, 0};

	for (uint32_t i = 0; i < o->n; i++)
		if (tags_meet(seen, o->m[i].hash))
			return true;
	return false;
}

/* Mark the members whose key occurs more than once. */
static void
settle_small(struct arena *a, struct object *o)
{
	if (!tags_collide(o))
		return;
	for (uint32_t i = 1; i < o->n; i++) {
		for (uint32_t j = i; j-- > 0;) {
			if (!same_key(a, &o->m[j], &o->m[i]))
				continue;
			o->m[j].key.mark |= SHADOWED;
			o->m[i].key.mark |= REPEATS;
			o->repeats++;
			break;
		}
	}
}

static void
settle_large(struct arena *a, struct object *o)
{
	if (o->index == NULL)
		index_build(a, o);
	for (uint32_t i = 0; i < o->n; i++) {
		struct member *last;

		if (o->m[i].key.kind == VALUE_NULL)
			continue;
		last = find_indexed(a, o, o->m[i].key);
		if (last == &o->m[i])
			continue;
		o->m[i].key.mark |= SHADOWED;
		o->repeats++;
	}
	if (o->repeats == 0)
		return;
	/* Rare: of the shadowed ones, all but the first are repeats. */
	for (uint32_t i = 0; i < o->n; i++) {
		struct member *last;

		if (o->m[i].key.kind == VALUE_NULL)
			continue;
		last = find_indexed(a, o, o->m[i].key);
		if (last->key.mark & REPEATS)
			o->m[i].key.mark |= REPEATS;
		else if (last != &o->m[i])
			last->key.mark |= REPEATS;
	}
}

static void
settle(struct arena *a, struct object *o)
{
	if (o->settled)
		return;
	o->settled = true;
	if (o->n <= SMALL)
		settle_small(a, o);
	else
		settle_large(a, o);
	o->repeated = o->repeats > 0;
}

size_t
object_length(struct arena *a, struct value v)
{
	v = object_open(a, v);
	settle(a, v.object);
	return v.object->n - v.object->deleted - v.object->repeats;
}

static bool
key_equals(const struct doc *d, uint32_t e, const char *key, size_t len)
{
	const char *p = d->text + d->at[e] + 1;

	return d->at[e] + len + 1 < d->len && p[len] == '"' &&
	    memcmp(p, key, len) == 0;
}

uint32_t
object_doc_find(const struct doc *d, uint32_t e, const char *key, size_t len)
{
	uint32_t end = d->match[e], found = 0;

	for (e++; e < end; e = doc_after(d, e + 2) + 1)
		if (e != d->hidden && key_equals(d, e, key, len))
			found = e + 2;
	return found;
}

bool
object_get(struct arena *a, struct value v, struct value key, struct value *out)
{
	struct member *m;
	uint32_t e;

	key = string_decoded(a, key);
	if (v.kind == VALUE_OBJECT && v.object->overlay)
		return overlay_get(a, v.object, key, out);
	if (v.kind == VALUE_OBJECT) {
		m = find(a, v.object, key);
		if (m != NULL)
			*out = value_take(&m->value);
		return m != NULL;
	}
	e = keys_find(a, v.doc, v.n, key).entry;
	if (e != 0)
		*out = value_source(v.doc, e + 2);
	return e != 0;
}

bool
object_repeats(struct arena *a, struct value v)
{
	v = object_open(a, v);
	settle(a, v.object);
	return v.object->repeats > 0;
}

bool
object_repeats_key(struct arena *a, struct value v, struct value key)
{
	struct member *m;

	key = string_decoded(a, key);
	if (v.kind != VALUE_OBJECT)
		return keys_find(a, v.doc, v.n, key).times > 1;
	/* An overlay changes no key that its doc has twice. */
	if (v.object->overlay)
		return keys_find(a, v.object->doc, v.object->entry, key).times >
		    1;
	settle(a, v.object);
	m = find(a, v.object, key);
	return m != NULL && m->key.mark != 0;
}

/* Move the members that are left into new room for cap of them. */
static void
resettle_room(struct arena *a, struct object *o, size_t cap)
{
	struct member *m = arena_array(a, cap, sizeof(*m));
	uint32_t n = 0;

	if (cap >= UINT32_MAX / 4)
		arena_exceed(a);
	for (uint32_t i = 0; i < o->n; i++)
		if (o->m[i].key.kind != VALUE_NULL)
			m[n++] = o->m[i];
	o->m = m;
	o->n = n;
	o->cap = (uint32_t)cap;
	o->deleted = 0;
	if (o->index != NULL && n <= SMALL)
		for (uint32_t i = 0; i < n; i++)
			m[i].hash = key_tag(string_decoded(a, m[i].key));
	o->index = NULL;
}

static struct value
object_clone(struct arena *a, struct value v, size_t more)
{
	struct object *o = arena_alloc(a, sizeof(*o));

	for (uint32_t i = 0; i < v.object->n; i++)
		value_take(&v.object->m[i].value);
	*o = *v.object;
	resettle_room(a, o, o->n - o->deleted + more);
	return object_handle(o);
}

/* An owned object with room for one more. */
static struct value
writable(struct arena *a, struct value v)
{
	struct object *o;

	if (v.kind == VALUE_RAW_OBJECT)
		return object_open(a, v);
	if (v.object->overlay)
		overlay_complete(a, v.object);
	if (!(v.flags & VALUE_OWNED))
		return object_clone(a, v, 4);
	o = v.object;
	if (o->deleted > 16 && o->deleted > o->n / 2)
		resettle_room(a, o, o->n - o->deleted + 4);
	return v;
}

static void
drop(struct object *o, struct member *m)
{
	m->key = VALUE_OF(VALUE_NULL);
	o->deleted++;
}

/* Delete all members with that key but the one to be kept. */
static void
drop_others(
    struct arena *a, struct object *o, struct member *kept, struct value key)
{
	settle(a, o);
	if (o->repeats == 0)
		return;
	for (uint32_t i = 0; i < o->n; i++) {
		struct member *m = &o->m[i];

		if (m == kept || m->key.kind == VALUE_NULL ||
		    !string_equal(a, m->key, key))
			continue;
		drop(o, m);
		o->repeats--;
	}
	kept->key.mark = 0;
}

static void
append(struct arena *a, struct object *o, struct value key, struct value x)
{
	struct member *m;

	if (o->n == o->cap)
		resettle_room(a, o, (size_t)o->cap + o->cap / 2 + 4);
	m = &o->m[o->n++];
	*m = (struct member){.key = string_decoded(a, key), .value = x};
	m->key.mark = 0;
	if (o->index != NULL) {
		m->hash = key_hash(a, m->key);
		index_put(o, o->n - 1);
	} else {
		m->hash = key_tag(m->key);
	}
}

/* The index knows the last of equal keys; from now on this one. */
static void
index_move(struct object *o, const struct member *from, const struct member *to)
{
	uint32_t at = from->hash & o->mask;
	uint32_t i = (uint32_t)(from - o->m) + 1;

	while (o->index[at] != i)
		at = (at + 1) & o->mask;
	o->index[at] = (uint32_t)(to - o->m) + 1;
}

/* The first member with that key, which is where jq keeps its place. */
static struct member *
first_place(struct arena *a, struct object *o, struct member *m)
{
	settle(a, o);
	if (!(m->key.mark & REPEATS))
		return m;
	for (uint32_t i = 0; i < o->n; i++) {
		struct member *first = &o->m[i];

		if (first == m || !same_key(a, first, m))
			continue;
		if (o->index != NULL)
			index_move(o, m, first);
		return first;
	}
	return m;
}

static bool
may_overlay(struct value v)
{
	return v.kind == VALUE_RAW_OBJECT || v.object->overlay;
}

struct value
object_set(struct arena *a, struct value v, struct value key, struct value x)
{
	struct member *m;

	v = ownership_given(a, v);
	key = string_decoded(a, key);
	if (may_overlay(v) && overlay_change(a, &v, key, &x))
		return v;
	v = writable(a, v);
	if (value_depth(x) >= v.object->depth)
		v.object->depth = value_depth(x) + 1;
	m = find(a, v.object, key);
	if (m == NULL) {
		append(a, v.object, key, x);
		return v;
	}
	m = first_place(a, v.object, m);
	m->value = x;
	drop_others(a, v.object, m, key);
	return v;
}

struct value
object_add(struct arena *a, struct value v, struct value key, struct value x)
{
	v = ownership_given(a, v);
	if (value_depth(x) >= v.object->depth)
		v.object->depth = value_depth(x) + 1;
	append(a, v.object, key, x);
	return v;
}

struct value
object_delete(struct arena *a, struct value v, struct value key)
{
	struct value at;
	struct member *m;

	v = ownership_given(a, v);
	key = string_decoded(a, key);
	if (may_overlay(v) && overlay_change(a, &v, key, NULL))
		return v;
	if (!object_get(a, v, key, &at))
		return v;
	v = writable(a, v);
	m = find(a, v.object, key);
	drop_others(a, v.object, m, key);
	drop(v.object, m);
	return v;
}

struct member *
object_next(struct arena *a, struct value v, uint32_t *i)
{
	struct object *o = v.object;

	if (o->overlay)
		overlay_complete(a, o);
	settle(a, o);
	while (*i < o->n) {
		struct member *m = &o->m[(*i)++];

		if (m->key.kind == VALUE_NULL || m->key.mark & REPEATS)
			continue;
		return m->key.mark & SHADOWED ? find(a, o, m->key) : m;
	}
	return NULL;
}

static int
by_code_point(const void *x, const void *y)
{
	const struct value *k = x, *l = y;
	int c = memcmp(k->text, l->text, k->n < l->n ? k->n : l->n);

	return c != 0 ? c : k->n < l->n ? -1 : k->n > l->n;
}

struct value *
object_keys(struct arena *a, struct value v, size_t *n)
{
	struct value *keys;
	struct member *m;
	uint32_t i = 0;

	v = object_open(a, v);
	keys = arena_array(a, v.object->n, sizeof(*keys));
	for (*n = 0; (m = object_next(a, v, &i)) != NULL; ++*n) {
		keys[*n] = string_decoded(a, m->key);
		keys[*n].mark = 0;
	}
	qsort(keys, *n, sizeof(*keys), by_code_point);
	return keys;
}
