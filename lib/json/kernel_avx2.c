#include "json/kernel.h"

#if defined(__x86_64__)
#include "json/utf8_tables.h"
#include "base/x86.h"

TARGET_BEGIN("avx2,pclmul,popcnt,bmi,bmi2")

#include "json/x86_bits.h"
#include "json/list.h"

/*
 * White space and operators are what they find at their own low four bits
 * in a table; '[' and ']' look like '{' and '}' once bit 0x20 is set.
 */
static inline __m256i
spaces(void)
{
	return _mm256_broadcastsi128_si256(_mm_setr_epi8(
	    ' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', '\n', 0, 0, '\r', 0, 0));
}

static inline __m256i
operators(void)
{
	return _mm256_broadcastsi128_si256(_mm_setr_epi8(
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0));
}

static inline uint64_t
mask(__m256i low, __m256i high)
{
	return (uint32_t)_mm256_movemask_epi8(low) |
	    (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

static inline uint64_t
equal(__m256i low, __m256i high, char c)
{
	__m256i v = _mm256_set1_epi8(c);

	return mask(_mm256_cmpeq_epi8(low, v), _mm256_cmpeq_epi8(high, v));
}

static inline uint64_t
in_table(__m256i low, __m256i high, __m256i table, char with)
{
	__m256i w = _mm256_set1_epi8(with);
	__m256i a = _mm256_shuffle_epi8(table, low);
	__m256i b = _mm256_shuffle_epi8(table, high);

	return mask(_mm256_cmpeq_epi8(a, _mm256_or_si256(low, w)),
	    _mm256_cmpeq_epi8(b, _mm256_or_si256(high, w)));
}

static inline void
classify(const char *p, struct bits *b)
{
	__m256i low = _mm256_loadu_si256((const void *)p);
	__m256i high = _mm256_loadu_si256((const void *)(p + 32));
	__m256i last = _mm256_set1_epi8(0x1F);

	b->quote = equal(low, high, '"');
	b->backslash = equal(low, high, '\\');
	b->newline = equal(low, high, '\n');
	b->space = in_table(low, high, spaces(), 0);
	b->control = mask(_mm256_cmpeq_epi8(_mm256_min_epu8(low, last), low),
	    _mm256_cmpeq_epi8(_mm256_min_epu8(high, last), high));
	/* Bit 0x20 makes a comma of 0x0C and a colon of 0x1A. */
	b->op = in_table(low, high, operators(), 0x20) & ~b->control;
	b->high = mask(low, high);
}

static inline __m256i
table(const uint8_t t[16])
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)t));
}

/* The mistakes at 32 bytes; see utf8_tables.h. */
static inline __m256i
mistakes(const char *p)
{
	__m256i half = _mm256_set1_epi8(0x0F);
	__m256i now = _mm256_loadu_si256((const void *)p);
	__m256i first = _mm256_loadu_si256((const void *)(p - 1));
	__m256i third =
	    _mm256_subs_epu8(_mm256_loadu_si256((const void *)(p - 2)),
		_mm256_set1_epi8(0xE0 - 0x80));
	__m256i fourth =
	    _mm256_subs_epu8(_mm256_loadu_si256((const void *)(p - 3)),
		_mm256_set1_epi8(0xF0 - 0x80));
	__m256i high = _mm256_shuffle_epi8(table(utf8_first_high),
	    _mm256_and_si256(_mm256_srli_epi16(first, 4), half));
	__m256i low = _mm256_shuffle_epi8(
	    table(utf8_first_low), _mm256_and_si256(first, half));
	__m256i next = _mm256_shuffle_epi8(table(utf8_second_high),
	    _mm256_and_si256(_mm256_srli_epi16(now, 4), half));
	__m256i longer = _mm256_and_si256(
	    _mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));

	return _mm256_xor_si256(
	    _mm256_and_si256(_mm256_and_si256(high, low), next), longer);
}

static inline bool
well_formed(const char *p)
{
	__m256i all = _mm256_or_si256(mistakes(p), mistakes(p + 32));

	return _mm256_testz_si256(all, all);
}

#include "json/pass.h"

TARGET_END

static bool
runs(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx2") &&
	    __builtin_cpu_supports("pclmul") &&
	    __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi") &&
	    __builtin_cpu_supports("bmi2");
}

const struct scan_kernel scan_kernel_avx2 = {"avx2", runs, chunks};
#endif
