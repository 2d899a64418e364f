/*
 * State that an engine moves: laid into a directory, and taken from what
 * stages append there.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "engine/stages.h"
#include "unit.h"

struct place {
	struct folder folder;
	struct stages s;
	char path[300];
};

static void
begin(struct place *p)
{
	CHECK(folder_open(&p->folder, "ms-test"));
	snprintf(p->path, sizeof(p->path), "%s/0", p->folder.path);
	CHECK(stages_open(&p->s, p->path));
}

static void
end(struct place *p)
{
	stages_close(&p->s);
	CHECK(access(p->path, F_OK) == -1);
	folder_close(&p->folder);
}

static bool
lay(struct place *p, const char *key, const char *value)
{
	return stages_lay(
	    &p->s, key, strlen(key), value, value == NULL ? 0 : strlen(value));
}

/* As a stage does. */
static void
append(struct place *p, const char *name, const char *text)
{
	char path[400];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", p->path, name);
	f = fopen(path, "a");
	CHECK(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0);
}

static bool
holds(struct place *p, const char *name, const char *text)
{
	char path[400], content[1000];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", p->path, name);
	f = fopen(path, "r");
	if (f == NULL)
		return false;
	n = fread(content, 1, sizeof(content) - 1, f);
	content[n] = '\0';
	fclose(f);
	return strcmp(content, text) == 0;
}

static bool
next(struct place *p, size_t *at, const char *key, const char *value)
{
	struct stages_change c;

	if (!stages_change(&p->s, at, &c) || c.key_len != strlen(key) ||
	    memcmp(c.key, key, c.key_len) != 0)
		return false;
	if (value == NULL || c.value == NULL)
		return value == c.value;
	return c.len == strlen(value) && memcmp(c.value, value, c.len) == 0;
}

static bool
complains(struct place *p, const char *why)
{
	return strstr(p->s.error, why) != NULL;
}

#define CLAIM   "{\"stage\":\"seen\",\"of\":{\"op\":\"fold\"}}"
#define MARK(b) "{\"stage\":\"seen\",\"barrier\":\"" b "\",\"n\":"

static void
state_is_laid_as_stages_read_it(struct arena *a)
{
	struct place p;

	(void)a;
	begin(&p);
	CHECK(lay(&p, "[\"seen\"]", "{\"stage\":\"seen\",\"of\":{}}"));
	CHECK(lay(&p, "[\"seen\",\"ada\"]", "{\"key\":\"ada\",\"value\":1}"));
	CHECK(lay(&p, "[\"seen\",[1,2]]", NULL));
	CHECK(lay(&p, "[\"o\\u0074her\",null]", "{\"key\":null,\"value\":2}"));
	CHECK(stages_laid(&p.s));
	CHECK(holds(&p, "seen",
	    "{\"key\":\"ada\",\"value\":1}\n"
	    "{\"key\":[1,2],\"value\":null}\n"
	    "{\"stage\":\"seen\",\"of\":{}}\n"));
	CHECK(holds(&p, "other", "{\"key\":null,\"value\":2}\n"));
	CHECK(p.s.laid == 3);
	CHECK(p.s.entries == 3);
	end(&p);
}

static void
what_is_no_state_is_told(struct arena *a)
{
	static const char *const KEYS[] = {"", "seen", "\"seen\"", "[]", "[1]",
	    "[\"\"]", "[\".x\"]", "[\"../x\",1]", "[\"a\\u0000b\",1]",
	    "[\"seen\",1,2]", "{\"seen\":1}"};
	struct place p;

	(void)a;
	begin(&p);
	for (size_t i = 0; i < LENGTH(KEYS); i++) {
		CHECK(!lay(&p, KEYS[i], "{}"));
		CHECK(complains(&p, "key isn't one of a stage's state"));
	}
	CHECK(!stages_lay(&p.s, NULL, 0, "{}", 2));
	CHECK(!lay(&p, "[\"seen\",1]", "{\n}"));
	CHECK(complains(&p, "isn't one line"));
	CHECK(p.s.unfit);
	/* A directory that has gone is no fault of the record. */
	CHECK(rmdir(p.path) == 0);
	CHECK(!lay(&p, "[\"seen\",1]", "{}"));
	CHECK(!p.s.unfit);
	CHECK(mkdir(p.path, 0700) == 0);
	end(&p);
}

