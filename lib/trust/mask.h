/*
 * mask - what stands in a value's place so that it can still be compared.
 *
 * A mask is the string m:KID:DIGEST.  The digest is a keyed BLAKE2b of 128
 * bits, in base64url, over the type and what the value says: a string's
 * decoded text, a number's exact worth, a container's parts, an object's by
 * their keys in order.  So the same value has the same mask under the same
 * key, however it is spelled, and nobody without the key can try a guess.
 */
#ifndef TRUST_MASK_H
#define TRUST_MASK_H

#include "base/arena.h"
#include "base/buf.h"
#include "trust/key_file.h"
#include "value/value.h"

struct mask_key {
	unsigned char bytes[MAC_KEY]; /* for masks alone */
	char id[KEY_ID + 1];
};

/* Make one from a secret key; mask_key_wipe() when it is done with. */
void mask_key_derive(struct mask_key *m, const struct key *key);
void mask_key_wipe(struct mask_key *m);

/* Append the mask of a value, as JSON. */
void mask_write(
    struct buf *out, struct arena *a, const struct mask_key *m, struct value v);

/* Does a value look like a mask, of whichever key? */
bool mask_is(struct arena *a, struct value v);

#endif
