#include "schema/names.h"

#include <string.h>

#include "base/hash.h"

static struct name_slot *
find_slot(const struct names *n, const char *name)
{
	uint32_t i = (uint32_t)hash_bytes(name, strlen(name)) & (n->cap - 1);

	while (n->slot[i].name != NULL && strcmp(n->slot[i].name, name) != 0)
		i = (i + 1) & (n->cap - 1);
	return &n->slot[i];
}

bool
names_find(const struct names *n, const char *name, uint32_t *number)
{
	const struct name_slot *slot;

	if (n->cap == 0)
		return false;
	slot = find_slot(n, name);
	*number = slot->number;
	return slot->name != NULL;
}

static void
names_grow(struct arena *a, struct names *n)
{
	struct names old = *n;

	n->cap = old.cap == 0 ? 16 : 2 * old.cap;
	n->slot = arena_array(a, n->cap, sizeof(*n->slot));
	memset(n->slot, 0, n->cap * sizeof(*n->slot));
	for (uint32_t i = 0; i < old.cap; i++)
		if (old.slot[i].name != NULL)
			*find_slot(n, old.slot[i].name) = old.slot[i];
}

void
names_add(struct arena *a, struct names *n, const char *name, uint32_t number)
{
	if (2 * n->n >= n->cap)
		names_grow(a, n);
	*find_slot(n, name) = (struct name_slot){name, number};
	n->n++;
}
