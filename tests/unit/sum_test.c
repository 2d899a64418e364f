/*
 * Sums of events: the same, however the bytes come.
 */
#include <string.h>

#include "base/hash.h"
#include "base/hash_wide.h"
#include "record/sum.h"
#include "unit.h"

enum { MOST = 5000 };

static char text[MOST];

static uint64_t
in_pieces(const char *p, size_t n, size_t piece)
{
	struct hash_pieces h;

	hash_start(&h);
	for (size_t i = 0; i < n; i += piece)
		hash_add(&h, p + i, n - i < piece ? n - i : piece);
	return hash_end(&h);
}

static void
pieces_make_no_difference(struct arena *a)
{
	(void)a;
	for (size_t n = 0; n < MOST; n = n < 600 ? n + 1 : n * 3 / 2) {
		uint64_t whole = hash_plain(text, n);

		CHECK(in_pieces(text, n, 1) == whole);
		CHECK(in_pieces(text, n, 100) == whole);
		CHECK(in_pieces(text, n, 1000) == whole);
	}
}

static void
wide_registers_make_no_difference(struct arena *a)
{
	(void)a;
#if defined(__x86_64__)
	for (size_t n = 0; n < MOST; n = n < 600 ? n + 1 : n * 3 / 2) {
		uint64_t whole = in_pieces(text, n, MOST);

		if (__builtin_cpu_supports("avx2"))
			CHECK(hash_avx2(text, n) == whole);
	}
#endif
}

/* The sum of nothing is what every XXH3-64 gives. */
static void
digits_are_those_of_the_hash(struct arena *a)
{
	struct sum sum = sum_text("", 0, false);
	char want[SUM_TEXT + 1];

	(void)a;
	CHECK(sum_is(&sum, "2d06800538d394c2"));
	for (size_t n = 0; n < 300; n++) {
		snprintf(want, sizeof(want), "%016llx",
		    (unsigned long long)hash_plain(text, n));
		sum = sum_text(text, n, false);
		CHECK(sum_is(&sum, want));
	}
}

static void
spaces_make_no_difference(struct arena *a)
{
	static const char *const SAME[] = {"{\"a\":[1,\"x \\\" y\"],\"b\":{}}",
	    " { \"a\" :[ 1 , \"x \\\" y\" ] , \"b\" : { } } ",
	    "{\"a\"\t:\r\n[1,\"x \\\" y\"],\"b\":{}}\n"};
	struct sum first = sum_text(SAME[0], strlen(SAME[0]), false), sum;
	char want[SUM_TEXT];

	sum_digits(&first, want);
	for (size_t i = 0; i < LENGTH(SAME); i++) {
		sum = sum_text(SAME[i], strlen(SAME[i]), true);
		CHECK(sum_is(&sum, want));
		CHECK(sum_value(unit_json(a, SAME[i]), &sum));
		CHECK(sum_is(&sum, want));
		sum = sum_read(unit_json(a, SAME[i]));
		CHECK(sum_is(&sum, want));
	}
}

int
main(void)
{
	static const struct unit_test TESTS[] = {
	    {"pieces make no difference", pieces_make_no_difference},
	    {"wide registers make no difference",
		wide_registers_make_no_difference},
	    {"digits are those of the hash", digits_are_those_of_the_hash},
	    {"spaces make no difference", spaces_make_no_difference},
	};

	for (size_t i = 0; i < MOST; i++)
		text[i] = (char)(i * 2654435761u >> 24);
	return unit_run(TESTS, LENGTH(TESTS));
}
