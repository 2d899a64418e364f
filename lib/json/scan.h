/*
 * scan - JSON texts found and checked in two passes, without a tree.
 *
 * The first pass goes over a whole window of bytes and lists where the
 * structural characters stand ({ } [ ] : , the opening quote of a string,
 * the first byte of a number or literal, and between events the newline).
 * What stands in no JSON string (a bad escape, a control character, a byte
 * that isn't UTF-8) is listed too, for it fits nowhere in the grammar.
 * The second pass walks that list, one text at a time, checks RFC 8259 in
 * full, and joins every opening bracket to its closing one.
 *
 * A doc is what the two leave: text, and the entries of the list.  Values
 * refer to it by the number of their first entry.  It stays valid until
 * the next scan_window(), scan_text() or scan_release() of the same scan.
 */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/account.h"

enum {
	SCAN_PADDING = 64, /* readable bytes that must follow a window */
	SCAN_DEPTH = 1000, /* levels of nesting, unless told otherwise */
};

struct keys; /* see json/layout.h */

struct doc {
	const char *text;
	const uint32_t *at;    /* entry -> offset in text; ends with len */
	const uint32_t *match; /* entry of '[' or '{' -> entry of its closer */
	size_t len;            /* of text */
	bool spaced;           /* there may be white space between tokens */
	uint32_t hidden;  /* entry of the key of the member not seen, or 0 */
	uint32_t keys_of; /* entry of the object that keys are of */
	const struct keys *keys; /* its keys, where they are indexed; or NULL */
};

struct scan_error {
	size_t column;   /* byte in the text, from 1 */
	char reason[80]; /* as in "expected ',' or '}'" */
};

enum scan_status {
	SCAN_OK,    /* a well-formed text */
	SCAN_BLANK, /* a line of nothing but white space */
	SCAN_BAD,   /* error says where and why */
	SCAN_END,   /* no line is left in the window */
};

/* One line of a window, without its \n or \r\n. */
struct line {
	const char *text;
	size_t len;
	uint32_t root; /* entry of the value, where SCAN_OK */
	struct scan_error error;
};

struct scan_kernel;

struct scan {
	struct doc doc;
	uint32_t *at;
	uint32_t *match;
	size_t cap;   /* entries that at and match hold room for */
	size_t n;     /* entries found by the first pass */
	size_t next;  /* entry at which the next line starts */
	size_t start; /* offset at which the next line starts */
	size_t max_depth;
	uint32_t *stack; /* max_depth entries of open brackets */
	const struct scan_kernel *kernel;
	struct keys *keys;       /* or NULL */
	struct account *account; /* that at and match are entered in, or NULL */
	size_t charged;          /* entries that are */
};

/*
 * Start with a nesting limit.  -1 and errno where memory is missing;
 * EINVAL where MS_SIMD names no kernel that runs here.
 */
int scan_init(struct scan *s, size_t max_depth);

/* Free what the scan holds; its doc ends. */
void scan_release(struct scan *s);

/*
 * From now on enter the room for entries in an account, which outlasts the
 * scan; beyond its limit memory is missing, with EDQUOT.
 */
void scan_charge(struct scan *s, struct account *a);

/* Bytes that the entries of the text in hand take. */
size_t scan_memory(const struct scan *s);

/*
 * From now on scan_line() indexes the keys of a line that is an object, in
 * doc.keys.  The caller has zeroed k, which lasts as long as the scan.
 */
void scan_index(struct scan *s, struct keys *k);

/*
 * Name of the kernel in use: the best that the processor has, or what
 * MS_SIMD names (scalar, sse4, avx2, avx512, neon).  NULL where that is none.
 */
const char *scan_kernel(void);

/*
 * First pass over whole lines.  text must stay as it is while the doc is
 * used, and SCAN_PADDING bytes behind it must be readable.  len is below
 * 4 GiB - SCAN_PADDING.  -1 and errno where memory is missing.
 */
int scan_window(struct scan *s, const char *text, size_t len);

/* Second pass over the next line of the window. */
enum scan_status scan_line(struct scan *s, struct line *line);

/* Pass over the next line without a look at what it holds (-R). */
enum scan_status scan_raw_line(struct scan *s, struct line *line);

/*
 * Both passes over one JSON text, which may hold newlines as white space
 * and be of any kind.  Behind it one byte must be readable.  line->root is
 * 0 where it is well-formed.  A text of nothing but white space is
 * SCAN_BLANK.  SCAN_END and errno where memory is missing or len too large.
 */
enum scan_status scan_text(
    struct scan *s, const char *text, size_t len, struct line *line);

/*
 * The slow and plain check of one text, which says where and why it is
 * wrong; true where it is well-formed.  The two passes and this one agree.
 */
bool scan_diagnose(
    const char *text, size_t len, size_t max_depth, struct scan_error *error);

/* Is it '[' or '{'?  They differ by one bit. */
static inline bool
doc_opens(char c)
{
	return (c | 0x20) == '{';
}

/* The entry behind the value (or key) that starts at entry e. */
static inline uint32_t
doc_after(const struct doc *d, uint32_t e)
{
	return (doc_opens(d->text[d->at[e]]) ? d->match[e] : e) + 1;
}

/* One past the last byte of the scalar that starts at entry e. */
static inline const char *
doc_scalar_end(const struct doc *d, uint32_t e)
{
	const char *p = d->text + d->at[e + 1];

	while (p[-1] == ' ' || p[-1] == '\t' || p[-1] == '\n' || p[-1] == '\r')
		p--;
	return p;
}

/* One past the last byte of the value that starts at entry e. */
static inline const char *
doc_end(const struct doc *d, uint32_t e)
{
	if (doc_opens(d->text[d->at[e]]))
		return d->text + d->at[d->match[e]] + 1;
	return doc_scalar_end(d, e);
}

#endif
