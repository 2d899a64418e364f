/*
 * kernel - the first pass of a scan, made for one kind of processor.
 *
 * A kernel takes the text in chunks of 64 bytes and turns each into bitmaps,
 * a bit for a byte.  pass.h makes entries of the bitmaps; it is the same for
 * all kernels, which therefore list the same entries.
 */
#ifndef JSON_KERNEL_H
#define JSON_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHUNK = 64 };

/* The first pass between two chunks. */
struct pass {
	const char *text;
	size_t len;
	bool lines;       /* newlines are entries, and end strings */
	uint64_t inside;  /* all ones where a string goes on */
	uint64_t escaped; /* 1 where the next byte is escaped */
	uint64_t scalar;  /* 1 where a number or literal may go on */
	unsigned owed;    /* bytes of a UTF-8 sequence that goes on */
	uint64_t spaced; /* bits of white space outside strings, of any chunk */
	uint32_t *out;   /* where the next entry goes */
};

/* Which bytes of a chunk are what. */
struct bits {
	uint64_t quote;
	uint64_t backslash;
	uint64_t op;    /* { } [ ] : , */
	uint64_t space; /* white space, newlines among it */
	uint64_t newline;
	uint64_t control; /* below 0x20 */
	uint64_t high;    /* 0x80 and above */
};

struct scan_kernel {
	const char *name;
	bool (*runs)(void);
	/*
	 * Take n chunks at offset, whose bytes stand at p (which is not
	 * text + offset for the padded copy of the last).  out has room for
	 * 64 entries a chunk.
	 */
	void (*chunks)(
	    struct pass *pass, const char *p, size_t offset, size_t n);
};

extern const struct scan_kernel scan_kernel_scalar;
#if defined(__x86_64__)
extern const struct scan_kernel scan_kernel_sse4;
extern const struct scan_kernel scan_kernel_avx2;
extern const struct scan_kernel scan_kernel_avx512;
#endif
#if defined(__aarch64__)
extern const struct scan_kernel scan_kernel_neon;
#endif

/* The kernel to use; NULL where MS_SIMD names none that runs here. */
const struct scan_kernel *scan_kernel_choose(void);

/* Kernel number i that this was built with, best first; NULL at the end. */
const struct scan_kernel *scan_kernel_at(size_t i);

/*
 * The rare and slow part of a chunk with backslashes: *escaped are the bytes
 * that an escape makes plain.  Gives those that fit in no string, as a bitmap.
 */
uint64_t scan_escapes(
    struct pass *pass, size_t offset, uint64_t backslash, uint64_t *escaped);

/* The same for a chunk with bytes above 0x7F: those that aren't UTF-8. */
uint64_t scan_utf8(struct pass *pass, size_t offset, uint64_t high);

#endif
