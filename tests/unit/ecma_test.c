/*
 * Patterns of ECMA-262, in PCRE2's words: what they match, and what is wrong.
 */
#include "regex/regex.h"
#include "schema/ecma.h"
#include "unit.h"

/* Does the pattern match somewhere in n bytes of text?  -1: it is wrong. */
static int
matches(const char *pattern, const char *text, size_t n)
{
	struct regex_matcher *m = regex_matcher_new();
	const struct regex_flags flags = {0};
	struct buf b = {0};
	char error[200] = "";
	size_t at;
	const char *why = ecma_translate(pattern, strlen(pattern), &b, &at);
	struct regex *r = NULL;
	int found = -1;

	CHECK(m != NULL);
	if (why == NULL)
		r = regex_new(b.p == NULL ? "" : b.p, b.len, &flags, error,
		    sizeof(error));
	if (r != NULL)
		found = regex_match(r, m, text, n, 0) == REGEX_MATCH;
	regex_free(r);
	regex_matcher_free(m);
	buf_release(&b);
	return found;
}

struct example {
	const char *pattern, *match, *other; /* either may be NULL */
};

static void
check_examples(const struct example *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (x[i].match != NULL)
			CHECK(matches(x[i].pattern, x[i].match,
				  strlen(x[i].match)) == 1);
		if (x[i].other != NULL)
			CHECK(matches(x[i].pattern, x[i].other,
				  strlen(x[i].other)) == 0);
		if (unit_failures > 0)
			printf("# up to %s\n", x[i].pattern);
	}
}

static void
classes_are_those_of_ecma(struct arena *a)
{
	static const struct example x[] = {
	    {"^\\d$", "7", "\u0667"}, /* an Arabic digit */
	    {"^\\w+$", "a_Z9", "\u00E9"},
	    {"^\\W$", "\u00E9", "a"},
	    {"^\\s$", "\uFEFF", "\u200B"},
	    {"^\\s$", "\u2028", "x"},
	    {"^\\S$", "\u200B", "\u00A0"},
	    {"^[\\d.-]+$", "1.2-3", "a"},
	    {"^[^\\w-]$", ".", "-"},
	    {"^[\\d-z]$", "-", "a"}, /* no range */
	    {"^[]$", NULL, ""},
	    {"^[^]$", "\n", ""},
	    {"^.$", "\t", "\r"},
	    {"^.$", "\u00E9", "\n"},
	    {"^.$", "\U0001F600", "\u2029"},
	    {"a\\b", "a\u00E9", "ab"}, /* no word's character */
	    {"^a\\Bb$", "ab", "a"},
	    {"^[\\b]$", "\b", "b"},
	};

	(void)a;
	check_examples(x, LENGTH(x));
}

static void
anchors_are_the_ends(struct arena *a)
{
	static const struct example x[] = {
	    {"^a$", "a", "a\n"},
	    {"^b", NULL, "a\nb"},
	    {"a$", NULL, "a\nb"},
	    {"b", "abc", "ac"}, /* anywhere */
	    {"", "", NULL},
	};

	(void)a;
	check_examples(x, LENGTH(x));
}

static void
escapes_are_characters(struct arena *a)
{
	static const struct example x[] = {
	    {"^\\x41\\u0042\\u{43}$", "ABC", "x41"},
	    {"^\\uD83D\\uDE00$", "\U0001F600", NULL},
	    {"^\\u{1F600}$", "\U0001F600", NULL}, {"^\\cJ$", "\n", "J"},
	    {"^\\t\\v\\f\\r\\n$", "\t\v\f\r\n", NULL},
	    {"^\\/\\.\\$$", "/.$", NULL}, {"^[\\-\\]]+$", "]-", "\\"},
	    {"^[a-\\u00FF]$", "\u00E9", "\u0100"},
	    {"^#x y$", "#x y", "#xy"}, /* no comments, no x flag */
	};

	(void)a;
	check_examples(x, LENGTH(x));
	CHECK(matches("^\\0$", "\0", 1) == 1);
	CHECK(matches("^a.b$", "a\0b", 3) == 1);
}

