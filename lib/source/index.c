#include "source/index.h"

#include <stdlib.h>

/* Where a hash belongs: its upper half, spread over the slots. */
static size_t
home(const struct index *x, uint64_t hash)
{
	return (size_t)(((hash >> 32) * (uint64_t)x->size) >> 32);
}

static size_t
after(const struct index *x, size_t i)
{
	return i + 1 == x->size ? 0 : i + 1;
}

/* A row's key was there before: which one counts? */
static void
repeat(struct index *x, struct index_slot *slot, uint32_t row,
    enum source_repeated repeated)
{
	x->repeated++;
	if (x->next != NULL) {
		x->next[row] = x->next[slot->row - 1];
		x->next[slot->row - 1] = row;
		slot->row = row + 1;
	} else if (repeated == SOURCE_LAST) {
		slot->row = row + 1;
	}
}

static bool
put(struct index *x, uint64_t hash, uint32_t row, enum source_repeated repeated,
    index_alike *alike, void *arg)
{
	size_t i = home(x, hash);
	uint32_t tag = (uint32_t)hash;

	for (; x->slots[i].row != 0; i = after(x, i)) {
		struct index_slot *slot = &x->slots[i];

		if (slot->tag != tag || !alike(arg, slot->row - 1, row))
			continue;
		x->twice = row;
		repeat(x, slot, row, repeated);
		return repeated != SOURCE_REFUSE;
	}
	x->slots[i] = (struct index_slot){tag, row + 1};
	if (x->next != NULL)
		x->next[row] = row;
	return true;
}

bool
index_build(struct index *x, const uint64_t *hash, size_t n, bool all,
    enum source_repeated repeated, index_alike *alike, void *arg)
{
	*x = (struct index){.size = n + n / 2 + 16, .twice = INDEX_NONE};
	x->slots = calloc(x->size, sizeof(*x->slots));
	if (all)
		x->next = calloc(n + 1, sizeof(*x->next));
	if (x->slots == NULL || (all && x->next == NULL))
		return false;
	for (size_t i = 0; i < n; i++)
		if (hash[i] != 0 &&
		    !put(x, hash[i], (uint32_t)i, repeated, alike, arg))
			return false;
	x->twice = INDEX_NONE;
	return true;
}

void
index_release(struct index *x)
{
	free(x->slots);
	free(x->next);
	*x = (struct index){0};
}

uint32_t
index_find(const struct index *x, uint64_t hash, index_same *same, void *arg)
{
	uint32_t tag = (uint32_t)hash;

	for (size_t i = home(x, hash); x->slots[i].row != 0; i = after(x, i))
		if (x->slots[i].tag == tag && same(arg, x->slots[i].row - 1))
			return x->slots[i].row - 1;
	return INDEX_NONE;
}
