#include "json/kernel.h"

#if defined(__x86_64__)
#include "json/utf8_tables.h"
#include "base/x86.h"

TARGET_BEGIN("sse4.2,pclmul,popcnt")

#include "json/x86_bits.h"
#include "json/list.h"

enum { PARTS = CHUNK / 16 };

/* See kernel_avx2.c for the tables. */
static inline __m128i
spaces(void)
{
	return _mm_setr_epi8(
	    ' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', '\n', 0, 0, '\r', 0, 0);
}

static inline __m128i
operators(void)
{
	return _mm_setr_epi8(
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0);
}

static inline uint64_t
mask(__m128i v, unsigned part)
{
	return (uint64_t)(uint32_t)_mm_movemask_epi8(v) << 16 * part;
}

static inline __m128i
equal(__m128i v, char c)
{
	return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}

static inline __m128i
in_table(__m128i v, __m128i table, char with)
{
	return _mm_cmpeq_epi8(
	    _mm_shuffle_epi8(table, v), _mm_or_si128(v, _mm_set1_epi8(with)));
}

static inline void
classify(const char *p, struct bits *b)
{
	__m128i last = _mm_set1_epi8(0x1F);

	*b = (struct bits){0};
	for (unsigned i = 0; i < PARTS; i++) {
		__m128i v = _mm_loadu_si128((const void *)(p + 16 * i));

		b->quote |= mask(equal(v, '"'), i);
		b->backslash |= mask(equal(v, '\\'), i);
		b->newline |= mask(equal(v, '\n'), i);
		b->space |= mask(in_table(v, spaces(), 0), i);
		b->control |= mask(_mm_cmpeq_epi8(_mm_min_epu8(v, last), v), i);
		b->op |= mask(in_table(v, operators(), 0x20), i);
		b->high |= mask(v, i);
	}
	b->op &= ~b->control;
}

static inline __m128i
table(const uint8_t t[16])
{
	return _mm_loadu_si128((const void *)t);
}

/* The mistakes at 16 bytes; see utf8_tables.h. */
static inline __m128i
mistakes(const char *p)
{
	__m128i half = _mm_set1_epi8(0x0F);
	__m128i now = _mm_loadu_si128((const void *)p);
	__m128i first = _mm_loadu_si128((const void *)(p - 1));
	__m128i third = _mm_subs_epu8(
	    _mm_loadu_si128((const void *)(p - 2)), _mm_set1_epi8(0xE0 - 0x80));
	__m128i fourth = _mm_subs_epu8(
	    _mm_loadu_si128((const void *)(p - 3)), _mm_set1_epi8(0xF0 - 0x80));
	__m128i high = _mm_shuffle_epi8(table(utf8_first_high),
	    _mm_and_si128(_mm_srli_epi16(first, 4), half));
	__m128i low =
	    _mm_shuffle_epi8(table(utf8_first_low), _mm_and_si128(first, half));
	__m128i next = _mm_shuffle_epi8(table(utf8_second_high),
	    _mm_and_si128(_mm_srli_epi16(now, 4), half));
	__m128i longer = _mm_and_si128(
	    _mm_or_si128(third, fourth), _mm_set1_epi8((char)0x80));

	return _mm_xor_si128(
	    _mm_and_si128(_mm_and_si128(high, low), next), longer);
}

static inline bool
well_formed(const char *p)
{
	__m128i all = _mm_or_si128(_mm_or_si128(mistakes(p), mistakes(p + 16)),
	    _mm_or_si128(mistakes(p + 32), mistakes(p + 48)));

	return _mm_testz_si128(all, all);
}

#include "json/pass.h"

TARGET_END

static bool
runs(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("sse4.2") &&
	    __builtin_cpu_supports("pclmul") &&
	    __builtin_cpu_supports("popcnt");
}

const struct scan_kernel scan_kernel_sse4 = {"sse4", runs, chunks};
#endif