static void
properties_have_their_long_names(struct arena *a)
{
	static const struct example x[] = {
	    {"^\\p{Letter}+$", "a\u00E9\u03B1", "1"},
	    {"^\\p{L}$", "\u03B1", "1"},
	    {"^\\P{Letter}$", "1", "a"},
	    {"^\\p{General_Category=Decimal_Number}$", "\u0667", "a"},
	    {"^\\p{gc=Nd}$", "7", "a"},
	    {"^\\p{Script=Greek}$", "\u03B1", "a"},
	    {"^\\p{sc=Grek}$", "\u03B1", "a"},
	    {"^[\\p{Lu}_]+$", "A_", "a"},
	    {"^\\p{ASCII}$", "a", "\u00E9"},
	    {"^\\p{Any}$", "\u00E9", ""},
	};

	(void)a;
	check_examples(x, LENGTH(x));
}

static void
groups_are_counted_and_named(struct arena *a)
{
	static const struct example x[] = {
	    {"^(a)\\1$", "aa", "a"},
	    {"^\\1(a)$", "a", "aa"}, /* it took no part: empty */
	    {"^(?:(a)|b)\\1$", "b", "ba"},
	    {"^(?<n>a)\\k<n>$", "aa", "a"},
	    {"^(?:ab)+$", "abab", "a"},
	    {"^(?=a)\\w$", "a", "b"},
	    {"^(?!a)\\w$", "b", "a"},
	    {"(?<=a)b", "ab", "b"},
	    {"(?<!a)b", "b", "ab"},
	    {"^a{2,3}?$", "aaa", "a"},
	    {"^(a|b)*c$", "abac", "ad"},
	};

	(void)a;
	check_examples(x, LENGTH(x));
}

/* What is wrong, and at which byte. */
static void
what_isnt_ecma_is_told(struct arena *a)
{
	static const struct {
		const char *pattern;
		size_t at;
	} x[] = {{"a**", 2}, {"*", 0}, {"(", 1}, {"ab)", 2}, {"a[b", 1},
	    {"[z-a]", 1}, {"a\\", 1}, {"\\q", 1}, {"\\2(a)", 1}, {"\\01", 1},
	    {"(?i)a", 0}, {"a(?>b)", 1}, {"a\\A", 2}, {"\\z", 1}, {"\\pL", 2},
	    {"\\u{110000}", 2}, {"\\x4", 2}, {"a++", 2}};

	(void)a;
	for (size_t i = 0; i < LENGTH(x); i++) {
		struct buf b = {0};
		size_t at = 99;
		const char *why =
		    ecma_translate(x[i].pattern, strlen(x[i].pattern), &b, &at);

		if (why == NULL || at != x[i].at)
			printf("# %s: %s at %zu\n", x[i].pattern,
			    why == NULL ? "good" : why, at);
		CHECK(why != NULL && at == x[i].at);
		buf_release(&b);
	}
	/* Names that only PCRE2 knows not to be there. */
	CHECK(matches("\\p{Nonsense}", "", 0) == -1);
	CHECK(matches("\\k<n>", "", 0) == -1);
}

/* A sample is one of what the pattern matches. */
static void
samples_match(struct arena *a)
{
	static const char *const x[] = {"^[A-Z]-\\d+$", "^a{3}b?(c|d)$",
	    "^\\w{2,}@\\w+\\.org$", "^(?:x|y)[^a]$", "^\\p{Lu}$", "^$",
	    "^\\s\\S\\D$", "tea|cup"};

	(void)a;
	for (size_t i = 0; i < LENGTH(x); i++) {
		struct buf b = {0};

		ecma_sample(x[i], strlen(x[i]), &b);
		if (matches(x[i], b.p == NULL ? "" : b.p, b.len) != 1)
			printf("# %s: '%.*s'\n", x[i], (int)b.len,
			    b.p == NULL ? "" : b.p);
		CHECK(matches(x[i], b.p == NULL ? "" : b.p, b.len) == 1);
		buf_release(&b);
	}
}

static const struct unit_test tests[] = {
    {"classes are those of ECMA-262", classes_are_those_of_ecma},
    {"^ and $ are the ends of the text, and nothing else",
	anchors_are_the_ends},
    {"escapes are characters", escapes_are_characters},
    {"properties have their long names", properties_have_their_long_names},
    {"groups are counted and named", groups_are_counted_and_named},
    {"what isn't ECMA-262 is told, with its place", what_isnt_ecma_is_told},
    {"a sample is one of what a pattern matches", samples_match},
};

int
main(void)
{
	return unit_run(tests, LENGTH(tests));
}
