#include "base/hash_wide.h"

#if defined(__x86_64__)
#include <string.h>

#include "base/x86.h"

TARGET_BEGIN("avx2,bmi,bmi2")

#define XXH_INLINE_ALL
#define XXH_VECTOR 2 /* XXH_AVX2 */
#include <xxhash.h>

uint64_t
hash_avx2(const char *p, size_t n)
{
	return XXH3_64bits(p, n);
}

TARGET_END
#endif
