#include <string.h>

#include "value/keys.h"
#include "value/object.h"
#include "value/overlay.h"
#include "value/string.h"

enum {
	MOST = 8,     /* members that an overlay lists */
	MEMBERS = 64, /* of a doc's object; beyond, a search is too long */
};

/* A new member of an overlay. */
static struct member *
find_new(struct arena *a, struct object *o, struct value key)
{
	uint32_t tag = key_tag(key);

	for (uint32_t i = o->n; i-- > 0 && o->m[i].slot == 0;)
		if (o->m[i].hash == tag && string_equal(a, o->m[i].key, key))
			return &o->m[i];
	return NULL;
}

/* A member of the doc that is listed. */
static struct member *
find_slot(struct object *o, uint32_t slot)
{
	for (uint32_t i = 0; i < o->n && o->m[i].slot != 0; i++)
		if (o->m[i].slot == slot)
			return &o->m[i];
	return NULL;
}

struct value *
overlay_at(struct arena *a, struct object *o, struct value key)
{
	struct member *m = find_new(a, o, key);
	uint32_t slot;

	if (m != NULL)
		return &m->value;
	slot = keys_find(a, o->doc, o->entry, key).entry;
	m = slot != 0 ? find_slot(o, slot) : NULL;
	return m != NULL && m->key.kind != VALUE_NULL ? &m->value : NULL;
}

bool
overlay_get(
    struct arena *a, struct object *o, struct value key, struct value *out)
{
	struct member *m = find_new(a, o, key);

	if (m == NULL) {
		uint32_t slot = keys_find(a, o->doc, o->entry, key).entry;

		if (slot == 0)
			return false;
		m = find_slot(o, slot);
		if (m == NULL) {
			*out = value_source(o->doc, slot + 2);
			return true;
		}
		if (m->key.kind == VALUE_NULL)
			return false;
	}
	*out = value_take(&m->value);
	return true;
}

/* An overlay of one's own with room for one more. */
static struct object *
own(struct arena *a, struct value *v)
{
	struct object *old = v->object, *o;

	if (v->kind == VALUE_OBJECT && v->flags & VALUE_OWNED)
		return old;
	o = arena_alloc(a, sizeof(*o));
	if (v->kind == VALUE_OBJECT) {
		*o = *old;
		o->m = arena_array(a, MOST, sizeof(*o->m));
		for (uint32_t i = 0; i < o->n; i++) {
			value_take(&old->m[i].value);
			o->m[i] = old->m[i];
		}
	} else {
		*o = (struct object){.cap = MOST,
		    .depth = 1,
		    .doc = v->doc,
		    .entry = v->n,
		    .overlay = true};
		o->m = arena_array(a, MOST, sizeof(*o->m));
	}
	*v = VALUE_OF(VALUE_OBJECT);
	v->flags = VALUE_OWNED;
	v->object = o;
	return o;
}

/* Make room at i. */
static struct member *
insert(struct object *o, uint32_t i)
{
	memmove(o->m + i + 1, o->m + i, (o->n - i) * sizeof(*o->m));
	o->n++;
	return &o->m[i];
}

static void
set_slot(
    struct object *o, uint32_t slot, struct value key, const struct value *x)
{
	uint32_t i = 0;
	struct member *m = find_slot(o, slot);

	if (m == NULL) {
		while (i < o->n && o->m[i].slot != 0 && o->m[i].slot < slot)
			i++;
		m = insert(o, i);
	}
	*m = (struct member){.key = key, .hash = key_tag(key), .slot = slot};
	m->key.mark = 0;
	if (x != NULL)
		m->value = *x;
	else
		m->key = VALUE_OF(VALUE_NULL);
}

static void
remove_new(struct object *o, struct member *m)
{
	memmove(m, m + 1, (size_t)(o->m + --o->n - m) * sizeof(*m));
}

static void
set_new(
    struct object *o, struct member *m, struct value key, const struct value *x)
{
	if (m != NULL && x != NULL) {
		m->value = *x;
	} else if (m != NULL) {
		remove_new(o, m);
	} else if (x != NULL) {
		m = insert(o, o->n);
		*m = (struct member){
		    .key = key, .value = *x, .hash = key_tag(key)};
		m->key.mark = 0;
	}
}

/* Is there nothing to delete? */
static bool
is_gone(struct arena *a, struct value v, uint32_t slot, struct value key)
{
	struct member *m;

	if (v.kind != VALUE_OBJECT)
		return slot == 0;
	m = slot != 0 ? find_slot(v.object, slot) : NULL;
	if (slot != 0 && (m == NULL || m->key.kind != VALUE_NULL))
		return false;
	return find_new(a, v.object, key) == NULL;
}

bool
overlay_change(
    struct arena *a, struct value *v, struct value key, const struct value *x)
{
	bool is_overlay = v->kind == VALUE_OBJECT;
	struct found_key found;
	struct object *o;
	struct member *m;

	if (is_overlay && v->object->n == MOST)
		return false;
	if (is_overlay)
		found = keys_find(a, v->object->doc, v->object->entry, key);
	else
		found = keys_find(a, v->doc, v->n, key);
	if (found.times > 1 || found.members > MEMBERS)
		return false;
	if (x == NULL && is_gone(a, *v, found.entry, key))
		return true;
	o = own(a, v);
	m = found.entry != 0 ? find_slot(o, found.entry) : NULL;
	if (found.entry != 0 && (m == NULL || m->key.kind != VALUE_NULL))
		set_slot(o, found.entry, key, x);
	else /* what was deleted comes again at the end */
		set_new(o, find_new(a, o, key), key, x);
	if (x != NULL && value_depth(*x) >= o->depth)
		o->depth = value_depth(*x) + 1;
	return true;
}

void
overlay_complete(struct arena *a, struct object *o)
{
	struct value raw = VALUE_OF(VALUE_RAW_OBJECT);
	struct object *all;
	uint32_t n = 0, i = 0;

	raw.doc = o->doc;
	raw.n = o->entry;
	all = object_open(a, raw).object;
	for (uint32_t j = 0; j < all->n; j++) {
		if (i < o->n && o->m[i].slot == all->m[j].slot) {
			if (o->m[i].key.kind == VALUE_NULL) {
				i++;
				continue;
			}
			all->m[j].value = o->m[i++].value;
		}
		all->m[n++] = all->m[j];
	}
	all->n = n;
	all->depth = o->depth;
	raw = VALUE_OF(VALUE_OBJECT);
	raw.flags = VALUE_OWNED;
	raw.object = all;
	for (; i < o->n; i++)
		raw = object_set(a, raw, o->m[i].key, o->m[i].value);
	*o = *raw.object;
}
