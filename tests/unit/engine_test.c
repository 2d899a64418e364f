/*
 * What an engine's client needs, without an engine: records held in batches,
 * their lines, barriers, processes, and lines back to records.
 */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/batch.h"
#include "engine/bisect.h"
#include "engine/feed.h"
#include "engine/match.h"
#include "engine/pipeline.h"
#include "engine/returns.h"
#include "unit.h"

static void
keep(struct held *h)
{
	(void)h;
}

/* A record of the topic t, without a line. */
static struct held *
add(struct batch *b, int32_t partition, int64_t offset, const char *key,
    const char *value)
{
	struct held *h = batch_add(b);

	h->topic = "t";
	h->partition = partition;
	h->offset = offset;
	h->timestamp = 1700000000123;
	h->key = key;
	h->key_len = key == NULL ? 0 : strlen(key);
	h->value = value;
	h->len = value == NULL ? 0 : strlen(value);
	h->kind = value == NULL ? HELD_TOMBSTONE : HELD_EVENT;
	return h;
}

static void
drop(struct batch *b)
{
	batch_clear(b, keep);
	batch_release(b);
}

/* --- batches --- */

static void
finds_records_by_place(struct arena *a)
{
	struct batch b = {.n = 0};
	enum { N = 1000 };

	(void)a;
	for (int i = 0; i < N; i++)
		add(&b, i % 3, 7 * i, "k", "{}");
	/* In order, backwards, and what isn't there. */
	for (int i = 0; i < N; i++)
		CHECK(batch_find(&b, "t", 1, i % 3, 7 * i) == (size_t)i);
	for (int i = N - 1; i >= 0; i--)
		CHECK(batch_find(&b, "t", 1, i % 3, 7 * i) == (size_t)i);
	CHECK(batch_find(&b, "t", 1, 0, 1) == SIZE_MAX);
	CHECK(batch_find(&b, "t", 1, 4, 0) == SIZE_MAX);
	CHECK(batch_find(&b, "tt", 2, 0, 0) == SIZE_MAX);
	CHECK(batch_find(&b, "", 0, 0, 0) == SIZE_MAX);
	batch_clear(&b, keep);
	CHECK(batch_find(&b, "t", 1, 0, 0) == SIZE_MAX);
	drop(&b);
}

static void
tombstones_keep_their_place_by_key(struct arena *a)
{
	struct batch b = {.n = 0};

	(void)a;
	add(&b, 0, 0, "a", "{}");
	add(&b, 0, 1, "a", NULL);
	add(&b, 0, 2, "b", "{}");
	add(&b, 1, 0, "a", "{}"); /* of another partition */
	add(&b, 0, 3, "a", "{}"); /* behind its tombstone */
	add(&b, 0, 4, NULL, NULL);
	add(&b, 0, 5, "", "{}");
	add(&b, 0, 6, NULL, "{}");
	CHECK(batch_part(&b, 0) == 4);
	CHECK(batch_part(&b, 4) == 7);
	CHECK(batch_part(&b, 7) == 8);
	CHECK(batch_part(&b, 8) == 8);
	CHECK(batch_events(&b, 0, 4) == 3);
	drop(&b);
}

static void
no_part_has_an_event_behind_a_tombstone_of_its_key(struct arena *a)
{
	static const char *const KEYS[] = {"a", "b", "c", "d", "e"};
	struct batch b = {.n = 0};
	enum { N = 2000 };
	size_t parts = 0;

	(void)a;
	srandom(7);
	for (int i = 0; i < N; i++)
		add(&b, 0, i, KEYS[random() % 5], random() % 4 ? "{}" : NULL);
	for (size_t from = 0, end; from < b.n; from = end, parts++) {
		end = batch_part(&b, from);
		CHECK(end > from);
		for (size_t i = from; i < end; i++)
			for (size_t k = from; k < i; k++)
				CHECK(b.v[i].kind == HELD_TOMBSTONE ||
				    b.v[k].kind == HELD_EVENT ||
				    strcmp(b.v[i].key, b.v[k].key) != 0);
	}
	CHECK(parts > 1 && parts < N);
	drop(&b);
}

/* --- lines --- */

static struct feed feed;

static bool
feed_text(struct batch *b, const char *value)
{
	add(b, 3, 42, "k\"1", value);
	return feed_line(&feed, b);
}

