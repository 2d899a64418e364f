#define XXH_INLINE_ALL
#include "base/hash.h"

#include <sys/random.h>
#include <time.h>
#include <xxhash.h>

/* Written by draw_seed() only. */
static uint64_t seed;

__attribute__((constructor)) static void
draw_seed(void)
{
	struct timespec t;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) == sizeof(seed))
		return;
	/* Early in the boot of a machine: still better than a constant. */
	clock_gettime(CLOCK_REALTIME, &t);
	seed = (uint64_t)t.tv_nsec * 0x9E3779B97F4A7C15 ^ (uint64_t)t.tv_sec;
}

uint64_t
hash_bytes(const char *p, size_t n)
{
	return XXH3_64bits_withSeed(p, n, seed);
}
