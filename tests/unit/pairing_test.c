/*
 * Events of two files that are brought together, against what must come of
 * any order: a permutation on one side, a limit that sends texts to the file.
 */
#include <stdlib.h>

#include "history/pairing.h"
#include "unit.h"

enum { EVENTS = 500, ROUNDS = 20 };

static struct value
name(struct arena *a, const char *format, unsigned n)
{
	char *text = arena_alloc(a, 32);

	snprintf(text, 32, format, n);
	return value_cstring(text);
}

/* Event n of a side; those with an id of their own have its side in it. */
static struct identity
who(struct arena *a, enum pairing_side side, unsigned n, bool own_ids)
{
	struct identity w = {
	    value_cstring(""), value_cstring(""), value_cstring("")};

	if (n % 3 != 0)
		w.origin = name(a, "log:%u", n / 2);
	if (n % 3 != 2)
		w.id = name(a, own_ids && side == PAIRING_NEW ? "b%u" : "a%u",
		    own_ids ? n : n / 2);
	if (n % 2 == 1)
		w.forks = value_cstring("2/2 ");
	return w;
}

static unsigned paired;

static void
put(struct pairing *p, struct arena *a, enum pairing_side side, unsigned n)
{
	struct identity w = who(a, side, n, false);
	struct value text = name(a, "the text of event %u", n);
	struct paired e = {text.text, text.n, n}, other;
	enum pairing_result r = pairing_put(p, a, side, &w, &e, &other);

	CHECK(r != PAIRING_FAILED);
	if (r != PAIRING_FOUND)
		return;
	paired++;
	CHECK(other.line == n && other.len == text.n &&
	    memcmp(other.text, text.text, text.n) == 0);
}

static void
shuffle(unsigned *order, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		order[i] = i;
	for (unsigned i = n; i-- > 1;) {
		unsigned k = (unsigned)rand() % (i + 1), x = order[i];

		order[i] = order[k];
		order[k] = x;
	}
}

static void
test_any_order(struct arena *a)
{
	unsigned order[EVENTS];

	for (unsigned round = 0; round < ROUNDS; round++) {
		struct pairing *p = pairing_new(round % 2 == 0 ? 1000 : 100000);

		srand(round);
		shuffle(order, EVENTS);
		paired = 0;
		for (unsigned i = 0; i < EVENTS; i++) {
			put(p, a, PAIRING_OLD, i);
			put(p, a, PAIRING_NEW, order[i]);
		}
		CHECK(paired == EVENTS);
		CHECK(pairing_left(p, PAIRING_OLD) == 0);
		CHECK(pairing_first(p, PAIRING_NEW) == NULL);
		pairing_free(p);
	}
}

static void
test_rest_in_order(struct arena *a)
{
	struct pairing *p = pairing_new(100);
	struct pairing_entry *e;
	struct paired text;
	unsigned n = 0;

	for (unsigned i = 0; i < EVENTS; i++)
		put(p, a, PAIRING_OLD, i);
	for (unsigned i = 0; i < EVENTS; i += 2)
		put(p, a, PAIRING_NEW, i);
	CHECK(pairing_left(p, PAIRING_OLD) == EVENTS / 2);
	for (e = pairing_first(p, PAIRING_OLD); e != NULL;
	     e = pairing_next(e), n++) {
		CHECK(pairing_read(p, a, e, &text));
		CHECK(text.line == 2 * n + 1);
	}
	CHECK(n == EVENTS / 2);
	pairing_free(p);
}

static void
test_by_origin(struct arena *a)
{
	struct pairing *p = pairing_new(1000);
	struct paired e = {"x", 1, 1}, other;
	struct identity w = who(a, PAIRING_OLD, 4, true);

	CHECK(pairing_put(p, a, PAIRING_OLD, &w, &e, &other) == PAIRING_HELD);
	w = who(a, PAIRING_NEW, 4, true);
	CHECK(pairing_put(p, a, PAIRING_NEW, &w, &e, &other) == PAIRING_FOUND);
	pairing_free(p);
}

static void
test_ids_before_origins(struct arena *a)
{
	struct pairing *p = pairing_new(1000);
	struct value none = value_cstring(""), log = value_cstring("log:1");
	struct identity x = {value_cstring("x"), log, none};
	struct identity y = {value_cstring("y"), log, none};
	struct paired e = {"x", 1, 1}, other;

	pairing_put(p, a, PAIRING_OLD, &x, &e, &other);
	CHECK(pairing_put(p, a, PAIRING_NEW, &x, &e, &other) == PAIRING_FOUND);
	/* One input that was read twice: ids are known to tell them apart. */
	pairing_put(p, a, PAIRING_OLD, &x, &e, &other);
	CHECK(pairing_put(p, a, PAIRING_NEW, &y, &e, &other) == PAIRING_HELD);
	pairing_free(p);
}

static void
count_found(struct pairing_entry *e, void *arg)
{
	*pairing_note(e) = arg;
	++*(int *)arg;
}

static void
test_forked_from(struct arena *a)
{
	struct pairing *p = pairing_new(1000);
	struct value id = value_cstring("x"), none = value_cstring("");
	struct identity one = {id, none, value_cstring("1/2 ")};
	struct identity two = {id, none, value_cstring("2/2 1/3 ")};
	struct identity whole = {id, none, none},
			half = {id, none, value_cstring("2/2 ")};
	struct paired e = {"x", 1, 1}, other;
	int n = 0;

	pairing_put(p, a, PAIRING_OLD, &one, &e, &other);
	pairing_put(p, a, PAIRING_OLD, &two, &e, &other);
	pairing_find(p, PAIRING_OLD, &whole, count_found, &n);
	CHECK(n == 2);
	pairing_find(p, PAIRING_OLD, &half, count_found, &n);
	CHECK(n == 3);
	pairing_free(p);
}

int
main(void)
{
	static const struct unit_test tests[] = {
	    {"events are brought together in any order", test_any_order},
	    {"what has no other stays in its order", test_rest_in_order},
	    {"without ids in common the origin counts", test_by_origin},
	    {"with ids in common it doesn't", test_ids_before_origins},
	    {"forks are found by what they were forked from", test_forked_from},
	};

	return unit_run(tests, LENGTH(tests));
}
