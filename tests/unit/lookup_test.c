/*
 * How keys find rows: hashes, spans and points, each beside a plain model.
 */
#include <stdlib.h>

#include "source/index.h"
#include "source/points.h"
#include "source/spans.h"
#include "unit.h"

static uint64_t
next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

struct keys {
	uint32_t key[2000];
	uint32_t wanted;
};

static bool
is_alike(void *arg, uint32_t row, uint32_t other)
{
	const struct keys *k = arg;

	return k->key[row] == k->key[other];
}

static bool
is_wanted(void *arg, uint32_t row)
{
	const struct keys *k = arg;

	return k->key[row] == k->wanted;
}

/* Few hashes, so that many keys share one. */
static uint64_t
poor_hash(uint32_t key)
{
	return 1 + (uint64_t)(key % 7) * 0x123456789;
}

static void
fill_keys(struct keys *k, uint64_t *hash)
{
	uint64_t state = 1;

	for (uint32_t i = 0; i < LENGTH(k->key); i++) {
		k->key[i] = (uint32_t)next_random(&state) % 300;
		hash[i] = poor_hash(k->key[i]);
	}
}

/* The first or last row with a key, or INDEX_NONE. */
static uint32_t
plain_find(const struct keys *k, uint32_t key, bool last)
{
	uint32_t found = INDEX_NONE;

	for (uint32_t i = 0; i < LENGTH(k->key); i++)
		if (k->key[i] == key && (last || found == INDEX_NONE))
			found = i;
	return found;
}

static void
index_finds(struct arena *a)
{
	struct keys *k = arena_alloc(a, sizeof(*k));
	uint64_t *hash = arena_array(a, LENGTH(k->key), sizeof(*hash));

	fill_keys(k, hash);
	for (int last = 0; last < 2; last++) {
		struct index x;

		CHECK(index_build(&x, hash, LENGTH(k->key), false,
		    last ? SOURCE_LAST : SOURCE_FIRST, is_alike, k));
		for (k->wanted = 0; k->wanted < 310; k->wanted++)
			CHECK(index_find(&x, poor_hash(k->wanted), is_wanted,
				  k) == plain_find(k, k->wanted, last));
		index_release(&x);
	}
}

static void
index_chains(struct arena *a)
{
	struct keys *k = arena_alloc(a, sizeof(*k));
	uint64_t *hash = arena_array(a, LENGTH(k->key), sizeof(*hash));
	struct index x;

	fill_keys(k, hash);
	CHECK(index_build(
	    &x, hash, LENGTH(k->key), true, SOURCE_LAST, is_alike, k));
	for (k->wanted = 0; k->wanted < 300; k->wanted++) {
		uint32_t last =
		    index_find(&x, poor_hash(k->wanted), is_wanted, k);
		uint32_t row = last;

		if (last == INDEX_NONE)
			continue;
		for (uint32_t i = 0; i < LENGTH(k->key); i++)
			if (k->key[i] == k->wanted) {
				row = x.next[row];
				CHECK(row == i);
			}
		CHECK(row == last);
	}
	index_release(&x);
}

static void
index_refuses(struct arena *a)
{
	struct keys *k = arena_alloc(a, sizeof(*k));
	uint64_t *hash = arena_array(a, LENGTH(k->key), sizeof(*hash));
	struct index x;

	fill_keys(k, hash);
	for (uint32_t i = 0; i < 4; i++) {
		k->key[i] = i % 3;
		hash[i] = poor_hash(i % 3);
	}
	CHECK(index_build(&x, hash, 3, false, SOURCE_REFUSE, is_alike, k));
	index_release(&x);
	CHECK(!index_build(&x, hash, 4, false, SOURCE_REFUSE, is_alike, k));
	CHECK(x.twice == 3);
	index_release(&x);
}

/* The span that counts, by looking at all of them. */
static uint32_t
plain_span(const struct span *v, size_t n, uint64_t group, struct point at)
{
	const struct span *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct span *x = &v[i];
		int c;

		if (x->group != group || point_compare(x->from, at) > 0 ||
		    point_compare(x->to, at) < 0)
			continue;
		c = best == NULL ? 1 : point_compare(x->from, best->from);
		if (c == 0)
			c = point_compare(best->to, x->to);
		if (c >= 0)
			best = x;
	}
	return best == NULL ? UINT32_MAX : best->row;
}

