/*
 * x86_bits - bitmaps on x86-64; included behind TARGET_BEGIN.
 */

/* Each bit becomes the sum of all bits up to it. */
static inline uint64_t
prefix_xor(uint64_t x)
{
	__m128i v = _mm_set_epi64x(0, (long long)x);

	return (uint64_t)_mm_cvtsi128_si64(
	    _mm_clmulepi64_si128(v, _mm_set1_epi8(-1), 0));
}
