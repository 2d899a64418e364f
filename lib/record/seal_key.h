/*
 * seal_key - the keys that records are sealed with, and that seals are
 * checked with.
 *
 * Of each secret three keys are derived, one for each purpose, so that no
 * digest of one kind can pass for one of another.
 */
#ifndef RECORD_SEAL_KEY_H
#define RECORD_SEAL_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mac.h"

enum {
	SEAL_KEYS = 16, /* that may be given */
	SEAL_KID = 8,   /* characters of a key's id */
	SEAL_TAG = 16,  /* bytes of a digest */
	SEAL_TEXT = 22, /* the same as base64url */
};

struct seal_key {
	char kid[SEAL_KID];
	unsigned char event[MAC_KEY]; /* for states of events */
	unsigned char chain[MAC_KEY]; /* for links of the chain */
	unsigned char part[MAC_KEY];  /* for what may be forgotten */
};

/* The first one seals, all verify. */
struct seal_keys {
	size_t n;
	struct seal_key key[SEAL_KEYS];
};

/* NULL where memory is missing. */
struct seal_keys *seal_keys_new(void);

/* Wipe and free them; may be NULL. */
void seal_keys_free(struct seal_keys *keys);

/* Add what is derived of a secret; false where there is no room. */
bool seal_keys_add(struct seal_keys *keys, const char kid[SEAL_KID],
    const unsigned char secret[MAC_KEY]);

/* The key of that id, or NULL. */
const struct seal_key *seal_keys_find(
    const struct seal_keys *keys, const char kid[SEAL_KID]);

#endif