/* Is this the batch's text, where the time stands still? */
static bool
fed(const struct batch *b, const char *want)
{
	size_t len;
	const char *text = batch_text(b, 0, b->n, &len);

	if (len == strlen(want) && memcmp(text, want, len) == 0)
		return true;
	printf("# %.*s", (int)len, text);
	return false;
}

#define FROM                                                                   \
	"{\"op\":\"kafka\",\"from\":{\"topic\":\"t\",\"partition\":3,"         \
	"\"offset\":42,\"timestamp\":1700000000123,\"key\":\"k\\\"1\"},"       \
	"\"at\":\"2026-11-22T14:39:44.123456Z\",\"sum\":\""

static void
an_event_gets_its_place(struct arena *a)
{
	struct batch b = {.n = 0};

	(void)a;
	setenv("MS_NOW", "2026-11-22T14:39:44.123456Z", 1);
	CHECK(feed_init(&feed, LINEAGE_FULL, NULL, "kafka") == 0);
	CHECK(feed_text(&b, "{\"a\":1.10}\r\n"));
	CHECK(fed(
	    &b, "{\"a\":1.10,\"_lineage\":[" FROM "79a1b1777276755f\"}]}\n"));
	CHECK(b.v[0].kind == HELD_EVENT);
	feed_release(&feed);
	drop(&b);
}

static void
headers_and_bytes_stand_in_the_place(struct arena *a)
{
	static const struct held_header HEADERS[] = {
	    {"h", "1", 1},
	    {"h", "\xff\xfe", 2},
	    {"n", NULL, 0},
	};
	struct held h = {.topic = "t",
	    .timestamp = -1,
	    .key = "\x80",
	    .key_len = 1,
	    .headers = HEADERS,
	    .headers_n = 3};
	struct buf out = {0};

	held_put_place(&out, &h);
	buf_putc(&out, '\0');
	CHECK_JSON(unit_json(a, out.p),
	    "{\"topic\":\"t\",\"partition\":0,\"offset\":0,"
	    "\"key\":{\"base64\":\"gA==\"},\"headers\":["
	    "{\"name\":\"h\",\"value\":\"1\"},"
	    "{\"name\":\"h\",\"value\":{\"base64\":\"//4=\"}},"
	    "{\"name\":\"n\",\"value\":null}]}");
	buf_release(&out);
}

static void
what_no_pipeline_can_take_has_no_line(struct arena *a)
{
	static const struct {
		const char *value, *why;
	} CASES[] = {
	    {"", "the value is empty"},
	    {"\n", "the value is empty"},
	    {"  ", "the value is empty"},
	    {"[1]", "the value is no JSON object"},
	    {"1", "the value is no JSON object"},
	    {"{\"a\":1",
		"the value is no JSON: byte 7: expected ',' or '}', "
		"but the line ends"},
	    {"[1,", NULL},
	    {"{\"a\":\"\xff\"}", NULL},
	    {"{\"a\":1}{\"b\":2}", NULL},
	    {"{\n\"a\":1}", "the value holds a raw newline"},
	    {"{\"a\":1}\n{\"b\":2}\n", "the value holds a raw newline"},
	    {"{\"ms.barrier\":\"x\",\"n\":0}", "the value is a control line"},
	    {" { \"ms.other\":1}", "the value is a control line"},
	    {"{\"_lineage\":1}",
		"the event's history is not an array of objects"},
	};
	struct batch b = {.n = 0};

	(void)a;
	CHECK(feed_init(&feed, LINEAGE_FULL, NULL, "kafka") == 0);
	for (size_t i = 0; i < LENGTH(CASES); i++) {
		CHECK(feed_text(&b, CASES[i].value));
		CHECK(b.v[i].kind == HELD_UNFIT);
		CHECK(b.v[i].why != NULL);
		CHECK(CASES[i].why == NULL ||
		    strcmp(b.v[i].why, CASES[i].why) == 0);
	}
	CHECK(b.text.len == 0);
	add(&b, 0, 0, "k", NULL);
	CHECK(feed_line(&feed, &b));
	CHECK(b.v[b.n - 1].kind == HELD_TOMBSTONE && b.text.len == 0);
	feed_release(&feed);
	drop(&b);
}

/* --- what comes back --- */

static enum returns_status
give(struct returns *r, const char *text)
{
	size_t n = strlen(text);

	if (!returns_room(r) || r->text.cap - r->text.len < n)
		return RETURNS_STARVED;
	memcpy(r->text.p + r->text.len, text, n);
	return returns_take(r, n);
}

