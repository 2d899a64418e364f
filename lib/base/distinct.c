#include <stdlib.h>

#include "base/distinct.h"

enum { FIRST = 64 };

static bool
insert(uint64_t *slot, size_t mask, uint64_t hash)
{
	size_t i = hash & mask;

	while (slot[i] != 0 && slot[i] != hash)
		i = (i + 1) & mask;
	if (slot[i] == hash)
		return false;
	slot[i] = hash;
	return true;
}

/* Make room, so that at most half of it is taken. */
static bool
grow(struct distinct *d)
{
	size_t slots = d->slot == NULL ? FIRST : (d->mask + 1) * 2;
	uint64_t *slot;

	if (d->slot != NULL && d->n * 2 <= d->mask)
		return true;
	slot = calloc(slots, sizeof(*slot));
	if (slot == NULL)
		return false;
	for (size_t i = 0; d->slot != NULL && i <= d->mask; i++)
		if (d->slot[i] != 0)
			insert(slot, slots - 1, d->slot[i]);
	free(d->slot);
	d->slot = slot;
	d->mask = slots - 1;
	return true;
}

bool
distinct_add(struct distinct *d, uint64_t hash)
{
	hash += hash == 0;
	if (!grow(d))
		return false;
	if (d->n == DISTINCT_MOST) {
		size_t i = hash & d->mask;

		while (d->slot[i] != 0 && d->slot[i] != hash)
			i = (i + 1) & d->mask;
		d->more |= d->slot[i] == 0;
		return true;
	}
	d->n += insert(d->slot, d->mask, hash);
	return true;
}

void
distinct_release(struct distinct *d)
{
	free(d->slot);
	*d = (struct distinct){.n = 0};
}
