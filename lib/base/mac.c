#include "base/mac.h"

#include <sodium.h>

void
mac_sha256_hex(char *out, size_t digits, const char *text, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char hash[MAC_SHA256];

	crypto_hash_sha256(hash, (const unsigned char *)text, len);
	for (size_t i = 0; i < digits; i++)
		out[i] = hex[hash[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
}
