#include <stdlib.h>
#include <string.h>

#include "record/seal_key.h"

struct seal_keys *
seal_keys_new(void)
{
	struct seal_keys *keys = calloc(1, sizeof(*keys));

	if (keys != NULL)
		mac_lock(keys, sizeof(*keys));
	return keys;
}

void
seal_keys_free(struct seal_keys *keys)
{
	if (keys == NULL)
		return;
	mac_unlock(keys, sizeof(*keys));
	free(keys);
}

bool
seal_keys_add(struct seal_keys *keys, const char kid[SEAL_KID],
    const unsigned char secret[MAC_KEY])
{
	struct seal_key *k;

	if (keys->n == SEAL_KEYS)
		return false;
	k = &keys->key[keys->n++];
	memcpy(k->kid, kid, SEAL_KID);
	mac_derive(k->event, secret, "ms-event");
	mac_derive(k->chain, secret, "ms-chain");
	mac_derive(k->part, secret, "ms-parts");
	return true;
}

const struct seal_key *
seal_keys_find(const struct seal_keys *keys, const char kid[SEAL_KID])
{
	for (size_t i = 0; i < keys->n; i++)
		if (memcmp(keys->key[i].kid, kid, SEAL_KID) == 0)
			return &keys->key[i];
	return NULL;
}
