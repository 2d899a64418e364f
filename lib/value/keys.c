#include <string.h>

#include "value/keys.h"
#include "value/string.h"

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
	/* Beside the key there are two quotes and a colon. */
	return l->size[i] == key.n + 3 &&
	    layout_same(key.text, l->text + l->at[i] + 1, key.n);
}

static struct found_key
find_known(const struct doc *d, struct value key)
{
	const struct keys *k = d->keys;
	const struct layout *l = k->layout;
	struct found_key found = {.members = k->n};
	uint32_t tag = key_tag(key);

	for (uint8_t at = (uint8_t)tag; l->numbers[at] != 0; at++) {
		uint32_t i = l->numbers[at] - 1u;

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

static struct found_key
find_listed(const struct doc *d, struct value key)
{
	const struct keys *k = d->keys;
	struct found_key found = {.members = k->n};
	uint32_t tag = key_tag(key);

	for (uint32_t i = 0; i < k->n; i++) {
		uint32_t at = k->entry[i];

		if (k->tag[i] != tag || at == d->hidden || !spelled(d, at, key))
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
	uint32_t end = d->match[e], at = e + 1;
	bool plain;

	if (d->keys != NULL && d->keys_of == e)
		return d->keys->layout != NULL ? find_known(d, key)
					       : find_listed(d, key);
	plain = !layout_has_escapes(key.text, key.n);
	for (; at < end; at = doc_after(d, at + 2) + 1) {
		struct value there;

		found.members++;
		/* An escape is longer than what it stands for. */
		if (d->at[at + 1] - d->at[at] < key.n + 2u || at == d->hidden)
			continue;
		there = value_source(d, at);
		if (!(plain && spelled(d, at, key)) &&
		    (!layout_has_escapes(there.text, there.n) ||
			!string_equal(a, there, key)))
			continue;
		found.entry = at;
		found.times++;
	}
	return found;
}
