/*
 * mac - digests that nobody can forge: libsodium, seen by this module alone.
 */
#ifndef BASE_MAC_H
#define BASE_MAC_H

#include <stddef.h>

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

#endif