static struct span
random_span(uint64_t *state, uint32_t row)
{
	struct span s = {.group = next_random(state) % 3, .row = row};

	s.from.low = next_random(state) % 100;
	s.to.low = s.from.low + next_random(state) % 30;
	s.to.high = next_random(state) % 20 == 0;
	return s;
}

static void
spans_are_found(struct arena *a)
{
	uint64_t state = 7;

	(void)a;
	for (size_t n = 0; n < 70; n++) {
		struct spans s = {0};
		struct span v[70];

		for (size_t i = 0; i < n; i++) {
			v[i] = random_span(&state, (uint32_t)i);
			CHECK(spans_add(&s, v[i]));
		}
		CHECK(spans_finish(&s));
		for (uint64_t g = 0; g < 4; g++)
			for (uint64_t i = 0; i < 140; i++) {
				struct point at = {0, i};
				size_t p = spans_find(&s, g, at);

				CHECK((p == SPANS_NONE ? UINT32_MAX
						       : s.v[p].row) ==
				    plain_span(v, n, g, at));
			}
		spans_release(&s);
	}
}

static void
all_spans_are_found(struct arena *a)
{
	uint64_t state = 9;
	struct spans s = {0};
	struct span v[64];

	(void)a;
	for (uint32_t i = 0; i < LENGTH(v); i++) {
		v[i] = random_span(&state, i);
		CHECK(spans_add(&s, v[i]));
	}
	CHECK(spans_finish(&s));
	for (uint64_t i = 0; i < 130; i++) {
		struct point at = {0, i};
		size_t found = 0, there = 0;

		for (size_t p = spans_find(&s, 1, at); p != SPANS_NONE;
		     p = spans_before(&s, p, 1, at))
			found++;
		for (size_t k = 0; k < LENGTH(v); k++)
			there += v[k].group == 1 &&
			    point_compare(v[k].from, at) <= 0 &&
			    point_compare(v[k].to, at) >= 0;
		CHECK(found == there);
	}
	spans_release(&s);
}

static void
spans_end_where_the_next_starts(struct arena *a)
{
	struct spans s = {0};
	uint64_t from[] = {5, 1, 5, 9};

	(void)a;
	for (uint32_t i = 0; i < LENGTH(from); i++)
		CHECK(spans_add(
		    &s, (struct span){1, {0, from[i]}, point_last(), i}));
	spans_chain(&s);
	CHECK(spans_finish(&s));
	CHECK(s.v[0].row == 1 && s.v[0].to.low == 4);
	CHECK(s.v[1].to.low == 8 && s.v[2].to.low == 8);
	CHECK(s.v[spans_find(&s, 1, (struct point){0, 8})].row == 2);
	CHECK(s.v[3].to.high == UINT64_MAX);
	CHECK(spans_repeated(&s) == 2);
	spans_release(&s);
}

static bool
holds(const char *network, const char *address)
{
	struct point from, to, at;
	const char *why;
	enum point_family n =
	    point_of_network(network, strlen(network), &from, &to, &why);

	return n != POINT_NONE &&
	    point_of_address(address, strlen(address), &at) == n &&
	    point_compare(from, at) <= 0 && point_compare(at, to) <= 0;
}

static bool
is_network(const char *text)
{
	struct point from, to;
	const char *why;

	return point_of_network(text, strlen(text), &from, &to, &why) !=
	    POINT_NONE;
}

