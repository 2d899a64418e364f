/*
 * The kernel for every processor: a table says what each byte is, and eight
 * of its answers at a time are turned into eight bits of each bitmap.
 */
#include "json/kernel.h"

enum {
	QUOTE = 1,
	BACKSLASH = 2,
	OP = 4,
	SPACE = 8,
	NEWLINE = 16,
	CONTROL = 32,
	HIGH = 64,
};

#define X4(x)  x, x, x, x
#define X16(x) X4(x), X4(x), X4(x), X4(x)

static const uint8_t classes[256] = {
    /* 00 */ X4(CONTROL), X4(CONTROL), CONTROL, CONTROL | SPACE,
    CONTROL | SPACE | NEWLINE, CONTROL, CONTROL, CONTROL | SPACE, CONTROL,
    CONTROL,
    /* 10 */ X16(CONTROL),
    /* 20 */ SPACE, 0, QUOTE, 0, X4(0), 0, 0, 0, 0, OP, 0, 0, 0,
    /* 30 */ X4(0), X4(0), 0, 0, OP, 0, X4(0),
    /* 40 */ X16(0),
    /* 50 */ X4(0), X4(0), 0, 0, 0, OP, BACKSLASH, OP, 0, 0,
    /* 60 */ X16(0),
    /* 70 */ X4(0), X4(0), 0, 0, 0, OP, 0, OP, 0, 0,
    /* 80 */ X16(HIGH), X16(HIGH), X16(HIGH), X16(HIGH), X16(HIGH), X16(HIGH),
    X16(HIGH), X16(HIGH)};

/* The lowest bits of eight bytes, as the lowest eight bits. */
static inline uint64_t
gather(uint64_t bytes)
{
	return ((bytes & 0x0101010101010101u) * 0x0102040810204080u) >> 56;
}

static inline void
classify(const char *p, struct bits *b)
{
	const unsigned char *u = (const unsigned char *)p;

	*b = (struct bits){0};
	for (unsigned i = 0; i < CHUNK; i += 8) {
		uint64_t c = 0;

		for (unsigned k = 0; k < 8; k++)
			c |= (uint64_t)classes[u[i + k]] << 8 * k;
		b->quote |= gather(c) << i;
		b->backslash |= gather(c >> 1) << i;
		b->op |= gather(c >> 2) << i;
		b->space |= gather(c >> 3) << i;
		b->newline |= gather(c >> 4) << i;
		b->control |= gather(c >> 5) << i;
		b->high |= gather(c >> 6) << i;
	}
}

static inline uint64_t
prefix_xor(uint64_t x)
{
	for (unsigned shift = 1; shift < 64; shift *= 2)
		x ^= x << shift;
	return x;
}

static inline void
list(struct pass *pass, size_t offset, uint64_t bits)
{
	uint32_t *out = pass->out;

	for (; bits != 0; bits &= bits - 1)
		*out++ = (uint32_t)offset + (uint32_t)__builtin_ctzll(bits);
	pass->out = out;
}

static inline bool
well_formed(const char *p)
{
	(void)p;
	return false;
}

#include "json/pass.h"

static bool
runs(void)
{
	return true;
}

const struct scan_kernel scan_kernel_scalar = {"scalar", runs, chunks};
