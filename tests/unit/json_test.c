/*
 * JSON text to structure: the kernels agree, errors say where, limits hold.
 */
#include <stdlib.h>

#include "json/scan.h"
#include "unit.h"

enum { ROOM = 1024 };

static const char *const KERNELS[] = {
    "scalar", "sse4", "avx2", "avx512", "neon"};

/* Start a scan with that kernel; false where this machine has none such. */
static bool
scan_with(struct scan *s, const char *kernel)
{
	bool can;

	setenv("MS_SIMD", kernel, 1);
	can = scan_init(s, SCAN_DEPTH) == 0;
	unsetenv("MS_SIMD");
	return can;
}

/* One text with a kernel, and the same entries as another found. */
static void
check_same(const char *kernel, const struct scan *plain, const char *text,
    size_t len, enum scan_status want)
{
	struct scan s;
	struct line line;

	if (!scan_with(&s, kernel))
		return;
	CHECK(scan_text(&s, text, len, &line) == want);
	CHECK(s.n == plain->n);
	CHECK(s.n != plain->n ||
	    memcmp(s.at, plain->at, s.n * sizeof(*s.at)) == 0);
	scan_release(&s);
}

/* A text that ends at len, with whatever behind it. */
static void
check_text(const char *text, size_t len)
{
	enum scan_status status;
	struct scan plain;
	struct line line;

	CHECK(scan_with(&plain, "scalar"));
	status = scan_text(&plain, text, len, &line);
	CHECK(status == SCAN_OK);
	for (size_t i = 1; i < LENGTH(KERNELS); i++)
		check_same(KERNELS[i], &plain, text, len, status);
	scan_release(&plain);
}

/* Check an array of it at each offset of a chunk, and across its end. */
static void
at_each_offset(const char *what, char filler)
{
	char text[ROOM];

	for (size_t before = 0; before < 150; before++) {
		size_t n = 0;

		text[n++] = '[';
		memset(text + n, filler, before);
		n += before;
		n += (size_t)snprintf(text + n, ROOM - n, "%s]", what);
		memset(text + n, '"', SCAN_PADDING); /* must not matter */
		check_text(text, n);
	}
}

