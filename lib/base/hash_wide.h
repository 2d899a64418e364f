/*
 * hash_wide - long texts hashed with the registers that a processor has.
 *
 * The hash is the same, whichever of them gives it; hash.c chooses.
 */
#ifndef BASE_HASH_WIDE_H
#define BASE_HASH_WIDE_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash_avx2(const char *p, size_t n);
uint64_t hash_avx512(const char *p, size_t n);

#endif
