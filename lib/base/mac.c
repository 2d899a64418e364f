#include "base/mac.h"

#include <sodium.h>

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