static bool
is_line(const struct returns *r, size_t i, const char *want)
{
	size_t len;
	const char *line = returns_line(r, i, &len);

	return len == strlen(want) && memcmp(line, want, len) == 0;
}

static void
lines_come_back_in_any_pieces(struct arena *a)
{
	struct returns r = {.text = {0}};

	(void)a;
	returns_expect(&r, "x-1");
	CHECK(give(&r, "{\"a\"") == RETURNS_MORE);
	CHECK(give(&r, ":1}\r\n\n{\"b\":2}\n{\"ms.b") == RETURNS_MORE);
	CHECK(give(&r, "arrier\":\"x-1\",\"n\":2}\n{\"c\"") == RETURNS_BACK);
	CHECK(returns_count(&r) == 2);
	CHECK(is_line(&r, 0, "{\"a\":1}") && is_line(&r, 1, "{\"b\":2}"));
	/* What came behind it belongs to the next; a time's line ends there. */
	returns_expect(&r, "x-2");
	CHECK(give(&r, ":3}\n{\"ms.time\":\"…\"}\n") == RETURNS_MORE);
	CHECK(give(&r, "{\"ms.barrier\":\"x-2\",\"n\":2}\n") == RETURNS_BACK);
	CHECK(returns_count(&r) == 1 && is_line(&r, 0, "{\"c\":3}"));
	returns_expect(&r, "");
	CHECK(give(&r, "{\"ms.time\":\"…\"}\n{\"d\":4}\n") == RETURNS_MORE);
	CHECK(returns_count(&r) == 1 && is_line(&r, 0, "{\"d\":4}"));
	CHECK(returns_whole(&r));
	returns_release(&r);
}

static void
a_barrier_that_is_wrong_is_told(struct arena *a)
{
	static const char *const WRONG[] = {
	    "{\"ms.barrier\":\"x-2\",\"n\":0}\n",
	    "{\"ms.barrier\":\"x-1\",\"n\":1}\n",
	    "{\"ms.barrier\":\"x-10\",\"n\":0}\n",
	    "{\"ms.barrier\":\"x-1\"}\n",
	    "{ \"ms.barrier\" : 1 }\n",
	    "{\"a\":1}\n{\"ms.barrier\":\"x-1\",\"n\":0}\n",
	};

	(void)a;
	for (size_t i = 0; i < LENGTH(WRONG); i++) {
		struct returns r = {.text = {0}};

		returns_expect(&r, "x-1");
		CHECK(give(&r, WRONG[i]) == RETURNS_WRONG);
		CHECK(r.error[0] != '\0');
		returns_release(&r);
	}
}

/* --- processes --- */

static enum pipeline_status
send(struct pipeline *p, const char *text, const char *name, size_t n)
{
	struct buf b = {0};
	struct pipeline_pass x = {
	    .text = text, .len = strlen(text), .patience = 600000};
	enum pipeline_status status;

	returns_put_barrier(&b, name, n);
	x.barrier = b.p;
	x.barrier_len = b.len;
	status = pipeline_pass(p, name, &x);
	buf_release(&b);
	return status;
}

static int
begin(struct pipeline *p, const char *command)
{
	static char words[64];
	struct pipeline_plan plan = {.shell = {NULL}};
	static char set[] = "MS_TEST=it is set";

	snprintf(words, sizeof(words), "bash  -o pipefail");
	plan.set[0] = set;
	CHECK(pipeline_plan_shell(&plan, words, command));
	pipeline_init(p);
	return pipeline_start(p, &plan);
}

static void
a_pipeline_gives_back_what_it_is_given(struct arena *a)
{
	struct pipeline p;

	(void)a;
	CHECK(begin(&p, "cat | cat") == 0);
	CHECK(send(&p, "", "n-1", 0) == PIPELINE_BACK);
	CHECK(send(&p, "{\"a\":1}\n", "n-2", 1) == PIPELINE_BACK);
	CHECK(returns_count(&p.returns) == 1);
	CHECK(pipeline_end(&p, 600000));
	pipeline_release(&p);
}

static void
a_pipeline_without_barriers_ends_with_its_input(struct arena *a)
{
	struct pipeline_pass x = {
	    .text = "{\"a\":1}\n", .len = 8, .patience = 600000};
	struct pipeline p;

	(void)a;
	CHECK(begin(&p, "cat; echo \"$MS_TEST\"") == 0);
	CHECK(pipeline_pass(&p, "", &x) == PIPELINE_BACK);
	CHECK(!pipeline_runs(&p));
	CHECK(returns_count(&p.returns) == 2);
	CHECK(is_line(&p.returns, 1, "it is set"));
	pipeline_release(&p);
}