static void
what_stages_append_becomes_records(struct arena *a)
{
	struct place p;
	size_t at = 0;

	(void)a;
	begin(&p);
	CHECK(stages_laid(&p.s));
	append(&p, "seen", CLAIM "\n" MARK("b1") "0}\n");
	CHECK(stages_take(&p.s, "b1"));
	CHECK(holds(&p, "seen", ""));
	append(&p, "seen",
	    "{\"key\":\"ada\",\"value\":1}\n{\"key\":\"bob\",\"value\":null}"
	    "\n" MARK("b2") "2}\n");
	CHECK(stages_take(&p.s, "b2"));
	CHECK(next(&p, &at, "[\"seen\"]", CLAIM));
	CHECK(next(
	    &p, &at, "[\"seen\",\"ada\"]", "{\"key\":\"ada\",\"value\":1}"));
	CHECK(next(&p, &at, "[\"seen\",\"bob\"]", NULL));
	CHECK(!next(&p, &at, "", NULL));
	stages_drop_changes(&p.s);
	at = 0;
	/* Nothing new: no record.  The stream's time is something new. */
	append(&p, "seen", MARK("b3") "0}\n");
	CHECK(stages_take(&p.s, "b3"));
	CHECK(!next(&p, &at, "", NULL));
	append(&p, "seen", MARK("b4") "0,\"time\":\"2026-01-01T00:00:00Z\"}\n");
	CHECK(stages_take(&p.s, "b4"));
	CHECK(next(&p, &at, "[\"seen\"]",
	    "{\"stage\":\"seen\",\"of\":{\"op\":\"fold\"},\"time\":"
	    "\"2026-01-01T00:00:00Z\"}"));
	CHECK(stages_unclaimed(&p.s) == NULL);
	end(&p);
}

static void
marks_alone_may_wait_for_a_change(struct arena *a)
{
	struct place p;
	size_t at = 0;

	(void)a;
	begin(&p);
	append(&p, "seen", CLAIM "\n" MARK("b1") "0}\n");
	CHECK(stages_take(&p.s, "b1"));
	CHECK(stages_put_off(&p.s));
	CHECK(!next(&p, &at, "", NULL));
	append(&p, "seen", MARK("b2") "0}\n");
	CHECK(stages_take(&p.s, "b2"));
	CHECK(stages_put_off(&p.s));
	append(&p, "seen", "{\"key\":1,\"value\":2}\n" MARK("b3") "1}\n");
	CHECK(stages_take(&p.s, "b3"));
	CHECK(!stages_put_off(&p.s));
	CHECK(next(&p, &at, "[\"seen\",1]", "{\"key\":1,\"value\":2}"));
	CHECK(next(&p, &at, "[\"seen\"]", CLAIM));
	CHECK(!next(&p, &at, "", NULL));
	stages_drop_changes(&p.s);
	CHECK(stages_put_off(&p.s));
	end(&p);
}

static void
what_was_taken_before_a_fault_stays_alone(struct arena *a)
{
	struct place p;
	size_t at = 0;

	(void)a;
	begin(&p);
	append(
	    &p, "seen", CLAIM "\n{\"key\":1,\"value\":2}\n" MARK("b1") "1}\n");
	CHECK(stages_take(&p.s, "b1"));
	append(&p, "seen", "{\"key\":3,\"value\":4}\n");
	CHECK(!stages_take(&p.s, "b2"));
	CHECK(next(&p, &at, "[\"seen\",1]", "{\"key\":1,\"value\":2}"));
	CHECK(next(&p, &at, "[\"seen\"]", CLAIM));
	CHECK(!next(&p, &at, "", NULL));
	end(&p);
}

