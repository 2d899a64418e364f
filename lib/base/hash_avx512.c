#include "base/hash_wide.h"

#if defined(__x86_64__)
#include <string.h>

#include "base/x86.h"

TARGET_BEGIN("avx512f,avx512bw,avx2,bmi,bmi2")

#define XXH_INLINE_ALL
#define XXH_VECTOR 3 /* XXH_AVX512 */
#include <xxhash.h>

uint64_t
hash_avx512(const char *p, size_t n)
{
	return XXH3_64bits(p, n);
}

TARGET_END
#endif
