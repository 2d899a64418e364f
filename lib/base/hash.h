/*
 * hash - bytes to 64 bits, fast: under a seed that nobody can guess, or
 * without one, where others are to find the same.
 *
 * What comes from outside chooses its keys.  The seed is the process's own:
 * keys that collide in one run don't in the next, and a hash means nothing
 * outside its process.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_digest {
	uint64_t low, high;
};

/* The XXH3-128 of n bytes, without a seed: the same in every process. */
struct hash_digest hash_digest(const char *p, size_t n);

/*
 * The XXH3-64 of bytes, without a seed: the same in every process.  They may
 * come in pieces: hash_start(), hash_add() for each, hash_end().
 */
uint64_t hash_plain(const char *p, size_t n);

struct hash_pieces {
	_Alignas(64) unsigned char state[576];
};

/* Hash a text in pieces: what hash_end() gives is the whole text's. */
void hash_start(struct hash_pieces *h);
void hash_add(struct hash_pieces *h, const char *p, size_t n);
uint64_t hash_end(const struct hash_pieces *h);

/* The hash of n bytes under the process's seed. */
uint64_t hash_bytes(const char *p, size_t n);

/* The process's seed, for who hashes much. */
uint64_t hash_seed(void);

/* The hash of n bytes under a seed. */
uint64_t hash_seeded(uint64_t seed, const char *p, size_t n);

#endif
