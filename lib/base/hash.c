#define XXH_INLINE_ALL
#include "base/hash.h"
#include "base/hash_wide.h"

#include <string.h>
#include <sys/auxv.h>
#include <xxhash.h>

enum { SHORT = 240 }; /* bytes that XXH3 takes without wide registers */

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

uint64_t
hash_plain(const char *p, size_t n)
{
#if defined(__x86_64__)
	if (n > SHORT && __builtin_cpu_supports("avx2"))
		return hash_avx2(p, n);
#endif
	return XXH3_64bits(p, n);
}

_Static_assert(sizeof(XXH3_state_t) <= sizeof(struct hash_pieces) &&
	_Alignof(XXH3_state_t) <= _Alignof(struct hash_pieces),
    "a state fits");

void
hash_start(struct hash_pieces *h)
{
	(void)XXH3_64bits_reset((XXH3_state_t *)(void *)h);
}

void
hash_add(struct hash_pieces *h, const char *p, size_t n)
{
	(void)XXH3_64bits_update((XXH3_state_t *)(void *)h, p, n);
}

uint64_t
hash_end(const struct hash_pieces *h)
{
	return XXH3_64bits_digest((const XXH3_state_t *)(const void *)h);
}
