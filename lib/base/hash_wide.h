/*
 * hash_wide - long texts hashed with the registers that a processor has.
 *
 * The hash is the same, whichever of them gives it; hash.c chooses.  There is
 * none for AVX-512: events are a few hundred bytes, and those registers made
 * all that ran between two hashes slower, by 8 % of ms-trace.
 */
#ifndef BASE_HASH_WIDE_H
#define BASE_HASH_WIDE_H

#include <stddef.h>
#include <stdint.h>

/* The hash of n bytes, on processors that have AVX2. */
uint64_t hash_avx2(const char *p, size_t n);

#endif
