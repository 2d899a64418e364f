/*
 * Members are a list in an array: a member keeps its number, neighbours are
 * numbers, and those that were removed stay behind as holes.  So inserting
 * in front of another moves nothing.  A number of 0 is none; they count
 * from 1.
 */
#include <string.h>

#include "base/hash.h"
#include "history/draft.h"
#include "value/array.h"
#include "value/keys.h"
#include "value/object.h"
#include "value/string.h"

enum { FEW = 16 }; /* members that are found without an index */

struct member_draft {
	struct draft_slot slot;
	struct value key;       /* as it is spelled; VALUE_NULL in a hole */
	uint32_t tag;           /* see value/keys.h */
	uint32_t entry;         /* of its key in the doc it comes from, or 0 */
	uint32_t before, after; /* its neighbours */
	uint32_t twin; /* the one before it with the same key, once indexed */
};

struct draft_node {
	struct value base;  /* what it was opened from */
	struct value value; /* what it is, where current */
	bool current;
	bool object;
	bool reordered; /* an array whose elements aren't where they were */

	/* An object. */
	struct member_draft *m; /* m[0] is none */
	uint32_t n, cap;        /* members and holes, m[0] too */
	uint32_t alive;
	uint32_t first, last;
	uint32_t *index; /* the last with a key; NULL where they are few */
	uint32_t mask, used;
	const struct doc *doc;
	uint32_t entry;

	/* An array. */
	struct sequence elements;
};

void
draft_init(struct draft *d, struct arena *a, struct value v)
{
	*d = (struct draft){.a = a};
	d->root.value = value_share(v);
}

bool
draft_is_object(const struct draft_slot *slot)
{
	return slot->node != NULL ? slot->node->object
				  : value_is_object(slot->value);
}

bool
draft_is_array(const struct draft_slot *slot)
{
	return slot->node != NULL ? !slot->node->object
				  : value_is_array(slot->value);
}

struct value
draft_base(const struct draft_slot *slot)
{
	return slot->node != NULL ? slot->node->base : slot->value;
}

/* --- objects --- */

static uint32_t
new_member(struct draft *d, struct draft_node *o)
{
	if (o->n == o->cap) {
		size_t cap = (size_t)o->cap * 2 + 8;
		struct member_draft *more =
		    arena_array(d->a, cap, sizeof(*more));

		if (cap > UINT32_MAX / 2)
			arena_array(d->a, SIZE_MAX, 2);
		memcpy(more, o->m, o->n * sizeof(*more));
		o->m = more;
		o->cap = (uint32_t)cap;
	}
	o->m[o->n] = (struct member_draft){.tag = 0};
	o->alive++;
	return o->n++;
}

/* Link member i in front of member next, or at the end. */
static void
link_member(struct draft_node *o, uint32_t i, uint32_t next)
{
	uint32_t before = next != 0 ? o->m[next].before : o->last;

	o->m[i].before = before;
	o->m[i].after = next;
	if (before != 0)
		o->m[before].after = i;
	else
		o->first = i;
	if (next != 0)
		o->m[next].before = i;
	else
		o->last = i;
}

static void
unlink_member(struct draft_node *o, uint32_t i)
{
	struct member_draft *m = &o->m[i];

	if (m->before != 0)
		o->m[m->before].after = m->after;
	else
		o->first = m->after;
	if (m->after != 0)
		o->m[m->after].before = m->before;
	else
		o->last = m->before;
	m->key = VALUE_OF(VALUE_NULL);
	m->slot = (struct draft_slot){.node = NULL};
	o->alive--;
}

static bool
has_key(struct draft *d, const struct member_draft *m, struct value key,
    uint32_t tag)
{
	return m->tag == tag && m->key.kind != VALUE_NULL &&
	    string_equal(d->a, m->key, key);
}

/* The place in the index of the member with that key, or where it comes. */
static uint32_t *
index_bucket(
    struct draft *d, struct draft_node *o, struct value key, uint32_t tag)
{
	uint32_t at = (uint32_t)hash_bytes(key.text, key.n) & o->mask;

