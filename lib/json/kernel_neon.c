#include "json/kernel.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#include "json/list.h"
#include "json/utf8_tables.h"

enum { PARTS = CHUNK / 16 };

static inline uint64_t
prefix_xor(uint64_t x)
{
	for (unsigned shift = 1; shift < 64; shift *= 2)
		x ^= x << shift;
	return x;
}

/* The bitmap of 64 bytes that are all ones or zero. */
static inline uint64_t
mask(const uint8x16_t v[PARTS])
{
	const uint8x16_t bit = {
	    1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
	uint8x16_t a = vpaddq_u8(vandq_u8(v[0], bit), vandq_u8(v[1], bit));
	uint8x16_t b = vpaddq_u8(vandq_u8(v[2], bit), vandq_u8(v[3], bit));

	a = vpaddq_u8(a, b);
	a = vpaddq_u8(a, a);
	return vgetq_lane_u64(vreinterpretq_u64_u8(a), 0);
}

static inline uint64_t
equal(const uint8x16_t v[PARTS], uint8_t c)
{
	uint8x16_t is[PARTS];

	for (unsigned i = 0; i < PARTS; i++)
		is[i] = vceqq_u8(v[i], vdupq_n_u8(c));
	return mask(is);
}

/* Braces and brackets look the same once bit 0x20 is set. */
static inline uint8x16_t
is_op(uint8x16_t v)
{
	uint8x16_t low = vorrq_u8(v, vdupq_n_u8(0x20));
	uint8x16_t bracket = vorrq_u8(
	    vceqq_u8(low, vdupq_n_u8('{')), vceqq_u8(low, vdupq_n_u8('}')));

	return vorrq_u8(bracket,
	    vorrq_u8(
		vceqq_u8(v, vdupq_n_u8(':')), vceqq_u8(v, vdupq_n_u8(','))));
}

static inline uint8x16_t
is_space(uint8x16_t v)
{
	return vorrq_u8(vorrq_u8(vceqq_u8(v, vdupq_n_u8(' ')),
			    vceqq_u8(v, vdupq_n_u8('\t'))),
	    vorrq_u8(
		vceqq_u8(v, vdupq_n_u8('\n')), vceqq_u8(v, vdupq_n_u8('\r'))));
}

static inline void
classify(const char *p, struct bits *b)
{
	uint8x16_t v[PARTS], op[PARTS], space[PARTS], control[PARTS],
	    high[PARTS];

	for (unsigned i = 0; i < PARTS; i++) {
		v[i] = vld1q_u8((const uint8_t *)p + 16 * i);
		op[i] = is_op(v[i]);
		space[i] = is_space(v[i]);
		control[i] = vcltq_u8(v[i], vdupq_n_u8(' '));
		high[i] = vcgeq_u8(v[i], vdupq_n_u8(0x80));
	}
	b->quote = equal(v, '"');
	b->backslash = equal(v, '\\');
	b->newline = equal(v, '\n');
	b->op = mask(op);
	b->space = mask(space);
	b->control = mask(control);
	b->high = mask(high);
}

/* The mistakes at 16 bytes; see utf8_tables.h. */
static inline uint8x16_t
mistakes(const uint8_t *p)
{
	uint8x16_t now = vld1q_u8(p), first = vld1q_u8(p - 1);
	uint8x16_t third = vcgeq_u8(vld1q_u8(p - 2), vdupq_n_u8(0xE0));
	uint8x16_t fourth = vcgeq_u8(vld1q_u8(p - 3), vdupq_n_u8(0xF0));
	uint8x16_t high =
	    vqtbl1q_u8(vld1q_u8(utf8_first_high), vshrq_n_u8(first, 4));
	uint8x16_t low = vqtbl1q_u8(
	    vld1q_u8(utf8_first_low), vandq_u8(first, vdupq_n_u8(0x0F)));
	uint8x16_t next =
	    vqtbl1q_u8(vld1q_u8(utf8_second_high), vshrq_n_u8(now, 4));
	uint8x16_t longer = vandq_u8(vorrq_u8(third, fourth), vdupq_n_u8(0x80));

	return veorq_u8(vandq_u8(vandq_u8(high, low), next), longer);
}

static inline bool
well_formed(const char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	uint8x16_t all = vorrq_u8(vorrq_u8(mistakes(p), mistakes(p + 16)),
	    vorrq_u8(mistakes(p + 32), mistakes(p + 48)));

	return vmaxvq_u8(all) == 0;
}

#include "json/pass.h"

static bool
runs(void)
{
	return true; /* every aarch64 has it */
}

const struct scan_kernel scan_kernel_neon = {"neon", runs, chunks};
#endif