static void
kernels_agree(struct arena *a)
{
	(void)a;
	at_each_offset("\"\"", ' ');
	at_each_offset("\"\\\\\"", ' ');
	at_each_offset("\"\\\\\\\"{}[],:\\\\\"", '\n');
	at_each_offset("\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"", ' ');
	at_each_offset("{\"a\":[1,{\"b\":null}],\"c\":-1.5e+3}", '\t');
	at_each_offset("true", ' ');
}

static void
long_escapes(struct arena *a)
{
	char text[ROOM];

	(void)a;
	/* runs of backslashes across chunks: even ones end the string */
	for (size_t n = 2; n < 300; n += 2) {
		size_t len = n + 2;

		text[0] = '"';
		memset(text + 1, '\\', n);
		text[n + 1] = '"';
		memset(text + len, '\\', SCAN_PADDING);
		check_text(text, len);
	}
}

/* What is wrong with a text is told with this column and reason. */
static void
check_wrong(const char *text, size_t column, const char *reason)
{
	for (size_t i = 0; i < LENGTH(KERNELS); i++) {
		struct scan s;
		struct line line = {0};
		char copy[ROOM] = "";

		if (!scan_with(&s, KERNELS[i]))
			continue;
		memcpy(copy, text, strlen(text));
		CHECK(scan_text(&s, copy, strlen(text), &line) == SCAN_BAD);
		if (line.error.column != column ||
		    strstr(line.error.reason, reason) == NULL)
			printf("# %s: %zu: %s\n", text, line.error.column,
			    line.error.reason);
		CHECK(line.error.column == column);
		CHECK(strstr(line.error.reason, reason) != NULL);
		scan_release(&s);
	}
}

static void
errors_say_where(struct arena *a)
{
	(void)a;
	check_wrong("{\"a\":1 \"b\":2}", 8, "',' or '}'");
	check_wrong("[1,2", 5, "");
	check_wrong("[1,]", 4, "value");
	check_wrong("{\"a\" 1}", 6, "':'");
	check_wrong("[01]", 2, "start with 0");
	check_wrong("[tru]", 2, "");
	check_wrong("\"a\\x\"", 3, "escape");
	check_wrong("\"a\tb\"", 3, "control");
	check_wrong("[\"\xFF\"]", 3, "UTF-8");
	check_wrong("{\"a\":1} x", 9, "");
}

static void
nesting_is_limited(struct arena *a)
{
	struct scan s;
	struct line line;
	char text[ROOM];

	(void)a;
	CHECK(scan_init(&s, 100) == 0);
	for (size_t depth = 99; depth <= 101; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		memset(text + 2 * depth, ' ', SCAN_PADDING);
		CHECK(scan_text(&s, text, 2 * depth, &line) ==
		    (depth <= 100 ? SCAN_OK : SCAN_BAD));
	}
	CHECK(line.error.column == 101);
	scan_release(&s);
}

static void
windows_hold_lines(struct arena *a)
{
	static const char TEXT[] = "{\"a\":1}\r\n\n  \n{\"b\":}\n[2]";
	char text[sizeof(TEXT) + SCAN_PADDING] = "";
	struct scan s;
	struct line line;

	(void)a;
	memcpy(text, TEXT, sizeof(TEXT));
	CHECK(scan_init(&s, SCAN_DEPTH) == 0);
	CHECK(scan_window(&s, text, sizeof(TEXT) - 1) == 0);
	CHECK(scan_line(&s, &line) == SCAN_OK && line.len == 7);
	CHECK(scan_line(&s, &line) == SCAN_BLANK && line.len == 0);
	CHECK(scan_line(&s, &line) == SCAN_BLANK && line.len == 2);
	CHECK(scan_line(&s, &line) == SCAN_BAD && line.error.column == 6);
	CHECK(scan_line(&s, &line) == SCAN_OK && line.len == 3);
	CHECK(s.doc.text[s.doc.at[line.root]] == '[');
	CHECK(scan_line(&s, &line) == SCAN_END);
	scan_release(&s);
}

static void
entries_join_brackets(struct arena *a)
{
	static const char TEXT[] = "{\"a\":[1,[]],\"b\":{}}";
	char text[sizeof(TEXT) + SCAN_PADDING] = "";
	struct scan s;
	struct line line;
	const struct doc *d = &s.doc;

	(void)a;
	memcpy(text, TEXT, sizeof(TEXT));
	CHECK(scan_init(&s, SCAN_DEPTH) == 0);
	CHECK(scan_text(&s, text, sizeof(TEXT) - 1, &line) == SCAN_OK);
	CHECK(doc_end(d, 0) == text + sizeof(TEXT) - 1);
	CHECK(text[d->at[1]] == '"' && text[d->at[2]] == ':');
	CHECK(text[d->at[3]] == '[');
	CHECK(text[d->at[doc_after(d, 3)]] == ','); /* behind the array */
	CHECK(*doc_scalar_end(d, 4) == ',');        /* behind the 1 */
	scan_release(&s);
}

static void
charges_its_entries(struct arena *a)
{
	struct account account = {.limit = 100000};
	static char text[200000];
	struct scan s;
	struct line line;

	(void)a;
	memset(text, '[', sizeof(text));
	CHECK(scan_init(&s, SCAN_DEPTH) == 0);
	scan_charge(&s, &account);
	CHECK(scan_text(&s, "[1]", 3, &line) == SCAN_OK);
	CHECK(account.held > 0);
	CHECK(scan_text(&s, text, sizeof(text) - 1, &line) == SCAN_END);
	CHECK(account.held <= account.limit);
	scan_release(&s);
	CHECK(account.held == 0);
}

static const struct unit_test tests[] = {
    {"all kernels find the same entries, wherever a chunk ends", kernels_agree},
    {"backslashes in a row count across chunks", long_escapes},
    {"an error says where and why, under each kernel", errors_say_where},
    {"nesting is limited", nesting_is_limited},
    {"a window holds lines of all kinds", windows_hold_lines},
    {"entries join an opening bracket to its closing one",
	entries_join_brackets},
    {"entries are charged to an account", charges_its_entries},
};

int
main(void)
{
	return unit_run(tests, LENGTH(tests));
}
