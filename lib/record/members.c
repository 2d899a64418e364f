#include <string.h>

#include "base/hash.h"
#include "record/key.h"
#include "record/members.h"
#include "value/keys.h"
#include "value/string.h"

enum { FEW = 16 }; /* members that are found without an index */

static void
add_member(struct members *w, uint32_t e, uint32_t tag, uint64_t seen[2])
{
	if (e == w->doc->hidden)
		return;
	if (tags_meet(seen, tag))
		w->different = false;
	w->m[w->n++] = (struct member_was){e, MEMBERS_NONE, tag, false};
}

void
members_list(struct arena *a, struct members *w, struct value v)
{
	const struct doc *d = v.doc;
	uint32_t end = d->match[v.n], n = 0;
	uint64_t seen[2] = {0, 0};

	*w = (struct members){.doc = d, .different = true};
	if (d->keys != NULL && d->keys_of == v.n) {
		const struct keys *k = d->keys;

		w->m = arena_array(a, k->n, sizeof(*w->m));
		for (uint32_t i = 0; i < k->n; i++)
			add_member(w, k->entry[i], layout_key_tag(k, i), seen);
		return;
	}
	for (uint32_t e = v.n + 1; e < end; e = doc_after(d, e + 2) + 1)
		n++;
	w->m = arena_array(a, n, sizeof(*w->m));
	for (uint32_t e = v.n + 1; e < end; e = doc_after(d, e + 2) + 1)
		add_member(
		    w, e, key_tag(string_decoded(a, value_source(d, e))), seen);
}

static bool
is_key(struct arena *a, struct members *w, uint32_t i, struct value key)
{
	return key_is(a, w->doc, w->m[i].e, key.text, key.n);
}

/* Its bucket of the index: the first member with that key, or none yet. */
static uint32_t *
index_bucket(
    struct arena *a, struct members *w, struct value key, uint32_t hash)
{
	uint32_t at = hash & w->mask;

	while (w->index[at] != 0) {
		uint32_t i = w->index[at] - 1;

		if (w->m[i].hash == hash && is_key(a, w, i, key))
			break;
		at = (at + 1) & w->mask;
	}
	return &w->index[at];
}

static void
build_index(struct arena *a, struct members *w)
{
	size_t size = 32;

	while (size < (size_t)w->n * 2)
		size *= 2;
	w->index = arena_array(a, size, sizeof(*w->index));
	memset(w->index, 0, size * sizeof(*w->index));
	w->mask = (uint32_t)(size - 1);
	for (uint32_t i = 0; i < w->n; i++) {
		struct value key = string_decoded(a, members_key(w, i));
		uint32_t *bucket;

		w->m[i].hash = (uint32_t)hash_bytes(key.text, key.n);
		bucket = index_bucket(a, w, key, w->m[i].hash);
		if (*bucket != 0)
			w->m[i].twin = w->m[*bucket - 1].twin = true;
		else
			*bucket = i + 1;
	}
}

uint32_t
members_find(struct arena *a, struct members *w, struct value key)
{
	uint32_t hash;

	if (w->n > FEW) {
		if (w->index == NULL)
			build_index(a, w);
		hash = (uint32_t)hash_bytes(key.text, key.n);
		return *index_bucket(a, w, key, hash) - 1;
	}
	hash = key_tag(key);
	for (uint32_t i = 0; i < w->n; i++)
		if (w->m[i].hash == hash && is_key(a, w, i, key))
			return i;
	return MEMBERS_NONE;
}

bool
members_twin(struct arena *a, struct members *w, uint32_t i)
{
	struct value key;

	if (w->different)
		return false;
	if (w->n > FEW) {
		if (w->index == NULL)
			build_index(a, w);
		return w->m[i].twin;
	}
	key = string_decoded(a, members_key(w, i));
	for (uint32_t j = 0; j < w->n; j++)
		if (j != i && is_key(a, w, j, key))
			return true;
	return false;
}