	while (o->index[at] != 0 && !has_key(d, &o->m[o->index[at]], key, tag))
		at = (at + 1) & o->mask;
	return &o->index[at];
}

static void
index_member(struct draft *d, struct draft_node *o, uint32_t i)
{
	struct value key = string_decoded(d->a, o->m[i].key);
	uint32_t *bucket = index_bucket(d, o, key, o->m[i].tag);

	o->used += *bucket == 0;
	o->m[i].twin = *bucket;
	*bucket = i;
}

static void
build_index(struct draft *d, struct draft_node *o)
{
	size_t size = 64;

	while (size < (size_t)o->alive * 4)
		size *= 2;
	o->index = arena_array(d->a, size, sizeof(*o->index));
	memset(o->index, 0, size * sizeof(*o->index));
	o->mask = (uint32_t)(size - 1);
	o->used = 0;
	for (uint32_t i = o->first; i != 0; i = o->m[i].after)
		index_member(d, o, i);
}

/* The last member with that key, which is decoded; 0 where there is none. */
static uint32_t
find_member(struct draft *d, struct draft_node *o, struct value key)
{
	uint32_t tag = key_tag(key);

	if (o->alive > FEW && o->index == NULL)
		build_index(d, o);
	if (o->index != NULL)
		return *index_bucket(d, o, key, tag);
	for (uint32_t i = o->last; i != 0; i = o->m[i].before)
		if (has_key(d, &o->m[i], key, tag))
			return i;
	return 0;
}

/* One with the same key before member i, or 0. */
static uint32_t
twin_of(struct draft *d, struct draft_node *o, uint32_t i)
{
	struct value key;

	if (o->index != NULL)
		return o->m[i].twin;
	key = string_decoded(d->a, o->m[i].key);
	for (uint32_t k = o->m[i].before; k != 0; k = o->m[k].before)
		if (has_key(d, &o->m[k], key, o->m[i].tag))
			return k;
	return 0;
}

/* Take a key out of the index, in which the last member with it stands. */
static void
forget_key(struct draft *d, struct draft_node *o, struct value key)
{
	uint32_t at, *bucket;

	if (o->index == NULL)
		return;
	bucket = index_bucket(d, o, key, key_tag(key));
	if (*bucket == 0)
		return;
	/* Those that were put behind it move up, so that no gap is left. */
	at = (uint32_t)(bucket - o->index);
	o->index[at] = 0;
	o->used--;
	for (at = (at + 1) & o->mask; o->index[at] != 0;
	     at = (at + 1) & o->mask) {
		uint32_t i = o->index[at];
		struct value other = string_decoded(d->a, o->m[i].key);

		o->index[at] = 0;
		*index_bucket(d, o, other, o->m[i].tag) = i;
	}
}

static struct draft_node *
open_object(struct draft *d, struct value v)
{
	struct draft_node *o = arena_alloc(d->a, sizeof(*o));
	struct object *from;

	*o = (struct draft_node){
	    .base = v, .value = v, .current = true, .object = true, .n = 1};
	from = object_open(d->a, v).object;
	o->cap = from->n + 5;
	o->m = arena_array(d->a, o->cap, sizeof(*o->m));
	o->m[0] = (struct member_draft){.tag = 0};
	o->doc = from->doc;
	o->entry = from->entry;
	for (uint32_t i = 0; i < from->n; i++) {
		struct member *m = &from->m[i];
		uint32_t k;

		if (m->key.kind == VALUE_NULL)
			continue;
		k = new_member(d, o);
		o->m[k].slot.value = value_take(&m->value);
		o->m[k].key = m->key;
		o->m[k].key.mark = 0;
		o->m[k].tag = from->index == NULL
		    ? m->hash
		    : key_tag(string_decoded(d->a, m->key));
		o->m[k].entry = m->slot;
		link_member(o, k, 0);
	}
	return o;
}

static struct draft_node *
object_of(struct draft *d, struct draft_slot *slot)
{
	if (slot->node == NULL)
		slot->node = open_object(d, slot->value);
	return slot->node;
}

struct draft_slot *
draft_member(struct draft *d, struct draft_slot *object, struct value key)
{
	struct draft_node *o = object_of(d, object);
	uint32_t i = find_member(d, o, key);

	return i != 0 ? &o->m[i].slot : NULL;
}