static void
a_pipeline_that_ends_is_told(struct arena *a)
{
	struct pipeline p;

	(void)a;
	CHECK(begin(&p, "cat >/dev/null; exit 5") == 0);
	process_end_input(&p.process);
	CHECK(send(&p, "", "n-1", 0) != PIPELINE_BACK);
	pipeline_kill(&p);
	pipeline_release(&p);
	CHECK(begin(&p, "exit 5") == 0);
	CHECK(send(&p, "{}\n", "n-1", 1) == PIPELINE_ENDED);
	CHECK(strcmp(p.error, "it ended with status 5") == 0);
	pipeline_kill(&p);
	pipeline_release(&p);
}

static void
a_stage_that_died_is_noticed_though_the_others_wait(struct arena *a)
{
	struct pipeline p;

	(void)a;
	CHECK(begin(&p, "cat | cat | (read x; exit 5) | cat") == 0);
	CHECK(send(&p, "{}\n", "n-1", 1) == PIPELINE_ENDED);
	CHECK(strcmp(p.error, "it ended with status 5") == 0);
	pipeline_kill(&p);
	pipeline_release(&p);
}

static void
a_pipeline_that_does_not_answer_is_told(struct arena *a)
{
	struct pipeline_pass x = {.text = "", .patience = 100};
	struct pipeline p;

	(void)a;
	x.barrier = "{\"ms.barrier\":\"n-1\",\"n\":0}\n";
	x.barrier_len = strlen(x.barrier);
	CHECK(begin(&p, "grep -v ms.barrier") == 0);
	CHECK(pipeline_pass(&p, "n-1", &x) == PIPELINE_LATE);
	CHECK(strcmp(p.error, "it didn't answer within 100 ms") == 0);
	pipeline_kill(&p);
	pipeline_release(&p);
}

enum { PATIENCE = 4000 };

/* What waits for a line, and how often we were asked whether to hurry. */
struct gate {
	int pipe[2];
	unsigned asked;
};

/* Be away for long, as one who was stopped; open the gate behind that. */
static bool
be_away(void *arg)
{
	struct gate *g = arg;

	if (++g->asked == 1)
		(void)poll(NULL, 0, PATIENCE + 100);
	if (g->asked == 3)
		CHECK(write(g->pipe[1], "\n", 1) == 1);
	return false;
}

static void
no_pipeline_is_late_for_what_we_were_stopped(struct arena *a)
{
	struct gate gate = {.asked = 0};
	struct pipeline_pass x = {
	    .text = "", .patience = PATIENCE, .hurry = be_away, .arg = &gate};
	struct pipeline p;
	char command[64];

	(void)a;
	x.barrier = "{\"ms.barrier\":\"n-1\",\"n\":0}\n";
	x.barrier_len = strlen(x.barrier);
	CHECK(pipe(gate.pipe) == 0);
	snprintf(command, sizeof(command), "read x <&%d; cat", gate.pipe[0]);
	CHECK(begin(&p, command) == 0);
	CHECK(pipeline_pass(&p, "n-1", &x) == PIPELINE_BACK);
	CHECK(gate.asked >= 3);
	pipeline_kill(&p);
	pipeline_release(&p);
	(void)close(gate.pipe[0]);
	(void)close(gate.pipe[1]);
}

/* --- back to records --- */

static void
a_line_finds_its_record(struct arena *a)
{
	struct batch b = {.n = 0};
	struct matching m;
	struct match out;
	const char *text;
	size_t len;

	(void)a;
	CHECK(feed_init(&feed, LINEAGE_FULL, NULL, "kafka") == 0);
	CHECK(match_init(&m, NULL) == 0);
	add(&b, 1, 5, "one", "{\"a\":1}");
	CHECK(feed_line(&feed, &b));
	/* This one has been through another instance. */
	add(&b, 2, 6, NULL,
	    "{\"_lineage\":[{\"op\":\"kafka\",\"from\":{\"topic\":\"t\","
	    "\"partition\":1,\"offset\":5}}],\"a\":2}");
	CHECK(feed_line(&feed, &b));
	for (size_t i = 2; i > 0; i--) {
		text = batch_text(&b, i - 1, i, &len);
		CHECK(match_line(&m, &b, text, len - 1, &out));
		CHECK(out.held == &b.v[i - 1]);
		CHECK(out.len == len - 1 && out.text == text);
		CHECK(out.timestamp == 1700000000123);
	}
	CHECK(out.key_len == 3 && memcmp(out.key, "one", 3) == 0);
	m.strip = true;
	CHECK(match_line(&m, &b, text, len - 1, &out));
	CHECK(out.held == &b.v[0] && out.len == 7 &&
	    memcmp(out.text, "{\"a\":1}", 7) == 0);
	match_release(&m);
	feed_release(&feed);
	drop(&b);
}

