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

/* The same, eight bytes at a time where the doc goes on so far. */
static bool
spelled_with_escapes(const struct doc *d, struct value key)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t w;

	if (key.n > 8 || d->text + d->len - key.text < 8)
		return has_escapes(key);
	memcpy(&w, key.text, 8);
	w ^= ones * '\\';
	w = (w - ones) & ~w & ones * 0x80;
	/* What it found may stand behind the key. */
	return w != 0 && has_escapes(key);
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

void
keys_index(struct arena *a, struct doc *d, uint32_t e)
{
	uint32_t end = d->match[e], n = 0, at = e + 1;
	/* A member has an entry for its key, colon, value and comma. */
	size_t most = (end - e) / 4 + 1;
	struct doc_key *keys = arena_array(a, most, sizeof(*keys));

	d->keys = NULL;
	for (; at < end; at = doc_after(d, at + 2) + 1) {
		struct value key = key_at(d, at);

		if (spelled_with_escapes(d, key))
			return;
		keys[n].entry = at;
		keys[n++].tag = key_tag(key);
	}
	d->keys = keys;
	d->keys_n = n;
	d->keys_of = e;
}

static bool
spelled(const struct doc *d, uint32_t at, struct value key)
{
	const char *from = d->text + d->at[at] + 1;

	return d->at[at + 1] - d->at[at] >= key.n + 2u && from[key.n] == '"' &&
	    memcmp(from, key.text, key.n) == 0;
}

static struct found_key
find_indexed(const struct doc *d, struct value key)
{
	struct found_key found = {.members = d->keys_n};
	uint32_t tag = key_tag(key);

	for (uint32_t i = 0; i < d->keys_n; i++) {
		uint32_t at = d->keys[i].entry;

		if (d->keys[i].tag != tag || at == d->hidden ||
		    !spelled(d, at, key))
			continue;
		found.entry = at;
		found.times++;
	}
	return found;
}

struct found_key
keys_find(struct arena *a, const struct doc *d, uint32_t e, struct value key)
{
	struct found_key found = {0};
	bool plain = !has_escapes(key);
	uint32_t end = d->match[e], at = e + 1;

	if (d->keys != NULL && d->keys_of == e)
		return plain ? find_indexed(d, key)
			     : (struct found_key){.members = d->keys_n};
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
