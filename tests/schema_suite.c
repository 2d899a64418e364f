/*
 * schema_suite - run files of the JSON Schema Test Suite.
 *
 *	schema_suite [--formats] DRAFT-URI REMOTES FILE ...
 *
 * Says "not ok" for each case that goes wrong, and at the end how many went
 * well.  Schemas are written to a file, as a user would have them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/place.h"
#include "schema/schema.h"
#include "value/string.h"

struct suite {
	const char *draft;
	struct schema_map map;
	bool formats;
	struct arena arena; /* of a file's cases */
	jmp_buf overflow;
	char path[64]; /* of the schema in hand */
	unsigned passed, failed;
	const char *file;
};

static const char *
text_of(struct suite *s, const struct doc *d, uint32_t e, const char *key)
{
	struct value v;
	uint32_t at;

	if (!place_get(&s->arena, d, e, key, &at))
		return "";
	v = string_decoded(&s->arena, value_source(d, at));
	return arena_copy(&s->arena, v.text, v.n);
}

/* Write the schema to its file, with the draft where it says none. */
static void
write_schema(struct suite *s, const struct doc *d, uint32_t e)
{
	const char *from = d->text + d->at[e], *end = doc_end(d, e);
	FILE *f = fopen(s->path, "w");
	uint32_t at;

	if (f == NULL) {
		perror(s->path);
		exit(2);
	}
	if (*from == '{' && !place_get(&s->arena, d, e, "$schema", &at)) {
		fprintf(f, "{\"$schema\":\"%s\"%s", s->draft,
		    d->match[e] == e + 1 ? "" : ",");
		from++;
	}
	fwrite(from, 1, (size_t)(end - from), f);
	fclose(f);
}

static void
judge(struct suite *s, const char *group, const char *test, const char *why)
{
	if (why == NULL) {
		s->passed++;
		return;
	}
	s->failed++;
	printf("not ok %s: %s: %s (%s)\n", s->file, group, test, why);
}

static const char *
run_case(
    struct suite *s, struct schema_checker *c, const struct doc *d, uint32_t e)
{
	enum schema_outcome outcome;
	struct buf out = {0};
	uint32_t data, valid;

	if (!place_get(&s->arena, d, e, "data", &data) ||
	    !place_get(&s->arena, d, e, "valid", &valid))
		return "no case";
	outcome = schema_check(c, &s->arena, d, data);
	if (outcome == SCHEMA_FAILED)
		return schema_failure(c);
	if (outcome == SCHEMA_INVALID) {
		schema_explain(c, &s->arena, d, data, data, true, &out);
		if (buf_failed(&out) || out.len == 0)
			return "no explanation";
		buf_release(&out);
	}
	if ((outcome == SCHEMA_VALID) == (place_type(d, valid) == 't'))
		return NULL;
	return outcome == SCHEMA_VALID ? "taken for valid"
				       : "taken for invalid";
}

static void
run_group(struct suite *s, const struct doc *d, uint32_t e)
{
	struct schema_options o = {s->formats, &s->map, 1, NULL};
	const char *group = text_of(s, d, e, "description");
	struct schema *schema = schema_new();
	struct schema_checker *c = NULL;
	struct schema_error error;
	uint32_t at, tests;
	bool loaded;

	if (!place_get(&s->arena, d, e, "schema", &at) ||
	    !place_get(&s->arena, d, e, "tests", &tests) || schema == NULL)
		exit(2);
	write_schema(s, d, at);
	loaded = schema_load(schema, s->path, &o, &error) == 0;
	if (loaded)
		c = schema_checker_new(schema);
	PLACE_EACH_ITEM (d, tests, i)
		judge(s, group, text_of(s, d, i, "description"),
		    loaded ? run_case(s, c, d, i) : error.message);
	schema_checker_free(c);
	schema_free(schema);
}

static bool
run_file(struct suite *s, const char *path)
{
	struct scan_error error;
	struct value v;
	char *text;
	FILE *f = fopen(path, "r");
	long size;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0)
		return false;
	rewind(f);
	text = malloc((size_t)size + 1);
	if (text == NULL || fread(text, 1, (size_t)size, f) != (size_t)size)
		return false;
	fclose(f);
	s->file = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
	if (setjmp(s->overflow) != 0 ||
	    !value_parse(&s->arena, text, (size_t)size, &v, &error)) {
		free(text);
		return false;
	}
	PLACE_EACH_ITEM (v.doc, v.n, group)
		run_group(s, v.doc, group);
	arena_reset(&s->arena);
	free(text);
	return true;
}

int
main(int argc, char **argv)
{
	struct suite s = {.path = "schema_suite.XXXXXX"};
	int i = 1, fd;

	s.formats = argc > 1 && strcmp(argv[1], "--formats") == 0;
	i += s.formats;
	if (argc < i + 3) {
		fprintf(stderr,
		    "usage: schema_suite [--formats] DRAFT REMOTES FILE...\n");
		return 2;
	}
	s.draft = argv[i];
	s.map = (struct schema_map){"http://localhost:1234/", argv[i + 1]};
	fd = mkstemp(s.path);
	if (fd == -1) {
		perror(s.path);
		return 2;
	}
	close(fd);
	arena_init(&s.arena, (size_t)1 << 30);
	s.arena.overflow = &s.overflow;
	for (i += 2; i < argc; i++)
		if (!run_file(&s, argv[i]))
			printf("not ok %s can't be read\n", argv[i]);
	arena_release(&s.arena);
	unlink(s.path);
	printf("%u passed, %u failed\n", s.passed, s.failed);
	return s.failed > 0;
}
