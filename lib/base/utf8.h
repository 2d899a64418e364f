/*
 * utf8 - code points and their bytes (RFC 3629).
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

enum { UTF8_MAX = 4, UTF8_REPLACEMENT = 0xFFFD };

/*
 * Length of the well-formed sequence at p, of which n bytes are there;
 * 0 where there is none (overlong, surrogate, above U+10FFFF, cut off).
 */
size_t utf8_valid(const unsigned char *p, size_t n);

/* The first byte that isn't part of well-formed UTF-8, or n. */
size_t utf8_check(const char *p, size_t n);

/* Decode one sequence of well-formed text; *len gets its bytes. */
uint32_t utf8_decode(const char *p, size_t *len);

/* Encode c (a lone surrogate becomes U+FFFD); bytes written, 1 to 4. */
size_t utf8_write(uint32_t c, char *out);

/* Code points in well-formed text. */
size_t utf8_count(const char *p, size_t n);

/* Byte offset of code point number i of well-formed text, n if beyond. */
size_t utf8_offset(const char *p, size_t n, size_t i);

#endif
