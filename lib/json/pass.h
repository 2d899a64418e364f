/*
 * pass - the first pass over a chunk, as every kernel runs it.
 *
 * A kernel's file defines these, includes this, and so has a chunks()
 * compiled for its processor:
 *
 *	classify	which bytes of a chunk are what
 *	prefix_xor	each bit becomes the sum of all bits up to it
 *	list		make entries of a bitmap
 *	well_formed	is a chunk UTF-8, but for a sequence that its end cuts
 *			off?  Three bytes before it can be read.  It may say
 *			no for want of a fast way.
 */
#include "base/utf8.h"
#include "json/kernel.h"

/*
 * A newline ends its line even inside a string, which is then torn: act as
 * if it closed the string, so that the next line starts afresh.
 */
static inline uint64_t
inside_lines(uint64_t quote, uint64_t carry, uint64_t newline)
{
	uint64_t inside = prefix_xor(quote) ^ carry;
	uint64_t torn;

	while (__builtin_expect((torn = newline & inside) != 0, 0)) {
		quote ^= torn & -torn;
		inside = prefix_xor(quote) ^ carry;
	}
	return inside;
}

/* Bytes at a chunk's end that begin a sequence and don't end it. */
static inline size_t
cut_off(const unsigned char *end)
{
	if (end[-1] >= 0xC0)
		return 1;
	if (end[-2] >= 0xE0)
		return 2;
	return end[-3] >= 0xF0 ? 3 : 0;
}

/* The bytes of a chunk that aren't UTF-8, as a bitmap. */
static inline uint64_t
ill_formed(struct pass *pass, const char *p, size_t offset, uint64_t high)
{
	const unsigned char *end = (const unsigned char *)p + CHUNK;
	/* Continuations of what was wrong before the chunk are wrong too. */
	bool stray = (p[pass->owed] & 0xC0) == 0x80;
	size_t begun, whole;

	if (stray || offset == 0 || p != pass->text + offset || !well_formed(p))
		return scan_utf8(pass, offset, high);
	begun = cut_off(end);
	whole = utf8_valid(end - begun, pass->len - offset - CHUNK + begun);
	if (begun != 0 && whole == 0)
		return scan_utf8(pass, offset, high);
	pass->owed = begun != 0 ? (unsigned)(whole - begun) : 0;
	return 0;
}

/* List the entries of the chunk at p, which is at that offset of the text. */
static inline void
chunk(struct pass *pass, const char *p, size_t offset)
{
	struct bits b;
	uint64_t bad = 0, escaped = 0, newline, inside, scalar, start;

	classify(p, &b);
	if ((b.backslash | pass->escaped) != 0)
		bad = scan_escapes(pass, offset, b.backslash, &escaped);
	b.quote &= ~escaped;
	newline = pass->lines ? b.newline : 0;
	/* From the opening quote up to, not including, the closing one. */
	inside = inside_lines(b.quote, pass->inside, newline);
	pass->inside = (uint64_t)((int64_t)inside >> 63);
	bad = (bad | b.control) & inside;
	if (b.high != 0)
		bad |= ill_formed(pass, p, offset, b.high);
	pass->spaced |= (b.space ^ newline) & ~inside;
	scalar = ~(b.op | b.space | b.quote);
	start = scalar & ~(scalar << 1 | pass->scalar);
	pass->scalar = scalar >> 63;
	list(pass, offset,
	    ((b.op | start) & ~inside) | (b.quote & inside) | newline | bad);
}

/* The first pass over n chunks, which stand from offset on. */
static void
chunks(struct pass *pass, const char *p, size_t offset, size_t n)
{
	for (; n > 0; n--, p += CHUNK, offset += CHUNK)
		chunk(pass, p, offset);
}
