/*
 * patch_cases - run a file of json-patch-tests, an array of cases, and say
 * "ok" or "not ok" for each.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "history/patch.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum outcome { OK, NOT_OK, SKIPPED };

static bool
member(struct arena *a, struct value v, const char *name, struct value *out)
{
	return object_get(a, v, value_cstring(name), out);
}

static enum outcome
run(struct arena *a, struct value test, char *why, size_t room)
{
	struct value doc, patch, expected, v;
	struct patch_error error;
	bool applied;

	if (!member(a, test, "doc", &doc) || !member(a, test, "patch", &patch))
		return SKIPPED;
	if (member(a, test, "disabled", &v) && value_is_true(v))
		return SKIPPED;
	applied = patch_apply(a, patch, &doc, NULL, &error);
	snprintf(why, room, "%s", applied ? "applied" : error.text);
	if (member(a, test, "error", &v))
		return applied ? NOT_OK : OK;
	if (!applied)
		return NOT_OK;
	return !member(a, test, "expected", &expected) ||
		value_equal(a, doc, expected)
	    ? OK
	    : NOT_OK;
}

static int
run_all(struct arena *a, struct value tests)
{
	int failed = 0;

	tests = array_open(a, tests);
	for (size_t i = 0; i < array_length(tests); i++) {
		struct value test = array_at(tests, i), comment;
		char why[200] = "";
		enum outcome outcome = run(a, test, why, sizeof(why));

		if (outcome == SKIPPED)
			continue;
		comment = value_cstring("");
		if (member(a, test, "comment", &comment))
			comment = string_decoded(a, comment);
		printf("%s %zu %.*s (%s)\n", outcome == OK ? "ok" : "not ok", i,
		    (int)comment.n, comment.text, why);
		failed += outcome == NOT_OK;
	}
	return failed;
}

static bool
read_all(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "r");

	if (f == NULL)
		return false;
	while (!feof(f) && !ferror(f) && buf_room(b, 4096))
		b->len += fread(b->p + b->len, 1, 4096, f);
	return fclose(f) == 0 && !buf_failed(b);
}

static int
run_file(struct arena *a, const char *path, const struct buf *text)
{
	struct scan_error error;
	struct value tests;

	if (value_parse(a, text->p, text->len, &tests, &error))
		return run_all(a, tests);
	fprintf(stderr, "%s:%zu: %s\n", path, error.column, error.reason);
	return 1;
}

int
main(int argc, char **argv)
{
	struct buf text = {0};
	struct arena a;
	jmp_buf overflow;
	int failed;

	arena_init(&a, (size_t)1 << 30);
	a.overflow = &overflow;
	if (argc != 2 || setjmp(overflow) != 0 || !read_all(argv[1], &text)) {
		fprintf(stderr, "usage: patch_cases FILE\n");
		return 2;
	}
	failed = run_file(&a, argv[1], &text);
	arena_release(&a);
	buf_release(&text);
	return failed == 0 ? 0 : 1;
}
