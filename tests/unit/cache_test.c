/*
 * The cache of answers, beside a plain list.
 */
#include <pthread.h>

#include "source/cache.h"
#include "unit.h"

enum { MOST = 7, KEYS = 20, TTL = 50, TURNS = 20000 };

static uint64_t
next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

/* Does it answer so?  NULL: not at all. */
static bool
answers(struct cache *c, const char *key, int64_t now, const char *want)
{
	struct buf b = {0};
	uint64_t since;
	bool found = cache_get(c, key, strlen(key), now, &b, &since);
	bool well = found == (want != NULL) &&
	    (!found ||
		(b.len == strlen(want) &&
		    (b.len == 0 || memcmp(b.p, want, b.len) == 0)));

	buf_release(&b);
	return well;
}

static uint64_t
drops_of(struct cache *c)
{
	struct buf b = {0};
	uint64_t since;

	(void)cache_get(c, "?", 1, 0, &b, &since);
	buf_release(&b);
	return since;
}

static void
put(struct cache *c, const char *key, int64_t now, const char *answer)
{
	cache_put(
	    c, key, strlen(key), now, answer, strlen(answer), drops_of(c));
}

/* A list of the keys it holds, the last one asked for being the last. */
struct model {
	struct {
		uint64_t key, answer;
		int64_t until;
	} held[MOST + 1];
	size_t n;
};

static size_t
model_find(const struct model *m, uint64_t key)
{
	size_t i = 0;

	while (i < m->n && m->held[i].key != key)
		i++;
	return i;
}

static void
model_drop(struct model *m, size_t i)
{
	memmove(
	    &m->held[i], &m->held[i + 1], (m->n - i - 1) * sizeof(m->held[0]));
	m->n--;
}

/* Its answer, or 0. */
static uint64_t
model_get(struct model *m, uint64_t key, int64_t now)
{
	size_t i = model_find(m, key);

	if (i < m->n && m->held[i].until <= now)
		model_drop(m, i);
	else if (i < m->n) {
		m->held[m->n] = m->held[i];
		m->n++;
		model_drop(m, i);
		return m->held[m->n - 1].answer;
	}
	return 0;
}

static void
model_put(struct model *m, uint64_t key, int64_t now, uint64_t answer)
{
	size_t i = model_find(m, key);

	if (i < m->n)
		model_drop(m, i);
	else if (m->n == MOST)
		model_drop(m, 0);
	m->held[m->n].key = key;
	m->held[m->n].answer = answer;
	m->held[m->n].until = now + TTL;
	m->n++;
}

static void
cache_is_its_model(struct arena *a)
{
	struct cache *c = cache_new(MOST, TTL);
	struct model m = {.n = 0};
	uint64_t state = 1, hits = 0;
	bool well = c != NULL;

	(void)a;
	for (int64_t now = 1; well && now <= TURNS; now++) {
		uint64_t key = next_random(&state) % KEYS, want;
		char text[32], answer[32];

		if (next_random(&state) % 2000 == 0) {
			cache_drop(c);
			m.n = 0;
		}
		snprintf(text, sizeof(text), "key %d", (int)key);
		want = model_get(&m, key, now);
		snprintf(
		    answer, sizeof(answer), "%llu", (unsigned long long)want);
		well = answers(c, text, now, want == 0 ? NULL : answer);
		hits += want != 0;
		if (want != 0 && next_random(&state) % 4 != 0)
			continue;
		snprintf(answer, sizeof(answer), "%lld", (long long)now);
		put(c, text, now, answer);
		model_put(&m, key, now, (uint64_t)now);
	}
	CHECK(well);
	CHECK(hits > 1000 && cache_hits(c) == hits);
	cache_free(c);
}

static void
many_are_kept(struct arena *a)
{
	struct cache *c = cache_new(1000, 0);
	char key[16];
	bool well = true;

	(void)a;
	for (int i = 0; i < 1500; i++) {
		snprintf(key, sizeof(key), "%d", i);
		put(c, key, 0, key);
	}
	for (int i = 0; i < 1500; i++) {
		snprintf(key, sizeof(key), "%d", i);
		well = well &&
		    answers(c, key, INT64_MAX - 1, i < 500 ? NULL : key);
	}
	CHECK(well);
	cache_free(c);
}

static void
old_answers_are_refused(struct arena *a)
{
	struct cache *c = cache_new(10, 0);
	uint64_t since = drops_of(c);

	(void)a;
	cache_drop(c);
	cache_put(c, "k", 1, 0, "old", 3, since);
	CHECK(answers(c, "k", 0, NULL));
	cache_put(c, "k", 1, 0, "", 0, drops_of(c));
	CHECK(answers(c, "k", 0, ""));
	cache_free(c);
	cache_free(NULL);
}

static void
long_answers_are_refused(struct arena *a)
{
	static char text[CACHE_LONGEST + 1];
	struct cache *c = cache_new(10, 0), *none = cache_new(0, 0);

	(void)a;
	cache_put(c, "k", 1, 0, text, CACHE_LONGEST, 0);
	CHECK(answers(c, "k", 0, NULL));
	cache_put(c, text, sizeof(text), 0, text, 0, 0);
	cache_put(c, "k", 1, 0, text, CACHE_LONGEST - 1, 0);
	CHECK(!answers(c, "k", 0, NULL));
	cache_put(none, "k", 1, 0, "x", 1, 0);
	CHECK(answers(none, "k", 0, NULL));
	cache_free(c);
	cache_free(none);
}

static void *
ask_often(void *arg)
{
	struct cache *c = arg;
	struct buf b = {0};
	uint64_t since, wrong = 0;

	for (unsigned i = 0; i < 5000; i++) {
		char key[8];

		snprintf(key, sizeof(key), "%u", i * 7 % 50);
		buf_clear(&b);
		if (!cache_get(c, key, strlen(key), 0, &b, &since))
			cache_put(
			    c, key, strlen(key), 0, key, strlen(key), since);
		else if (b.len != strlen(key) || memcmp(b.p, key, b.len) != 0)
			wrong++;
		if (i % 1000 == 0)
			cache_drop(c);
	}
	buf_release(&b);
	return wrong == 0 ? NULL : c;
}

static void
threads_share_it(struct arena *a)
{
	struct cache *c = cache_new(40, 0);
	pthread_t thread;
	void *wrong = NULL;

	(void)a;
	CHECK(pthread_create(&thread, NULL, ask_often, c) == 0);
	CHECK(ask_often(c) == NULL);
	CHECK(pthread_join(thread, &wrong) == 0 && wrong == NULL);
	cache_free(c);
}

int
main(void)
{
	static const struct unit_test tests[] = {
	    {"a cache holds what a plain list does", cache_is_its_model},
	    {"the last thousand of many are kept", many_are_kept},
	    {"an answer from before a change isn't kept",
		old_answers_are_refused},
	    {"an answer that is too long isn't kept", long_answers_are_refused},
	    {"threads share a cache", threads_share_it},
	};

	return unit_run(tests, LENGTH(tests));
}
