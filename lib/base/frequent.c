#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/frequent.h"

static void
set_text(struct frequent_item *item, const char *text, size_t n)
{
	if (n > FREQUENT_TEXT) {
		n = FREQUENT_TEXT;
		while (n > 0 && (text[n] & 0xC0) == 0x80)
			n--;
	}
	memcpy(item->text, text, n);
	item->len = n;
}

static struct frequent_item *
rarest(struct frequent *f)
{
	struct frequent_item *least = &f->item[0];

	for (size_t i = 1; i < f->n; i++)
		if (f->item[i].count < least->count)
			least = &f->item[i];
	return least;
}

void
frequent_add(struct frequent *f, const char *text, size_t n)
{
	uint64_t hash = hash_bytes(text, n);
	struct frequent_item *item;

	for (size_t i = 0; i < f->n; i++) {
		if (f->item[i].hash != hash)
			continue;
		f->item[i].count++;
		return;
	}
	if (f->n < FREQUENT_ITEMS) {
		item = &f->item[f->n++];
	} else {
		item = rarest(f);
		item->over = item->count;
	}
	item->hash = hash;
	item->count++;
	set_text(item, text, n);
}

static int
compare(const void *x, const void *y)
{
	const struct frequent_item *a = *(const struct frequent_item *const *)x;
	const struct frequent_item *b = *(const struct frequent_item *const *)y;

	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	return a < b ? -1 : a > b; /* as they came */
}

void
frequent_sort(
    const struct frequent *f, const struct frequent_item *order[FREQUENT_ITEMS])
{
	for (size_t i = 0; i < f->n; i++)
		order[i] = &f->item[i];
	qsort(order, f->n, sizeof(*order), compare);
}
