#include "json/kernel.h"

#if defined(__x86_64__)
#include "json/utf8_tables.h"
#include "base/x86.h"

TARGET_BEGIN("avx512f,avx512bw,avx512vbmi2,avx2,pclmul,popcnt,bmi,bmi2")

#include "json/x86_bits.h"

/* See kernel_avx2.c for the tables. */
static inline __m512i
spaces(void)
{
	return _mm512_broadcast_i32x4(_mm_setr_epi8(
	    ' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', '\n', 0, 0, '\r', 0, 0));
}

static inline __m512i
operators(void)
{
	return _mm512_broadcast_i32x4(_mm_setr_epi8(
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0));
}

static inline void
classify(const char *p, struct bits *b)
{
	__m512i v = _mm512_loadu_si512(p);
	__m512i low = _mm512_or_si512(v, _mm512_set1_epi8(0x20));

	b->quote = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"'));
	b->backslash = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\'));
	b->newline = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n'));
	b->space = _mm512_cmpeq_epi8_mask(v, _mm512_shuffle_epi8(spaces(), v));
	b->control = _mm512_cmplt_epu8_mask(v, _mm512_set1_epi8(' '));
	b->op = ~b->control &
	    _mm512_cmpeq_epi8_mask(low, _mm512_shuffle_epi8(operators(), v));
	b->high = _mm512_movepi8_mask(v);
}

static inline __m512i
positions(void)
{
	_Alignas(CHUNK) static const uint8_t p[CHUNK] = {0, 1, 2, 3, 4, 5, 6, 7,
	    8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
	    25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41,
	    42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58,
	    59, 60, 61, 62, 63};

	return _mm512_load_si512(p);
}

/* Sixteen entries from as many positions in the chunk. */
static inline void
put16(uint32_t *out, __m128i at, uint32_t offset)
{
	_mm512_storeu_si512(out,
	    _mm512_add_epi32(
		_mm512_cvtepu8_epi32(at), _mm512_set1_epi32((int)offset)));
}

static inline void
list(struct pass *pass, size_t offset, uint64_t bits)
{
	__m512i at = _mm512_maskz_compress_epi8(bits, positions());
	uint32_t base = (uint32_t)offset;
	uint32_t *out = pass->out;
	size_t n = (size_t)__builtin_popcountll(bits);

	pass->out += n;
	put16(out, _mm512_castsi512_si128(at), base);
	if (__builtin_expect(n <= 16, 1))
		return;
	put16(out + 16, _mm512_extracti32x4_epi32(at, 1), base);
	if (n <= 32)
		return;
	put16(out + 32, _mm512_extracti32x4_epi32(at, 2), base);
	put16(out + 48, _mm512_extracti32x4_epi32(at, 3), base);
}

static inline __m512i
table(const uint8_t t[16])
{
	return _mm512_broadcast_i32x4(_mm_loadu_si128((const void *)t));
}

/* The mistakes at 64 bytes; see utf8_tables.h. */
static inline __m512i
mistakes(const char *p)
{
	__m512i half = _mm512_set1_epi8(0x0F);
	__m512i now = _mm512_loadu_si512(p);
	__m512i first = _mm512_loadu_si512((p - 1));
	__m512i third = _mm512_subs_epu8(
	    _mm512_loadu_si512((p - 2)), _mm512_set1_epi8(0xE0 - 0x80));
	__m512i fourth = _mm512_subs_epu8(
	    _mm512_loadu_si512((p - 3)), _mm512_set1_epi8(0xF0 - 0x80));
	__m512i high = _mm512_shuffle_epi8(table(utf8_first_high),
	    _mm512_and_si512(_mm512_srli_epi16(first, 4), half));
	__m512i low = _mm512_shuffle_epi8(
	    table(utf8_first_low), _mm512_and_si512(first, half));
	__m512i next = _mm512_shuffle_epi8(table(utf8_second_high),
	    _mm512_and_si512(_mm512_srli_epi16(now, 4), half));
	__m512i longer = _mm512_and_si512(
	    _mm512_or_si512(third, fourth), _mm512_set1_epi8((char)0x80));

	return _mm512_xor_si512(
	    _mm512_and_si512(_mm512_and_si512(high, low), next), longer);
}

static inline bool
well_formed(const char *p)
{
	__m512i all = mistakes(p);

	return _mm512_test_epi8_mask(all, all) == 0;
}

#include "json/pass.h"

TARGET_END

static bool
runs(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vbmi2") &&
	    __builtin_cpu_supports("avx2") &&
	    __builtin_cpu_supports("pclmul") &&
	    __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi") &&
	    __builtin_cpu_supports("bmi2");
}

const struct scan_kernel scan_kernel_avx512 = {"avx512", runs, chunks};
#endif