struct draft_slot *
draft_next_member(
    struct draft *d, struct draft_slot *object, uint32_t *at, struct value *key)
{
	struct draft_node *o = object_of(d, object);

	*at = *at == 0 ? o->first : o->m[*at].after;
	if (*at == 0)
		return NULL;
	*key = o->m[*at].key;
	return &o->m[*at].slot;
}

static struct draft_slot *
add_member(struct draft *d, struct draft_node *o, struct value key,
    struct value before)
{
	uint32_t next = 0, i;

	if (before.kind != VALUE_NULL)
		next = find_member(d, o, before);
	i = new_member(d, o);
	o->m[i].key = key;
	o->m[i].key.mark = 0;
	o->m[i].tag = key_tag(key);
	link_member(o, i, next);
	if (o->index != NULL) {
		index_member(d, o, i);
		if (o->used > o->mask / 2)
			build_index(d, o);
	}
	return &o->m[i].slot;
}

/* The first member with the key of i, the last: the others are removed. */
static uint32_t
only_first(struct draft *d, struct draft_node *o, uint32_t i)
{
	uint32_t twin = twin_of(d, o, i);
	struct value key;

	if (twin == 0)
		return i;
	key = string_decoded(d->a, o->m[i].key);
	forget_key(d, o, key);
	for (; twin != 0; twin = twin_of(d, o, i)) {
		unlink_member(o, i);
		i = twin;
	}
	if (o->index != NULL)
		index_member(d, o, i);
	return i;
}

struct draft_slot *
draft_set_member(struct draft *d, struct draft_slot *object, struct value key,
    struct value before)
{
	struct draft_node *o = object_of(d, object);
	uint32_t i = find_member(d, o, key);

	o->current = false;
	if (i == 0)
		return add_member(d, o, key, before);
	i = only_first(d, o, i);
	return &o->m[i].slot;
}

void
draft_remove_member(
    struct draft *d, struct draft_slot *object, struct value key)
{
	struct draft_node *o = object_of(d, object);
	uint32_t i = find_member(d, o, key);

	if (i == 0)
		return;
	o->current = false;
	i = only_first(d, o, i);
	forget_key(d, o, key);
	unlink_member(o, i);
}

/* --- arrays --- */

static struct draft_node *
open_array(struct draft *d, struct value v)
{
	struct draft_node *array = arena_alloc(d->a, sizeof(*array));
	size_t n;

	*array = (struct draft_node){.base = v, .value = v, .current = true};
	v = array_open(d->a, v);
	n = array_length(v);
	sequence_init(d->a, &array->elements, n);
	for (size_t i = 0; i < n; i++)
		sequence_at(&array->elements, i)->value = array_at(v, i);
	return array;
}

static struct sequence *
elements_of(struct draft *d, struct draft_slot *slot)
{
	if (slot->node == NULL)
		slot->node = open_array(d, slot->value);
	return &slot->node->elements;
}

size_t
draft_length(struct draft *d, struct draft_slot *array)
{
	return elements_of(d, array)->n;
}

struct draft_slot *
draft_element(struct draft *d, struct draft_slot *array, size_t i)
{
	return sequence_at(elements_of(d, array), i);
}

struct draft_slot *
draft_insert_element(struct draft *d, struct draft_slot *array, size_t i)
{
	struct sequence *s = elements_of(d, array);

	array->node->current = false;
	array->node->reordered |= i < s->n;
	return sequence_insert(d->a, s, i);
}

void
draft_remove_element(struct draft *d, struct draft_slot *array, size_t i)
{
	struct sequence *s = elements_of(d, array);

	array->node->current = false;
	array->node->reordered = true;
	sequence_remove(s, i);
}

/* --- values --- */

void
draft_touch(struct draft *d, struct draft_slot *slot)
{
	if (draft_is_object(slot))
		object_of(d, slot)->current = false;
	else if (elements_of(d, slot) != NULL)
		slot->node->current = false;
}

static bool settle(
    struct draft *d, struct draft_slot *slot, unsigned depth, struct value *v);

