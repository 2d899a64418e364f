#include <sodium.h>

#include "base/mac.h"

_Static_assert(sizeof(crypto_generichash_state) <= sizeof(struct mac),
    "a state of BLAKE2b fits");

static void
put_hex(char *out, size_t digits, const unsigned char *hash)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < digits; i++)
		out[i] = hex[hash[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
}

void
mac_sha256_hex(char *out, size_t digits, const char *text, size_t len)
{
	unsigned char hash[MAC_SHA256];

	crypto_hash_sha256(hash, (const unsigned char *)text, len);
	put_hex(out, digits, hash);
}

void
mac_blake2b_hex(char out[MAC_BLAKE2B_DIGITS], const char *text, size_t len)
{
	unsigned char hash[MAC_BLAKE2B_DIGITS / 2];

	crypto_generichash(
	    hash, sizeof(hash), (const unsigned char *)text, len, NULL, 0);
	put_hex(out, MAC_BLAKE2B_DIGITS, hash);
}

bool
mac_init(void)
{
	return sodium_init() != -1;
}

static crypto_generichash_state *
state_of(struct mac *m)
{
	return (crypto_generichash_state *)m->state;
}

void
mac_start(struct mac *m, const unsigned char *key, size_t n)
{
	crypto_generichash_init(state_of(m), key, key == NULL ? 0 : MAC_KEY, n);
}

void
mac_add(struct mac *m, const void *p, size_t n)
{
	crypto_generichash_update(state_of(m), p, n);
}

void
mac_end(struct mac *m, unsigned char *out, size_t n)
{
	crypto_generichash_final(state_of(m), out, n);
	sodium_memzero(m, sizeof(*m)); /* it holds the key */
}

void
mac_derive(unsigned char out[MAC_KEY], const unsigned char key[MAC_KEY],
    const char purpose[8])
{
	crypto_kdf_derive_from_key(out, MAC_KEY, 1, purpose, key);
}

void
mac_sign_pair(
    unsigned char public[MAC_PUBLIC], unsigned char secret[MAC_SIGN_KEY])
{
	crypto_sign_keypair(public, secret);
}

void
mac_sign(unsigned char out[MAC_SIGNATURE],
    const unsigned char secret[MAC_SIGN_KEY], const void *p, size_t n)
{
	crypto_sign_detached(out, NULL, p, n, secret);
}

bool
mac_sign_good(const unsigned char signature[MAC_SIGNATURE],
    const unsigned char public[MAC_PUBLIC], const void *p, size_t n)
{
	return crypto_sign_verify_detached(signature, p, n, public) == 0;
}

void
mac_sign_public(
    unsigned char public[MAC_PUBLIC], const unsigned char secret[MAC_SIGN_KEY])
{
	crypto_sign_ed25519_sk_to_pk(public, secret);
}

void
mac_random(void *p, size_t n)
{
	randombytes_buf(p, n);
}

bool
mac_equal(const void *x, const void *y, size_t n)
{
	return sodium_memcmp(x, y, n) == 0;
}

void
mac_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}

void
mac_lock(void *p, size_t n)
{
	(void)sodium_mlock(p, n);
}

void
mac_unlock(void *p, size_t n)
{
	(void)sodium_munlock(p, n);
	sodium_memzero(p, n);
}

enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

void
mac_base64(char *out, const unsigned char *p, size_t n)
{
	sodium_bin2base64(out, MAC_BASE64(n) + 1, p, n, VARIANT);
}

bool
mac_base64_read(unsigned char *out, size_t n, const char *text, size_t len)
{
	const char *end = NULL;
	size_t got = 0;

	return sodium_base642bin(
		   out, n, text, len, NULL, &got, &end, VARIANT) == 0 &&
	    got == n && end == text + len;
}
