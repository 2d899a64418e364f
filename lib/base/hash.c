#define XXH_INLINE_ALL
#include "base/hash.h"

#include <string.h>
#include <sys/auxv.h>
#include <xxhash.h>

/* The kernel hands every process 16 random bytes: the seed needs no state. */
uint64_t
hash_seed(void)
{
	unsigned long random = getauxval(AT_RANDOM);
	uint64_t seed = 0;

	if (random != 0)
		memcpy(&seed, (const void *)(uintptr_t)random, sizeof(seed));
	return seed;
}

uint64_t
hash_seeded(uint64_t seed, const char *p, size_t n)
{
	return XXH3_64bits_withSeed(p, n, seed);
}

uint64_t
hash_bytes(const char *p, size_t n)
{
	return hash_seeded(hash_seed(), p, n);
}

struct hash_digest
hash_digest(const char *p, size_t n)
{
	XXH128_hash_t h = XXH3_128bits(p, n);

	return (struct hash_digest){h.low64, h.high64};
}
