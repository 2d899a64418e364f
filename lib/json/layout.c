#include "json/layout.h"

/* The length of the key at entry e with its quotes; 0 where it has escapes. */
static size_t
quoted_length(const struct doc *d, uint32_t e)
{
	const char *from = d->text + d->at[e];
	const char *end = d->text + d->at[e + 1];

	while (end[-1] != '"')
		end--;
	return layout_has_escapes(from, (size_t)(end - from))
	    ? 0
	    : (size_t)(end - from);
}

/* List the keys of the object at entry e; false where that can't be done. */
static bool
list(struct keys *k, const struct doc *d, uint32_t e, uint32_t *print)
{
	uint32_t end = d->match[e], n = 0, at = e + 1;
	uint64_t seen[2] = {0, 0};

	*print = 1;
	k->different = true;
	for (; at < end; at = doc_after(d, at + 2) + 1) {
		size_t size = quoted_length(d, at);
		uint32_t tag;

		if (n == LAYOUT_MOST || size == 0)
			return false;
		tag = layout_tag(d->text + d->at[at] + 1, size - 2);
		if (tags_meet(seen, tag))
			k->different = false;
		*print = (*print ^ tag) * 0x9E3779B1u;
		k->entry[n] = at;
		k->tag[n++] = tag;
	}
	*print ^= *print >> 16;
	k->n = n;
	return true;
}

static void
add_number(struct layout *l, uint32_t tag, uint32_t i)
{
	uint8_t at = (uint8_t)tag;

	while (l->numbers[at] != 0)
		at++;
	l->numbers[at] = (uint8_t)(i + 1);
}

/* Make it the layout of the keys that were listed; false without room. */
static bool
learn(struct layout *l, const struct keys *k, const struct doc *d)
{
	size_t used = 0;

	l->n = 0;
	l->next = NULL;
	l->different = k->different;
	l->compact = true;
	memset(l->numbers, 0, sizeof(l->numbers));
	for (uint32_t i = 0; i < k->n; i++) {
		size_t size = quoted_length(d, k->entry[i]);

		if (size >= LAYOUT_TEXT - used)
			return false;
		memcpy(l->text + used, d->text + d->at[k->entry[i]], size);
		l->text[used + size] = ':';
		l->at[i] = (uint16_t)used;
		l->size[i] = (uint16_t)(size + 1);
		used += size + 1;
		l->tag[i] = k->tag[i];
		if (size + 1 > SCAN_PADDING)
			l->compact = false;
		add_number(l, l->tag[i], i);
	}
	l->n = k->n;
	return true;
}

/* The object had that layout: what is tried next came behind it last time. */
static void
follow(struct keys *k, struct layout *l)
{
	if (k->last != NULL)
		k->last->next = l;
	k->last = l;
	k->guess = l->next != NULL ? l->next : l;
}

void
layout_index(struct keys *k, struct doc *d, uint32_t e)
{
	struct layout *l;
	uint32_t print, slot;

	d->keys = NULL;
	k->layout = NULL;
	if (!list(k, d, e, &print))
		return;
	d->keys = k;
	d->keys_of = e;
	slot = print % LAYOUTS;
	l = &k->known[slot];
	/* A guess is only that: the next walk compares. */
	if (l->print == print && l->n == k->n && k->n > 0) {
		follow(k, l);
	} else if (k->missed[slot] != print) {
		k->missed[slot] = print;
	} else if (k->n > 0) {
		k->learned++;
		if (!learn(l, k, d))
			return;
		l->print = print;
		follow(k, l);
	}
}

void
layout_guessed(struct keys *k, struct doc *d, uint32_t e)
{
	k->layout = k->guess;
	k->n = k->layout->n;
	k->different = k->layout->different;
	d->keys = k;
	d->keys_of = e;
	follow(k, k->guess);
}
