/*
 * key_file - keys in files.
 *
 * A key file is one line: "mutstream-key", the kind (secret, sign, public),
 * the key's id, and the key in base64url.  The id is a digest of the key, so
 * a damaged file is found; it names the key wherever one is used.
 *
 * A key's memory is kept out of swap and core dumps where the system lets
 * us, and is wiped when it is freed.  Threads may share a key.
 */
#ifndef TRUST_KEY_FILE_H
#define TRUST_KEY_FILE_H

#include <stdbool.h>

#include "base/mac.h"

enum key_kind {
	KEY_SECRET, /* MAC_KEY bytes: for masks and seals */
	KEY_SIGN,   /* MAC_SIGN_KEY bytes: Ed25519, for signing */
	KEY_PUBLIC, /* MAC_PUBLIC bytes: its other half, for all to see */
};

enum {
	KEY_ID = 8,      /* hexadecimal digits of an id */
	KEY_ERROR = 256, /* bytes that a message takes */
};

struct key;

/*
 * Read a key of that kind.  NULL where there is none, and error says why and
 * what to do, without the file's name; others than the owner can read the
 * file of one that is secret: refused.
 */
struct key *key_read(
    const char *path, enum key_kind kind, char error[KEY_ERROR]);

/* Wipe it; may be NULL. */
void key_free(struct key *k);

/* KEY_ID digits and a NUL. */
const char *key_id(const struct key *k);

/* The bytes of the key, as many as its kind has. */
const unsigned char *key_bytes(const struct key *k);

/*
 * Make a secret key in a new file of mode 0600; where sign says so, a pair,
 * whose public half goes to a second new file, path with ".pub".  A file
 * that exists is left alone.  The id goes to id; false, and error as above
 * with the file's name, on failure: then there is no new file.
 */
bool key_make(
    const char *path, bool sign, char id[KEY_ID + 1], char error[KEY_ERROR]);

#endif