static void
networks_hold_addresses(struct arena *a)
{
	(void)a;
	CHECK(holds("10.0.0.0/8", "10.255.255.255"));
	CHECK(!holds("10.0.0.0/8", "11.0.0.0"));
	CHECK(holds("0.0.0.0/0", "255.1.2.3"));
	CHECK(!holds("::/0", "1.2.3.4"));
	CHECK(holds("::/0", "ffff::1"));
	CHECK(holds("::ffff:10.0.0.0/104", "10.1.2.3"));
	CHECK(holds("10.0.0.0/8", "::ffff:10.1.2.3"));
	CHECK(holds("2001:db8::/32", "2001:db8:ffff::1"));
	CHECK(!holds("2001:db8::/32", "2001:db9::"));
	CHECK(holds("2001:db8::8000:0:0:0/65", "2001:db8::8000:0:0:1"));
	CHECK(holds("192.0.2.1", "192.0.2.1"));
	CHECK(!holds("192.0.2.1", "192.0.2.2"));
	CHECK(holds("192.0.2.1/32", "192.0.2.1"));
	CHECK(holds("::1/128", "::1"));
}

static void
what_is_no_network_is_refused(struct arena *a)
{
	static const char *const bad[] = {"", "/", "10/8", "10.0.0.0/33",
	    "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "10.0.0.1/8",
	    "2001:db8::1/64", "::ffff:10.0.0.0/8", "1.2.3", "1.2.3.4.5",
	    "01.2.3.4", "10.0.0.0/0008", "x", ":::"};

	(void)a;
	for (size_t i = 0; i < LENGTH(bad); i++)
		CHECK(!is_network(bad[i]));
}

static void
numbers_keep_their_order(struct arena *a)
{
	static const char *const rising[] = {"-1e999", "-9223372036854775808",
	    "-9223372036854775807", "-9007199254740993", "-9007199254740992",
	    "-1.5", "-1", "-1e-300", "0", "1e-300", "0.1", "1", "1.5", "2",
	    "9007199254740991", "9007199254740992", "9007199254740993",
	    "9223372036854775806", "9223372036854775807", "1e19", "1e300"};
	struct point last, p;

	for (size_t i = 0; i < LENGTH(rising); i++) {
		CHECK(point_of_number(unit_json(a, rising[i]), &p));
		CHECK(i == 0 || point_compare(last, p) < 0);
		last = p;
	}
	CHECK(point_of_number(unit_json(a, "1.0"), &last));
	CHECK(point_of_number(unit_json(a, "1"), &p));
	CHECK(point_compare(last, p) == 0);
	CHECK(point_of_number(unit_json(a, "-0.0"), &last));
	CHECK(point_of_number(unit_json(a, "0"), &p));
	CHECK(point_compare(last, p) == 0);
	CHECK(!point_of_number(unit_json(a, "\"1\""), &p));
	CHECK(!point_of_number(unit_json(a, "null"), &p));
}

static int64_t
time_of(struct value v)
{
	int64_t micros;

	return point_time(v, &micros) ? micros : -1;
}

static void
times_are_read(struct arena *a)
{
	CHECK(time_of(unit_json(a, "1.5")) == 1500000);
	CHECK(time_of(value_cstring("1970-01-02")) == 86400000000);
	CHECK(time_of(value_cstring("1970-01-01T01:00:00+01:00")) == 0);
	CHECK(time_of(value_cstring("1970-01-01T00:00:00.000001Z")) == 1);
	CHECK(time_of(value_cstring("1970-01-32")) == -1);
	CHECK(time_of(value_cstring("soon")) == -1);
	CHECK(time_of(unit_json(a, "1e300")) == -1);
	CHECK(time_of(unit_json(a, "true")) == -1);
	CHECK(point_compare(point_of_time(-1), point_of_time(0)) < 0);
}

int
main(void)
{
	static const struct unit_test tests[] = {
	    {"an index finds the first or last row of a key", index_finds},
	    {"an index chains the rows of a key in order", index_chains},
	    {"an index refuses a repeated key", index_refuses},
	    {"the span that counts is found", spans_are_found},
	    {"all spans that hold a point are found", all_spans_are_found},
	    {"a span without an end ends where the next one starts",
		spans_end_where_the_next_starts},
	    {"a network holds its addresses", networks_hold_addresses},
	    {"what is no network is refused", what_is_no_network_is_refused},
	    {"numbers keep their order as points", numbers_keep_their_order},
	    {"times are read from text and from seconds", times_are_read},
	};

	return unit_run(tests, LENGTH(tests));
}