/* Nobody else's member may say where an event came from. */
static void
a_line_that_only_looks_like_it_finds_nothing(struct arena *a)
{
	static const char *const LINES[] = {
	    "{}\n",
	    "[1]\n",
	    "nonsense\n",
	    "{\"from\":{\"topic\":\"t\",\"partition\":0,\"offset\":0}}\n",
	    "{\"_lineage\":[{\"op\":\"trace\",\"from\":{\"topic\":\"t\","
	    "\"partition\":0,\"offset\":0}}]}\n",
	    "{\"_lineage\":[{\"op\":\"kafka\",\"from\":{\"topic\":\"t\","
	    "\"partition\":0,\"offset\":1}}]}\n",
	    "{\"_lineage\":[{\"op\":\"kafka\",\"from\":{\"topic\":1,"
	    "\"partition\":\"0\",\"offset\":1e400}}]}\n",
	    "{\"_lineage\":3}\n",
	};
	struct batch b = {.n = 0};
	struct matching m;
	struct match out;

	(void)a;
	CHECK(match_init(&m, NULL) == 0);
	add(&b, 0, 0, "k", "{}");
	for (size_t i = 0; i < LENGTH(LINES); i++) {
		CHECK(match_line(&m, &b, LINES[i], strlen(LINES[i]) - 1, &out));
		CHECK(out.held == NULL && out.key == NULL);
		CHECK(out.timestamp == -1 && out.error[0] == '\0');
	}
	match_release(&m);
	drop(&b);
}

static void
paths_say_where_a_line_goes(struct arena *a)
{
	static const char good[] =
	    "{\"k\":{\"x\":[1, 2]},\"t\":\"\\u0061b\",\"p\":7.0}\n";
	static const char bad[] = "{\"k\":\"s\",\"t\":3,\"p\":-1}\n";
	struct batch b = {.n = 0};
	struct matching m;
	struct match out;

	(void)a;
	CHECK(match_init(&m, NULL) == 0);
	CHECK(match_path(&m, &m.to_key, ".k"));
	CHECK(match_path(&m, &m.to_topic, "/t"));
	CHECK(match_path(&m, &m.to_partition, ".p"));
	CHECK(!match_path(&m, &m.to_partition, "nothing"));
	CHECK(match_path(&m, &m.to_partition, ".p"));
	CHECK(match_line(&m, &b, good, sizeof(good) - 2, &out));
	CHECK(out.error[0] == '\0' && out.partition == 7);
	CHECK(strcmp(out.topic, "ab") == 0);
	CHECK(out.key_len == 12 && memcmp(out.key, "{\"x\":[1, 2]}", 12) == 0);
	CHECK(match_line(&m, &b, bad, sizeof(bad) - 2, &out));
	CHECK(out.key_len == 1 && *out.key == 's');
	CHECK(strcmp(out.error, "no topic's name is at /t") == 0);
	CHECK(match_line(&m, &b, "x\n", 1, &out));
	CHECK(strcmp(out.error, "no topic's name is at /t") == 0);
	match_release(&m);
	drop(&b);
}

#define WINDOW                                                                 \
	"{\"op\":\"fold\",\"rule\":\"r\",\"id\":\"x\",\"window\":{\"from\":"   \
	"\"2026-11-22T14:20:00Z\",\"to\":\"2026-11-22T14:20:05Z\"},"           \
	"\"of\":{\"n\":4}}"

