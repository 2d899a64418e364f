/*
 * mac - digests that nobody can forge: libsodium, seen by this module alone.
 */
#ifndef BASE_MAC_H
#define BASE_MAC_H

#include <stddef.h>

enum { MAC_SHA256 = 32 }; /* bytes */

/* SHA-256 (FIPS 180-4) of len bytes of text. */
void mac_sha256(unsigned char out[MAC_SHA256], const char *text, size_t len);

/* The first digits / 2 bytes of it, as hexadecimal digits; no NUL behind. */
void mac_sha256_hex(char *out, size_t digits, const char *text, size_t len);

#endif