static bool
settle_object(
    struct draft *d, struct draft_node *o, unsigned depth, struct value *v)
{
	struct object *to;
	uint32_t n = 0;

	*v = object_new(d->a, (size_t)o->alive + 2);
	to = v->object;
	for (uint32_t i = o->first; i != 0; i = o->m[i].after) {
		struct member *m = &to->m[n++];

		*m = (struct member){.key = o->m[i].key,
		    .hash = o->m[i].tag,
		    .slot = o->m[i].entry};
		if (!settle(d, &o->m[i].slot, depth, &m->value))
			return false;
		if (value_depth(m->value) >= to->depth)
			to->depth = value_depth(m->value) + 1;
	}
	to->n = n;
	to->settled = false;
	to->doc = o->doc;
	to->entry = o->entry;
	*v = value_share(*v);
	return true;
}

static bool
settle_array(
    struct draft *d, struct draft_node *array, unsigned depth, struct value *v)
{
	struct sequence *s = &array->elements;
	struct value x;

	*v = array_new(d->a, s->n);
	for (size_t i = 0; i < s->n; i++) {
		if (!settle(d, sequence_at(s, i), depth, &x))
			return false;
		*v = array_push(d->a, *v, x);
	}
	if (!array->reordered && value_is_array(array->base)) {
		struct array *old = array_open(d->a, array->base).array;

		v->array->doc = old->doc;
		v->array->entry = old->entry;
		v->array->slots = old->slots;
		v->array->slots_n =
		    old->slots_n < s->n ? old->slots_n : (uint32_t)s->n;
	}
	*v = value_share(*v);
	return true;
}

/* What a place holds, as a value. */
static bool
settle(
    struct draft *d, struct draft_slot *slot, unsigned depth, struct value *v)
{
	struct draft_node *node = slot->node;
	bool good;

	if (depth > DRAFT_DEPTH)
		return false;
	if (node == NULL) {
		*v = value_share(slot->value);
		return value_depth(*v) + depth <= DRAFT_DEPTH + 1;
	}
	if (!node->current) {
		good = node->object
		    ? settle_object(d, node, depth + 1, &node->value)
		    : settle_array(d, node, depth + 1, &node->value);
		if (!good)
			return false;
		node->current = true;
	}
	*v = value_share(node->value);
	return value_depth(*v) + depth <= DRAFT_DEPTH + 1;
}

bool
draft_slot_value(struct draft *d, struct draft_slot *slot, struct value *v)
{
	return settle(d, slot, 0, v);
}

bool
draft_value(struct draft *d, struct value *v)
{
	return settle(d, &d->root, 0, v);
}

/* --- copies --- */

static size_t add_length(struct value v, size_t limit);

/* Bytes of a raw container. */
static size_t
raw_length(struct value v)
{
	const struct doc *d = v.doc;

	return d->at[d->match[v.n]] + 1 - d->at[v.n];
}

static size_t
opened_length(struct value v, size_t limit)
{
	size_t n = 2;

	if (v.kind == VALUE_ARRAY) {
		for (uint32_t i = 0; i < v.n && n <= limit; i++)
			n += 1 + add_length(v.array->v[i], limit - n);
		return n;
	}
	for (uint32_t i = 0; i < v.object->n && n <= limit; i++)
		if (v.object->m[i].key.kind != VALUE_NULL)
			n += v.object->m[i].key.n + 4 +
			    add_length(v.object->m[i].value, limit - n);
	return n;
}

/* Bytes of a value when it is written; looks no further than limit. */
static size_t
add_length(struct value v, size_t limit)
{
	switch (v.kind) {
	case VALUE_NUMBER:
	case VALUE_STRING:
	case VALUE_ESCAPED:
		return v.n + 2;
	case VALUE_RAW_ARRAY:
	case VALUE_RAW_OBJECT:
		return raw_length(v);
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		return opened_length(v, limit);
	default:
		return 4;
	}
}

bool
draft_count_copy(struct draft *d, struct value v)
{
	size_t left = d->a->account.limit - d->copied, n = add_length(v, left);

	if (n > left)
		return false;
	d->copied += n;
	return true;
}