static void
a_window_has_its_key_and_its_end(struct arena *a)
{
	static const struct {
		const char *line, *key;
	} CASES[] = {
	    {"{\"u\":\"a\",\"window\":{},\"n\":1,\"_lineage\":[" WINDOW "]}\n",
		"\"a\""},
	    {"{\"u\":1.0,\"v\":[2],\"window\":{},\"n\":1,"
	     "\"_lineage\":[" WINDOW "]}\n",
		"[1.0,[2]]"},
	    {"{\"window\":{},\"n\":1,\"_lineage\":[" WINDOW "]}\n", NULL},
	    /* A later stage took the window away. */
	    {"{\"u\":\"a\",\"n\":1,\"_lineage\":[" WINDOW
	     ",{\"op\":\"map\",\"undo\":[{\"op\":\"add\",\"path\":\"/window\","
	     "\"value\":{},\"before\":\"n\"}]}]}\n",
		"\"a\""},
	};
	struct batch b = {.n = 0};
	struct matching m;
	struct match out;

	(void)a;
	CHECK(match_init(&m, NULL) == 0);
	for (size_t i = 0; i < LENGTH(CASES); i++) {
		const char *key = CASES[i].key;

		CHECK(match_line(
		    &m, &b, CASES[i].line, strlen(CASES[i].line) - 1, &out));
		CHECK(out.timestamp == 1795357205000);
		CHECK(key == NULL ? out.key == NULL
				  : out.key_len == strlen(key) &&
			    memcmp(out.key, key, out.key_len) == 0);
	}
	match_release(&m);
	drop(&b);
}

/* --- what a pipeline dies of --- */

struct trial {
	bool deadly[64];
	char through[64]; /* in which order */
	size_t n, tries, dead;
};

static enum bisect_status
try_part(void *arg, size_t from, size_t end)
{
	struct trial *t = arg;

	t->tries++;
	for (size_t i = from; i < end; i++)
		if (t->deadly[i])
			return BISECT_FAILED;
	for (size_t i = from; i < end; i++)
		t->through[t->n++] = (char)i;
	return BISECT_THROUGH;
}

static enum bisect_status
tell_dead(void *arg, size_t i)
{
	struct trial *t = arg;

	t->dead++;
	t->through[t->n++] = (char)i;
	return t->dead > 3 ? BISECT_STOP : BISECT_THROUGH;
}

static void
what_kills_a_pipeline_is_found_and_the_order_kept(struct arena *a)
{
	struct trial t = {.n = 0};
	struct bisect b = {try_part, tell_dead, &t};

	(void)a;
	t.deadly[0] = t.deadly[17] = t.deadly[63] = true;
	CHECK(bisect_run(&b, 0, 64) == BISECT_THROUGH);
	CHECK(t.dead == 3 && t.n == 64);
	for (size_t i = 0; i < 64; i++)
		CHECK(t.through[i] == (char)i);
	CHECK(t.tries < 70);
	t.n = t.dead = 0;
	t.deadly[30] = true;
	CHECK(bisect_run(&b, 0, 64) == BISECT_STOP);
	CHECK(t.n == 64);
}

static const struct unit_test TESTS[] = {
    {"records are found by their place, in any order", finds_records_by_place},
    {"tombstones keep their place by key", tombstones_keep_their_place_by_key},
    {"no part has an event behind a tombstone of its key",
	no_part_has_an_event_behind_a_tombstone_of_its_key},
    {"an event gets its place as the last record of its history",
	an_event_gets_its_place},
    {"headers and bytes stand in the place",
	headers_and_bytes_stand_in_the_place},
    {"what no pipeline can take has no line, and a cause",
	what_no_pipeline_can_take_has_no_line},
    {"lines come back in any pieces", lines_come_back_in_any_pieces},
    {"a barrier that is wrong is told", a_barrier_that_is_wrong_is_told},
    {"a pipeline gives back what it is given",
	a_pipeline_gives_back_what_it_is_given},
    {"a pipeline without barriers ends with its input",
	a_pipeline_without_barriers_ends_with_its_input},
    {"a pipeline that ends is told", a_pipeline_that_ends_is_told},
    {"a stage that died is noticed though the others wait",
	a_stage_that_died_is_noticed_though_the_others_wait},
    {"a pipeline that doesn't answer is told",
	a_pipeline_that_does_not_answer_is_told},
    {"no pipeline is late for what we were stopped ourselves",
	no_pipeline_is_late_for_what_we_were_stopped},
    {"a line finds its record", a_line_finds_its_record},
    {"a line that only looks like it finds nothing",
	a_line_that_only_looks_like_it_finds_nothing},
    {"paths say where a line goes", paths_say_where_a_line_goes},
    {"a window has its key and its end", a_window_has_its_key_and_its_end},
    {"what kills a pipeline is found, and the order kept",
	what_kills_a_pipeline_is_found_and_the_order_kept},
};

int
main(void)
{
	return unit_run(TESTS, LENGTH(TESTS));
}