static void
what_was_laid_is_not_taken_again(struct arena *a)
{
	struct place p;
	size_t at = 0;

	(void)a;
	begin(&p);
	CHECK(lay(&p, "[\"seen\"]", CLAIM));
	CHECK(lay(&p, "[\"seen\",1]", "{\"key\":1,\"value\":1}"));
	CHECK(lay(&p, "[\"old\",1]", "{\"key\":1,\"value\":1}"));
	CHECK(stages_laid(&p.s));
	append(&p, "seen", CLAIM "\n" MARK("b1") "0}\n");
	CHECK(stages_take(&p.s, "b1"));
	CHECK(!next(&p, &at, "", NULL));
	CHECK(stages_unclaimed(&p.s) != NULL &&
	    strcmp(stages_unclaimed(&p.s), "old") == 0);
	end(&p);
}

static void
a_stage_that_lost_lines_is_told(struct arena *a)
{
	static const struct {
		const char *text, *why;
	} CASES[] = {
	    {CLAIM "\n{\"key\":1,\"value\":1}\n" MARK("b1") "2}\n",
		"stage seen: its mark counts other lines than it wrote"},
	    {CLAIM "\n{\"stage\":\"seen\",\"barrier\":\"b1\"}\n",
		"stage seen: its mark doesn't count the lines"},
	    {CLAIM "\n{\"key\":1,\"value\":1}\n" MARK("b0") "1}\n",
		"stage seen: it saw a barrier that wasn't sent"},
	    {CLAIM "\n{\"key\":1,\"value\":1}\n",
		"stage seen: it didn't keep its state"},
	    {CLAIM "\n" MARK("b1") "0}\n{\"key\":1,\"va",
		"stage seen: what it wrote ends within a line"},
	    {CLAIM "\n{\"key\":1}\n", "stage seen: a line of state needs"},
	};
	struct place p;

	(void)a;
	for (size_t i = 0; i < LENGTH(CASES); i++) {
		begin(&p);
		append(&p, "seen", CASES[i].text);
		CHECK(!stages_take(&p.s, "b1"));
		CHECK(complains(&p, CASES[i].why));
		end(&p);
	}
	/* One that is there, and silent. */
	begin(&p);
	append(&p, "seen", CLAIM "\n" MARK("b1") "0}\n");
	CHECK(stages_take(&p.s, "b1"));
	CHECK(!stages_take(&p.s, "b2"));
	CHECK(complains(&p, "stage seen: it didn't keep its state"));
	/* At the end there needn't be anything. */
	CHECK(stages_take(&p.s, NULL));
	append(&p, "seen",
	    "{\"key\":1,\"value\":null}\n"
	    "{\"stage\":\"seen\",\"barrier\":null,\"n\":1}\n");
	CHECK(stages_take(&p.s, NULL));
	end(&p);
}

static void
what_killed_users_left_behind_is_removed(struct arena *a)
{
	struct folder mine, left, next_one;
	char path[400];

	(void)a;
	CHECK(folder_open(&mine, "ms-test"));
	CHECK(folder_open(&left, "ms-test"));
	snprintf(path, sizeof(path), "%s/a", left.path);
	CHECK(mkdir(path, 0700) == 0);
	(void)close(left.lock); /* as its user's death does */
	CHECK(folder_open(&next_one, "ms-test"));
	CHECK(access(left.path, F_OK) == -1);
	CHECK(access(mine.path, F_OK) == 0);
	free(left.path);
	folder_close(&next_one);
	snprintf(path, sizeof(path), "%s", mine.path);
	folder_close(&mine);
	CHECK(access(path, F_OK) == -1);
}

static const struct unit_test TESTS[] = {
    {"state is laid as stages read it", state_is_laid_as_stages_read_it},
    {"what is no state is told", what_is_no_state_is_told},
    {"what stages append becomes records", what_stages_append_becomes_records},
    {"marks alone may wait for a change", marks_alone_may_wait_for_a_change},
    {"what was taken before a fault stays alone",
	what_was_taken_before_a_fault_stays_alone},
    {"what was laid is not taken again", what_was_laid_is_not_taken_again},
    {"a stage that lost lines is told", a_stage_that_lost_lines_is_told},
    {"what killed users left behind is removed",
	what_killed_users_left_behind_is_removed},
};

int
main(void)
{
	return unit_run(TESTS, LENGTH(TESTS));
}
