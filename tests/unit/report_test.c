/*
 * What a page of ms-trace report is packed with: texts that stand in it once,
 * and events over time.
 */
#include <stdlib.h>

#include "render/span_bins.h"
#include "render/texts.h"
#include "unit.h"

enum { TURNS = 3000, TEXTS = 5000 };

static uint64_t
next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

/* Is each bin what those times say that fall into it? */
static bool
counts_well(const struct span_bins *s, const int64_t *time, size_t n)
{
	uint64_t bin[SPAN_BINS][SPAN_KINDS] = {{0}};

	for (size_t i = 0; i < n; i++) {
		int64_t at = (time[i] >> s->width) - s->from;

		if (at < 0 || at >= SPAN_BINS)
			return false;
		bin[at][i % SPAN_KINDS]++;
	}
	return memcmp(bin, s->bin, sizeof(bin)) == 0;
}

static void
times_in_any_order(struct arena *a)
{
	uint64_t random = 7;

	for (unsigned bits = 1; bits < 60; bits += 7) {
		int64_t *time = arena_array(a, TURNS, sizeof(*time));
		struct span_bins s = {.events = 0};
		bool well = true;

		for (size_t i = 0; i < TURNS; i++) {
			time[i] = (int64_t)(next_random(&random) << 29 ^
				      next_random(&random)) >>
			    (63 - bits);
			time[i] -= (int64_t)1 << (bits - 1);
			span_bins_add(&s, time[i], (unsigned)(i % SPAN_KINDS));
			if (i % 97 == 0 || i + 1 == TURNS)
				well = well && counts_well(&s, time, i + 1);
		}
		CHECK(well);
		CHECK(s.events == TURNS && s.end == s.last);
		span_bins_reach(&s, s.last + 5);
		CHECK(s.end == s.last + 5);
	}
}

static void
each_text_once(struct arena *a)
{
	struct texts t = {.n = 0};
	struct buf out = {0};
	char text[32];
	bool well = true;

	(void)a;
	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; i < TEXTS; i++) {
			int n = snprintf(text, sizeof(text), "\"%zu\"<", i);

			well &= texts_number(&t, text, (size_t)n) == i;
		}
	CHECK(well && t.n == TEXTS && !t.failed);
	t.one[1].used = true;
	texts_write(&t, &out);
	CHECK(out.len > 30 &&
	    memcmp(out.p, "[0,\n\"\\\"1\\\"\\u003c\",\n0,", 21) == 0);
	buf_release(&out);
	texts_release(&t);
}

static void
nothing_ends_the_script(struct arena *a)
{
	static const char bad[] =
	    "</script><!--&\001\177\342\200\250\342\200\251\342\200\252\\\"";
	struct buf out = {0};

	(void)a;
	texts_put(&out, bad, sizeof(bad) - 1);
	buf_putc(&out, '\0');
	CHECK(strcmp(out.p,
		  "\"\\u003c/script\\u003e\\u003c!--\\u0026\\u0001\\u007f"
		  "\\u2028\\u2029\342\200\252\\\\\\\"\"") == 0);
	buf_release(&out);
}

int
main(void)
{
	static const struct unit_test TESTS[] = {
	    {"bins hold events of any times, in any order", times_in_any_order},
	    {"a text stands in the page once", each_text_once},
	    {"no text ends the script that it is in", nothing_ends_the_script},
	};

	return unit_run(TESTS, LENGTH(TESTS));
}
