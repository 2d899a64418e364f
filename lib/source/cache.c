#include "source/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"

enum { FIRST = 64 }; /* lists at the beginning; a power of two */

struct entry {
	struct entry *next;          /* of those in the same list */
	struct entry *newer, *older; /* by when they were asked for last */
	uint64_t hash;
	int64_t until; /* it is good; INT64_MAX: for ever */
	size_t key_len, len;
	char text[]; /* the question, then the answer */
};

struct cache {
	pthread_mutex_t lock; /* for all of it */
	size_t most, n;
	int64_t ttl;
	struct entry **list;
	size_t lists; /* a power of two */
	struct entry *newest, *oldest;
	uint64_t drops, hits;
};

int64_t
cache_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct cache *
cache_new(size_t n, int64_t ttl)
{
	struct cache *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->list = calloc(FIRST, sizeof(struct entry *));
	if (c->list == NULL) {
		free(c);
		return NULL;
	}
	c->lists = FIRST;
	c->most = n;
	c->ttl = ttl;
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

/* The pointer that points to the entry of a key, or to NULL. */
static struct entry **
place(struct cache *c, uint64_t hash, const char *key, size_t len)
{
	struct entry **p = &c->list[hash & (c->lists - 1)];

	while (*p != NULL &&
	    ((*p)->hash != hash || (*p)->key_len != len ||
		memcmp((*p)->text, key, len) != 0))
		p = &(*p)->next;
	return p;
}

/* Take an entry out of the order of use. */
static void
unlink_use(struct cache *c, struct entry *e)
{
	*(e->newer != NULL ? &e->newer->older : &c->newest) = e->older;
	*(e->older != NULL ? &e->older->newer : &c->oldest) = e->newer;
}

/* It was used just now. */
static void
link_use(struct cache *c, struct entry *e)
{
	e->newer = NULL;
	e->older = c->newest;
	*(c->newest != NULL ? &c->newest->newer : &c->oldest) = e;
	c->newest = e;
}

/* Free the entry that *p points to. */
static void
drop(struct cache *c, struct entry **p)
{
	struct entry *e = *p;

	*p = e->next;
	unlink_use(c, e);
	free(e);
	c->n--;
}

static void
drop_all(struct cache *c)
{
	while (c->oldest != NULL)
		drop(c,
		    place(c, c->oldest->hash, c->oldest->text,
			c->oldest->key_len));
}

void
cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	drop_all(c);
	pthread_mutex_destroy(&c->lock);
	free(c->list);
	free(c);
}

/* Twice as many lists; where memory is missing they grow longer instead. */
static void
widen(struct cache *c)
{
	size_t n = c->lists * 2;
	struct entry **list = calloc(n, sizeof(*list));

	if (list == NULL)
		return;
	free(c->list);
	c->list = list;
	c->lists = n;
	for (struct entry *e = c->oldest; e != NULL; e = e->newer) {
		struct entry **p = &list[e->hash & (n - 1)];

		e->next = *p;
		*p = e;
	}
}

bool
cache_get(struct cache *c, const char *key, size_t key_len, int64_t now,
    struct buf *out, uint64_t *since)
{
	uint64_t hash = hash_bytes(key, key_len);
	struct entry **p, *e;

	pthread_mutex_lock(&c->lock);
	*since = c->drops;
	p = place(c, hash, key, key_len);
	e = *p;
	if (e != NULL && e->until <= now) {
		drop(c, p);
		e = NULL;
	}
	if (e != NULL) {
		c->hits++;
		unlink_use(c, e);
		link_use(c, e);
		buf_put(out, e->text + e->key_len, e->len);
	}
	pthread_mutex_unlock(&c->lock);
	return e != NULL;
}

bool
cache_has(struct cache *c, const char *key, size_t key_len, int64_t now)
{
	uint64_t hash = hash_bytes(key, key_len);
	const struct entry *e;
	bool has;

	pthread_mutex_lock(&c->lock);
	e = *place(c, hash, key, key_len);
	has = e != NULL && e->until > now;
	pthread_mutex_unlock(&c->lock);
	return has;
}

/* Let an entry in, and the oldest one out where there are too many. */
static void
take(struct cache *c, struct entry *e)
{
	struct entry **p = place(c, e->hash, e->text, e->key_len);

	if (*p != NULL)
		drop(c, p);
	else if (c->n == c->most)
		drop(c,
		    place(c, c->oldest->hash, c->oldest->text,
			c->oldest->key_len));
	if (c->n >= c->lists)
		widen(c);
	p = &c->list[e->hash & (c->lists - 1)];
	e->next = *p;
	*p = e;
	link_use(c, e);
	c->n++;
}

void
cache_put(struct cache *c, const char *key, size_t key_len, int64_t now,
    const char *answer, size_t len, uint64_t since)
{
	struct entry *e;

	if (c->most == 0 || key_len > CACHE_LONGEST ||
	    len > CACHE_LONGEST - key_len)
		return;
	e = malloc(sizeof(*e) + key_len + len);
	if (e == NULL)
		return; /* a cache may be without an answer */
	e->hash = hash_bytes(key, key_len);
	e->until =
	    c->ttl == 0 || now > INT64_MAX - c->ttl ? INT64_MAX : now + c->ttl;
	e->key_len = key_len;
	e->len = len;
	memcpy(e->text, key, key_len);
	if (len > 0)
		memcpy(e->text + key_len, answer, len);
	pthread_mutex_lock(&c->lock);
	if (since == c->drops) {
		take(c, e);
		e = NULL;
	}
	pthread_mutex_unlock(&c->lock);
	free(e);
}

void
cache_drop(struct cache *c)
{
	pthread_mutex_lock(&c->lock);
	drop_all(c);
	c->drops++;
	pthread_mutex_unlock(&c->lock);
}

uint64_t
cache_hits(struct cache *c)
{
	uint64_t n;

	pthread_mutex_lock(&c->lock);
	n = c->hits;
	pthread_mutex_unlock(&c->lock);
	return n;
}
