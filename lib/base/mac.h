/*
 * mac - digests that nobody can forge: libsodium, seen by this module alone.
 */
#ifndef BASE_MAC_H
#define BASE_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAC_SHA256 = 32 }; /* bytes */

enum { MAC_BLAKE2B_DIGITS = 32 };

/*
 * The first digits / 2 bytes of the SHA-256 (FIPS 180-4) of len bytes of
 * text, as hexadecimal digits; no NUL behind.
 */
void mac_sha256_hex(char *out, size_t digits, const char *text, size_t len);

/* 16 bytes of BLAKE2b (RFC 7693) as hexadecimal digits; no NUL behind. */
void mac_blake2b_hex(
    char out[MAC_BLAKE2B_DIGITS], const char *text, size_t len);

enum {
	MAC_KEY = 32, /* bytes of a secret key */
	MAC_PUBLIC = 32,
	MAC_SIGN_KEY = 64, /* an Ed25519 secret key, its public one inside */
	MAC_SIGNATURE = 64,
};

/* Before any function below; false where the library can't work here. */
bool mac_init(void);

/* A BLAKE2b (RFC 7693) of bytes that come in pieces. */
struct mac {
	_Alignas(64) unsigned char state[384];
};

/* Start one of n bytes, 16 to 64; key is MAC_KEY bytes, or NULL. */
void mac_start(struct mac *m, const unsigned char *key, size_t n);
void mac_add(struct mac *m, const void *p, size_t n);
void mac_end(struct mac *m, unsigned char *out, size_t n);

/* A key for one purpose, which is named by 8 characters, from another. */
void mac_derive(unsigned char out[MAC_KEY], const unsigned char key[MAC_KEY],
    const char purpose[8]);

/* Ed25519 (RFC 8032): make a pair, sign, check. */
void mac_sign_pair(
    unsigned char public[MAC_PUBLIC], unsigned char secret[MAC_SIGN_KEY]);
void mac_sign(unsigned char out[MAC_SIGNATURE],
    const unsigned char secret[MAC_SIGN_KEY], const void *p, size_t n);
bool mac_sign_good(const unsigned char signature[MAC_SIGNATURE],
    const unsigned char public[MAC_PUBLIC], const void *p, size_t n);

/* The public key that stands in a secret one. */
void mac_sign_public(
    unsigned char public[MAC_PUBLIC], const unsigned char secret[MAC_SIGN_KEY]);

/* Random bytes that nobody can guess. */
void mac_random(void *p, size_t n);

/* Are they equal?  It takes as long for any bytes. */
bool mac_equal(const void *x, const void *y, size_t n);

/* Overwrite them, whatever a compiler thinks of it. */
void mac_wipe(void *p, size_t n);

/*
 * Keep memory out of swap and core dumps, as far as the system lets us;
 * unlocking wipes it.
 */
void mac_lock(void *p, size_t n);
void mac_unlock(void *p, size_t n);

/* Characters of n bytes as mac_base64() writes them. */
#define MAC_BASE64(n) (((n)*4 + 2) / 3)

/* As base64url without padding (RFC 4648), and a NUL; in constant time. */
void mac_base64(char *out, const unsigned char *p, size_t n);

/* Exactly n bytes from it; false where text isn't that. */
bool mac_base64_read(
    unsigned char *out, size_t n, const char *text, size_t len);

#endif
