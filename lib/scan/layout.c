#include "scan/layout.h"

/* Has the object at entry e these keys?  Finds their entries. */
static bool
follow(struct keys *k, const struct layout *l, const struct doc *d, uint32_t e)
{
	uint32_t end = d->match[e], at = e + 1;

	for (uint32_t i = 0; i < l->n; i++) {
		size_t size = l->size[i] - 1u; /* the colon may stand apart */

		if (at >= end || d->at[at + 1] - d->at[at] < size ||
		    !layout_same(d->text + d->at[at], l->text + l->at[i], size))
			return false;
		k->entry[i] = at;
		at = doc_after(d, at + 2) + 1;
	}
	return at >= end;
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
	l->different = l->compact = true;
	memset(l->place, 0, sizeof(l->place));
}

/* The length of the key at entry e with its quotes; 0 where it has escapes. */
static size_t
quoted_length(const struct doc *d, uint32_t e)
{
	const char *from = d->text + d->at[e];
	const char *end = d->text + d->at[e + 1];

	while (end[-1] != '"')
		end--;
	for (const char *p = from; p < end; p++)
		if (*p == '\\')
			return 0;
	return (size_t)(end - from);
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
		const char *key = d->text + d->at[at];
		size_t size = quoted_length(d, at);

		if (n == LAYOUT_MOST || size == 0 ||
		    size >= LAYOUT_TEXT - used) {
			forget(l);
			return false;
		}
		memcpy(l->text + used, key, size);
		l->text[used + size] = ':';
		l->at[n] = (uint16_t)used;
		l->size[n] = (uint16_t)(size + 1);
		used += size + 1;
		l->tag[n] = layout_tag(key + 1, size - 2);
		if (tags_meet(seen, l->tag[n]))
			l->different = false;
		if (size + 1 > SCAN_PADDING)
			l->compact = false;
		add_place(l, l->tag[n], n);
		n++;
	}
	l->n = n;
	return true;
}

void
layout_index(struct keys *k, struct doc *d, uint32_t e)
{
	uint32_t entries = d->match[e] - e, n = 0;
	struct layout *l = &k->known[entries / 2 % LAYOUTS];

	d->keys = NULL;
	if (!follow(k, l, d, e)) {
		if (k->layout == l)
			k->layout = NULL; /* it won't be what it was */
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
