#include <string.h>

#include "value/keys.h"
#include "value/string.h"

uint32_t
key_tag(struct value key)
{
	const unsigned char *p = (const unsigned char *)key.text;
	uint32_t first, last;

	if (key.n >= 4) {
		memcpy(&first, p, 4);
		memcpy(&last, p + key.n - 4, 4);
	} else if (key.n > 0) {
		first = p[0];
		last = (uint32_t)p[key.n / 2] << 8 | p[key.n - 1];
	} else {
		first = last = 0;
	}
	return (first * 0x9E3779B1u ^ last * 0x85EBCA6Bu) + key.n;
}

/* Keys are short: a look at every byte costs less than a call. */
static bool
has_escapes(struct value key)
{
	for (uint32_t i = 0; i < key.n; i++)
		if (key.text[i] == '\\')
			return true;
	return false;
}

/* memcmp() of a few bytes, without the call. */
static inline bool
same_bytes(const char *p, const char *q, size_t n)
{
	uint64_t x, y, u, v;
	uint32_t s, t, m, w;

	if (n > 16)
		return memcmp(p, q, n) == 0;
	if (n >= 8) {
		memcpy(&x, p, 8);
		memcpy(&y, q, 8);
		memcpy(&u, p + n - 8, 8);
		memcpy(&v, q + n - 8, 8);
		return ((x ^ y) | (u ^ v)) == 0;
	}
	if (n >= 4) {
		memcpy(&s, p, 4);
		memcpy(&t, q, 4);
		memcpy(&m, p + n - 4, 4);
		memcpy(&w, q + n - 4, 4);
		return ((s ^ t) | (m ^ w)) == 0;
	}
	for (size_t i = 0; i < n; i++)
		if (p[i] != q[i])
			return false;
	return true;
}

/* Has the object at entry e the keys of that layout?  Finds their entries. */
static bool
follow(struct keys *k, const struct layout *l, const struct doc *d, uint32_t e)
{
	uint32_t end = d->match[e], at = e + 1;

	for (uint32_t i = 0; i < l->n; i++) {
		if (at >= end ||
		    !same_bytes(d->text + d->at[at] + 1, l->text + l->at[i],
			l->size[i]))
			return false;
		k->entry[i] = at;
		at = doc_after(d, at + 2) + 1;
	}
	return at >= end;
}

/* The key at entry e, between its quotes. */
static struct value
key_at(const struct doc *d, uint32_t e)
{
	const char *from = d->text + d->at[e] + 1;
	const char *end = d->text + d->at[e + 1] - 1;

	while (*end != '"')
		end--;
	return value_text(from, (size_t)(end - from));
}

static void
add_place(struct layout *l, uint32_t tag, uint32_t i)
{
	uint8_t at = (uint8_t)tag;

	while (l->place[at] != 0)
		at++;
	l->place[at] = (uint8_t)(i + 1);
}

/* The layout of an object without members. */
static void
forget(struct layout *l)
{
	l->n = 0;
	l->different = true;
	memset(l->place, 0, sizeof(l->place));
}

/* Make it the layout of the object at entry e; false where it can't be. */
static bool
learn(struct layout *l, const struct doc *d, uint32_t e)
{
	uint32_t end = d->match[e], n = 0, at = e + 1;
	uint64_t seen[2] = {0, 0};
	size_t used = 0;

	forget(l);
	for (; at < end; at = doc_after(d, at + 2) + 1) {
		struct value key = key_at(d, at);

		if (n == KEYS_MOST || key.n >= KEYS_TEXT - used ||
		    has_escapes(key)) {
			forget(l);
			return false;
		}
		memcpy(l->text + used, key.text, key.n + 1);
		l->at[n] = (uint16_t)used;
		l->size[n] = (uint16_t)(key.n + 1);
		used += key.n + 1;
		l->tag[n] = key_tag(key);
		if (tags_meet(seen, l->tag[n]))
			l->different = false;
		add_place(l, l->tag[n], n);
		n++;
	}
	l->n = n;
	return true;
}

void
keys_index(struct keys *k, struct doc *d, uint32_t e)
{
	uint32_t entries = d->match[e] - e, n = 0;
	struct layout *l = &k->known[entries / 2 % KEYS_LAYOUTS];

	d->keys = NULL;
	if (!follow(k, l, d, e)) {
		if (!learn(l, d, e))
			return;
		for (uint32_t at = e + 1; at < d->match[e];
		     at = doc_after(d, at + 2) + 1)
			k->entry[n++] = at;
	}
	k->layout = l;
	d->keys = k;
	d->keys_of = e;
}

static bool
spelled(const struct doc *d, uint32_t at, struct value key)
{
	const char *from = d->text + d->at[at] + 1;

	return d->at[at + 1] - d->at[at] >= key.n + 2u && from[key.n] == '"' &&
	    memcmp(from, key.text, key.n) == 0;
}

static bool
is_key(const struct layout *l, uint32_t i, struct value key)
{
	return l->size[i] == key.n + 1 &&
	    same_bytes(key.text, l->text + l->at[i], key.n);
}

static struct found_key
find_indexed(const struct doc *d, struct value key)
{
	const struct keys *k = d->keys;
	const struct layout *l = k->layout;
	struct found_key found = {.members = l->n};
	uint32_t tag = key_tag(key);

	for (uint8_t at = (uint8_t)tag; l->place[at] != 0; at++) {
		uint32_t i = l->place[at] - 1u;

		if (l->tag[i] != tag || k->entry[i] == d->hidden ||
		    !is_key(l, i, key))
			continue;
		found.entry = k->entry[i]; /* the last one comes last */
		found.times++;
		if (l->different)
			break;
	}
	return found;
}

struct found_key
keys_find(struct arena *a, const struct doc *d, uint32_t e, struct value key)
{
	struct found_key found = {0};
	uint32_t end = d->match[e], at = e + 1;
	bool plain;

	if (d->keys != NULL && d->keys_of == e)
		return find_indexed(d, key);
	plain = !has_escapes(key);
	for (; at < end; at = doc_after(d, at + 2) + 1) {
		found.members++;
		/* An escape is longer than what it stands for. */
		if (d->at[at + 1] - d->at[at] < key.n + 2u || at == d->hidden)
			continue;
		if (!(plain && spelled(d, at, key)) &&
		    (!has_escapes(value_source(d, at)) ||
			!string_equal(a, value_source(d, at), key)))
			continue;
		found.entry = at;
		found.times++;
	}
	return found;
}
