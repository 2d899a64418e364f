/*
 * cache - answers of a source that takes long to ask, by the text of what
 * was asked.
 *
 * It holds so many answers at most, and gives up the one that was asked for
 * longest ago.  Answers are bytes that only the source understands.  All
 * threads share one cache.
 */
#ifndef SOURCE_CACHE_H
#define SOURCE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { CACHE_LONGEST = 64 * 1024 }; /* bytes of a question with its answer */

struct cache;

/*
 * A cache of at most n answers, which are good for ttl microseconds, or for
 * ever where that is 0.  NULL where memory is missing.
 */
struct cache *cache_new(size_t n, int64_t ttl);
void cache_free(struct cache *c); /* c may be NULL */

/* Microseconds on a clock that nobody sets: what is passed as now. */
int64_t cache_now(void);

/*
 * Append the answer to a question.  Where there is none, false; *since is
 * what cache_put() wants to know then.
 */
bool cache_get(struct cache *c, const char *key, size_t key_len, int64_t now,
    struct buf *out, uint64_t *since);

/* Is there an answer to a question?  That isn't counted as a use. */
bool cache_has(struct cache *c, const char *key, size_t key_len, int64_t now);

/*
 * Keep an answer, in place of an older one, unless all were dropped since
 * the question was asked.  One that is too long isn't kept.
 */
void cache_put(struct cache *c, const char *key, size_t key_len, int64_t now,
    const char *answer, size_t len, uint64_t since);

/* Drop all: the source has changed. */
void cache_drop(struct cache *c);

/* How many questions it answered. */
uint64_t cache_hits(struct cache *c);

#endif
