/*
 * Texts by key in bounded memory, against a model that is plain arrays; and
 * the texts by which values are keys.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state/key_text.h"
#include "state/state.h"
#include "unit.h"

enum { KEYS = 200, STEPS = 20000, SEEDS = 60, TEXT = 64 };

/* What the model holds for a key. */
struct held {
	char text[TEXT];
	size_t len;
	int64_t at;
	bool live, changed;
	size_t used; /* when, as a count of uses */
	unsigned seen;
};

struct model {
	int64_t before; /* time of the event before, -1: there was none */
	struct held keys[KEYS];
	size_t uses, count;
	char last[16];           /* key that was seen, in their order */
	size_t by_use[KEYS + 1]; /* when what changed was used, as it is told */
	const struct state_limits *limits;
	struct state *state;
};

static bool
see_change(void *arg, const struct state_entry *e)
{
	struct model *m = arg;
	struct held *h = &m->keys[atoi(e->key + 1)];

	CHECK(h->changed && (e->text != NULL) == h->live);
	CHECK((e->use > 0) ==
	    (h->live && (m->limits->keys > 0 || m->limits->ttl > 0)));
	CHECK(e->use <= KEYS);
	m->by_use[e->use] = e->use > 0 ? h->used : 0;
	h->seen++;
	return true;
}

static bool
see_in_order(void *arg, const struct state_entry *e)
{
	struct model *m = arg;

	CHECK(e->key_len < sizeof(m->last) && strcmp(m->last, e->key) < 0);
	strcpy(m->last, e->key);
	return see_change(arg, e);
}

static void
forget(struct model *m, struct held *h)
{
	if (!h->live)
		return;
	h->live = false;
	h->changed = true;
	m->count--;
}

/* The key that was used longest ago; NULL where there is none. */
static struct held *
oldest(struct model *m)
{
	struct held *found = NULL;

	for (size_t i = 0; i < KEYS; i++) {
		struct held *h = &m->keys[i];

		if (h->live && (found == NULL || h->used < found->used))
			found = h;
	}
	return found;
}

static void
put(struct model *m, struct held *h, const char *key, size_t len, int64_t now)
{
	size_t n = (size_t)rand() % TEXT;

	for (size_t i = 0; i < n; i++)
		h->text[i] = (char)('a' + rand() % 26);
	CHECK(state_put(m->state, key, len, h->text, n, now) == STATE_OK);
	m->count += !h->live;
	h->len = n;
	h->at = now;
	h->live = h->changed = true;
	h->used = ++m->uses;
	if (m->limits->keys > 0 && m->count > m->limits->keys)
		forget(m, oldest(m));
}

static void
find(struct model *m, struct held *h, const char *key, size_t len)
{
	struct state_entry e;

	CHECK(state_find(m->state, key, len, &e) == h->live);
	if (!h->live)
		return;
	CHECK(e.text_len == h->len && e.at == h->at);
	CHECK(memcmp(e.text, h->text, h->len) == 0);
	if (rand() % 2 == 0)
		return;
	state_use(m->state);
	h->used = ++m->uses;
	h->changed = true;
}

/* The numbers of use have no gap, and the order of the uses. */
static void
check_uses(struct model *m)
{
	size_t last = 0, n = 1;

	for (; n <= KEYS && m->by_use[n] > 0; n++) {
		CHECK(m->by_use[n] > last);
		last = m->by_use[n];
	}
	for (; n <= KEYS; n++)
		CHECK(m->by_use[n] == 0);
	memset(m->by_use, 0, sizeof(m->by_use));
}

static void
settle(struct model *m)
{
	if (m->limits->changes && rand() % 2 == 0)
		CHECK(state_changes(m->state, see_change, m));
	else if (m->limits->changes)
		CHECK(state_changes_by_key(m->state, see_in_order, m));
	m->last[0] = '\0';
	check_uses(m);
	for (size_t i = 0; i < KEYS; i++) {
		CHECK(m->keys[i].seen <= m->keys[i].changed);
		m->keys[i].seen = 0;
		m->keys[i].changed = false;
	}
	state_settle(m->state);
}

/* What one event alone says of the time forgets nothing. */
static void
expire(struct model *m, int64_t now)
{
	int64_t last = m->before, ttl = m->limits->ttl;
	struct held *h;

	state_expire(m->state, now);
	m->before = now;
	while (ttl > 0 && last >= 0 && (h = oldest(m)) != NULL &&
	    ((now - h->at > ttl && last - h->at > ttl) ||
		(h->at - now > ttl && h->at - last > ttl)))
		forget(m, h);
}

static void
step(struct model *m, int64_t now)
{
	int k = rand() % KEYS, what = rand() % 200;
	struct held *h = &m->keys[k];
	char key[16];
	size_t len = (size_t)snprintf(key, sizeof(key), "k%d", k) + 1;

	if (what < 100) {
		put(m, h, key, len, now);
	} else if (what < 140) {
		find(m, h, key, len);
	} else if (what < 160) {
		state_remove(m->state, key, len);
		forget(m, h);
	} else if (what == 160) {
		settle(m);
	} else {
		expire(m, rand() % 20 == 0 ? now + 100000 : now);
	}
	CHECK(state_count(m->state) == m->count);
}

static void
does_as_the_model(struct arena *a)
{
	struct model *m = arena_alloc(a, sizeof(*m));

	for (unsigned seed = 0; seed < SEEDS && unit_failures == 0; seed++) {
		struct state_limits limits = {
		    .bytes = 1 << 20,
		    .keys = seed % 3 != 0 ? 50 : 0,
		    .ttl = seed % 4 == 1 ? 300 : 0,
		    .changes = seed % 2 == 1,
		};

		*m = (struct model){.limits = &limits,
		    .state = state_new(&limits),
		    .before = -1};
		CHECK(m->state != NULL);
		srand(seed);
		for (int64_t now = 0; now < STEPS; now++)
			step(m, now);
		state_free(m->state);
	}
}

/* The keys of values are the same text just where the values are equal. */
static void
equal_values_have_one_text(struct arena *a)
{
	static const char *const texts[][2] = {
	    {"1.0", "1"},
	    {"1e0", "1"},
	    {"-0.0", "0"},
	    {"1e400", "1e+400"},
	    {"12.50e-1", "1.25"},
	    {"0.000001", "0.000001"},
	    {"0.0000001", "1e-7"},
	    {"123456789012345678901", "123456789012345678901"},
	    {"1234567890123456789012", "1.234567890123456789012e+21"},
	    {"100", "100"},
	    {"\"\\u0041\\/\"", "\"A/\""},
	    {"{\"b\":1,\"a\":[2.0,null]}", "{\"a\":[2,null],\"b\":1}"},
	    {"{\"a\":1,\"a\":true}", "{\"a\":true}"},
	};

	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct buf b = {0};

		CHECK(key_text_write(&b, a, unit_json(a, texts[i][0])));
		buf_putc(&b, '\0');
		if (strcmp(b.p, texts[i][1]) != 0)
			printf("# %s: %s\n", texts[i][0], b.p);
		CHECK(strcmp(b.p, texts[i][1]) == 0);
		buf_release(&b);
	}
}

static void
a_full_state_stays_as_it_was(struct arena *a)
{
	struct state_limits limits = {.bytes = 4096};
	struct state *s = state_new(&limits);
	char text[8192];
	struct state_entry e;

	(void)a;
	memset(text, 'x', sizeof(text));
	CHECK(state_put(s, "a", 1, "1", 1, 0) == STATE_OK);
	CHECK(state_put(s, "a", 1, text, sizeof(text), 0) == STATE_FULL);
	CHECK(state_put(s, "b", 1, text, sizeof(text), 0) == STATE_FULL);
	CHECK(state_find(s, "a", 1, &e) && e.text_len == 1);
	CHECK(!state_find(s, "b", 1, &e) && state_count(s) == 1);
	state_free(s);
}

/* While a table grows there are two of it. */
static void
a_table_grows_only_where_both_fit(struct arena *a)
{
	struct state_limits limits = {.bytes = 200000};
	struct state *s = state_new(&limits);
	enum state_status status = STATE_OK;
	size_t before = state_bytes(s), most = before, after;
	struct state_entry e;
	char key[24];
	size_t n;

	(void)a;
	for (n = 0; status == STATE_OK; n++) {
		size_t len = (size_t)snprintf(key, sizeof(key), "%zu", n);

		before = state_bytes(s);
		status = state_put(s, key, len, "1", 1, 0);
		after = state_bytes(s);
		/* A step above 1000 is a new table, of twice what is added. */
		if (after - before > 1000)
			CHECK(after + (after - before) <= limits.bytes);
		most = after > most ? after : most;
	}
	CHECK(status == STATE_FULL && most <= limits.bytes);
	CHECK(state_count(s) == n - 1 && n > 800);
	CHECK(state_find(s, "0", 1, &e));
	CHECK(!state_find(s, key, strlen(key), &e));
	state_free(s);
}

int
main(void)
{
	static const struct unit_test tests[] = {
	    {"a state does as a model of it", does_as_the_model},
	    {"a full state stays as it was", a_full_state_stays_as_it_was},
	    {"a table grows only where both fit",
		a_table_grows_only_where_both_fit},
	    {"equal values have one text as keys", equal_values_have_one_text},
	};

	return unit_run(tests, LENGTH(tests));
}
