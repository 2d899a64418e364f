/*
 * Histories: what a stage writes, another can read and take back.
 */
#include "history/patch.h"
#include "json/layout.h"
#include "record/lineage.h"
#include "record/undo.h"
#include "unit.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

#define AT "2026-11-22T14:39:44.123456Z"

/* An event as a stage reads it. */
struct reading {
	struct scan scan;
	struct keys keys;
	struct buf text;
	struct line line;
	struct value event, history;
};

static void
release(void *arg)
{
	struct reading *r = arg;

	scan_release(&r->scan);
	buf_release(&r->text);
}

/* Read a line; all of it lasts as long as the arena. */
static struct reading *
read_event(struct arena *a, const struct lineage *l, const char *text, size_t n)
{
	struct reading *r = arena_alloc(a, sizeof(*r));

	memset(r, 0, sizeof(*r));
	CHECK(scan_init(&r->scan, SCAN_DEPTH) == 0);
	arena_defer(a, release, r);
	scan_index(&r->scan, &r->keys);
	buf_put(&r->text, text, n);
	CHECK(buf_room(&r->text, SCAN_PADDING));
	CHECK(scan_window(&r->scan, r->text.p, r->text.len) == 0);
	CHECK(scan_line(&r->scan, &r->line) == SCAN_OK);
	CHECK(lineage_find(l, a, &r->scan.doc, r->line.root, &r->history) ==
	    NULL);
	r->event = value_source(&r->scan.doc, r->line.root);
	return r;
}

/* A stage that made now of what it read: its line, read by the next one. */
static struct reading *
stage(struct arena *a, const struct lineage *l, const struct reading *r,
    struct value now)
{
	struct arena_deferred *end;
	struct buf *b = buf_new(a, &end);
	struct record record = {0};

	lineage_write(
	    b, a, l, &r->line, r->event, now, r->history, &record, AT);
	CHECK(!buf_failed(b));
	return read_event(a, l, b->p, b->len);
}

static struct lineage
stage_of(const char *op)
{
	struct lineage l;

	CHECK(lineage_init(&l, LINEAGE_FULL, NULL, op, NULL, ".", 1) == 0);
	return l;
}

/* The member of an object at key, null where there is none. */
static struct value
member(struct arena *a, struct value v, const char *key)
{
	struct value x = VALUE_OF(VALUE_NULL);

	object_get(a, v, value_cstring(key), &x);
	return x;
}

/* Take the last record's change back, as rewind does. */
static struct value
take_back(struct arena *a, const struct reading *r)
{
	size_t n = array_length(r->history);
	struct value record = array_get(r->history, n - 1), v = r->event;
	struct value undo = member(a, record, "undo");
	struct patch_error error;

	if (undo.kind != VALUE_NULL && !patch_apply(a, undo, &v, NULL, &error))
		printf("# %s\n", error.text);
	return v;
}

static void
hides_the_history(struct arena *a)
{
	static const char LINE[] =
	    "{\"a\":1,\"_lineage\":[{\"op\":\"x\"}],\"b\":2}\n";
	struct lineage l = stage_of("map");
	struct reading *r = read_event(a, &l, LINE, sizeof(LINE) - 1);

	CHECK_JSON(r->history, "[{\"op\":\"x\"}]");
	CHECK(member(a, r->event, "_lineage").kind == VALUE_NULL);
	CHECK(object_length(a, r->event) == 2);
	CHECK_JSON(r->event, "{\"a\":1,\"b\":2}");
	lineage_release(&l);
}

static void
refuses_what_is_no_history(struct arena *a)
{
	static const char *const WRONG[] = {"{\"_lineage\":1}",
	    "{\"_lineage\":[1]}", "{\"_lineage\":[],\"_lineage\":[]}"};
	struct lineage l = stage_of("map");

	for (size_t i = 0; i < LENGTH(WRONG); i++) {
		struct value v = unit_json(a, WRONG[i]), history;
		struct doc d = *v.doc;

		CHECK(lineage_find(&l, a, &d, v.n, &history) != NULL);
	}
	lineage_release(&l);
}

static void
unchanged_keeps_its_bytes(struct arena *a)
{
	static const char LINE[] = "{ \"a\" : 1.10 }\n";
	struct lineage l = stage_of("filter");
	struct reading *r = read_event(a, &l, LINE, sizeof(LINE) - 1);
	struct reading *next = stage(a, &l, r, r->event);
	struct buf b = {0};

	lineage_strip(&b, &next->line, next->event);
	CHECK(b.len == sizeof(LINE) - 1 && memcmp(b.p, LINE, b.len) == 0);
	CHECK_JSON(next->history,
	    "[{\"op\":\"filter\",\"rule\":\".\",\"at\":\"" AT "\","
	    "\"sum\":\"79a1b1777276755f\"}]");
	buf_release(&b);
	lineage_release(&l);
}

static void
records_follow_each_other(struct arena *a)
{
	static const char LINE[] = "{\"n\":0}\n";
	struct lineage l = stage_of("map");
	struct reading *r = read_event(a, &l, LINE, sizeof(LINE) - 1);

	for (int i = 1; i <= 5; i++)
		r = stage(a, &l, r,
		    object_set(a, r->event, value_cstring("n"), value_int(i)));
	CHECK(array_length(r->history) == 5);
	CHECK_JSON(r->event, "{\"n\":5}");
	CHECK_JSON(take_back(a, r), "{\"n\":4}");
	lineage_release(&l);
}

/* Change a line by f, write it, read it, and take the change back. */
static void
check_round_trip(struct arena *a, const char *line,
    struct value (*change)(struct arena *a, struct value v), const char *want)
{
	struct lineage l = stage_of("map");
	struct reading *r = read_event(a, &l, line, strlen(line));
	struct reading *next = stage(a, &l, r, change(a, r->event));

	CHECK_JSON(next->event, want);
	CHECK_JSON(take_back(a, next), line);
	lineage_release(&l);
}

static struct value
set_first(struct arena *a, struct value v)
{
	return object_set(a, v, value_cstring("a"), value_int(0));
}

static struct value
delete_middle(struct arena *a, struct value v)
{
	return object_delete(a, v, value_cstring("b"));
}

static struct value
rename_middle(struct arena *a, struct value v)
{
	struct value x = member(a, v, "b");

	v = object_delete(a, v, value_cstring("b"));
	return object_set(a, v, value_cstring("new"), x);
}

static struct value
replace_all(struct arena *a, struct value v)
{
	(void)v;
	return object_set(
	    a, object_new(a, 1), value_cstring("x"), value_bool(true));
}

static void
undo_restores(struct arena *a)
{
	static const char LINE[] =
	    "{\"a\":1.10,\"b\":[\"\\u0041\",1e400],\"c\":{}}";

	check_round_trip(
	    a, LINE, set_first, "{\"a\":0,\"b\":[\"\\u0041\",1e400],\"c\":{}}");
	check_round_trip(a, LINE, delete_middle, "{\"a\":1.10,\"c\":{}}");
	check_round_trip(a, LINE, rename_middle,
	    "{\"a\":1.10,\"c\":{},\"new\":[\"\\u0041\",1e400]}");
	check_round_trip(a, LINE, replace_all, "{\"x\":true}");
	/* keys that are escaped, that look like pointers, that come twice */
	check_round_trip(a, "{\"a\":1,\"b\":2,\"~1/\":{\"\":3}}", delete_middle,
	    "{\"a\":1,\"~1/\":{\"\":3}}");
	check_round_trip(
	    a, "{\"a\":1,\"b\":2,\"a\":3}", set_first, "{\"a\":0,\"b\":2}");
}

static void
a_cap_truncates(struct arena *a)
{
	static const char LINE[] =
	    "{\"a\":\"0123456789012345678901234567890\"}";
	struct lineage l = stage_of("map");
	struct reading *r = read_event(a, &l, LINE, sizeof(LINE) - 1), *next;
	struct value record;

	l.cap = 20;
	next = stage(a, &l, r, set_first(a, r->event));
	record = array_get(next->history, 0);
	CHECK(member(a, record, "truncated").kind == VALUE_TRUE);
	CHECK(member(a, record, "undo").kind == VALUE_NULL);
	CHECK_JSON(next->event, "{\"a\":0}");
	lineage_release(&l);
}

static void
what_fits_nowhere_is_left_out(struct arena *a)
{
	struct value before = unit_json(a, "{\"a\":1,\"b\":2}");
	struct buf b = {0};

	buf_puts(&b, "out");
	CHECK(undo_write(&b, a, before, before, SIZE_MAX));
	CHECK(b.len == 3); /* nothing changed, nothing to say */
	CHECK(!undo_write(&b, a, before, set_first(a, before), 3));
	CHECK(b.len == 3);
	CHECK(undo_write(&b, a, before, set_first(a, before), SIZE_MAX));
	CHECK(b.len > 3);
	buf_release(&b);
}

/* What an undo by parts keeps apart, a later stage may change. */
static void
parts_are_taken_back_one_by_one(struct arena *a)
{
	struct value before = unit_json(a, "{\"a\":1,\"b\":[{\"c\":1}]}");
	struct value now = set_first(a, before);
	struct arena_deferred *end;
	struct buf *whole = buf_new(a, &end), *parts = buf_new(a, &end);

	now = object_set(
	    a, now, value_cstring("b"), unit_json(a, "[{\"c\":2,\"d\":3}]"));
	CHECK(undo_write(whole, a, before, now, SIZE_MAX));
	buf_putc(whole, '\0');
	CHECK_JSON(unit_json(a, whole->p),
	    "[{\"op\":\"replace\",\"path\":\"\","
	    "\"value\":{\"a\":1,\"b\":[{\"c\":1}]}}]");
	CHECK(undo_write_parts(parts, a, before, now, SIZE_MAX));
	buf_putc(parts, '\0');
	CHECK_JSON(unit_json(a, parts->p),
	    "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":1},"
	    "{\"op\":\"replace\",\"path\":\"/b/0/c\",\"value\":1},"
	    "{\"op\":\"remove\",\"path\":\"/b/0/d\"}]");
}

/* Changes that one stage makes one after another, and their records. */
static void
steps_leave_a_record_each(struct arena *a)
{
	static const char LINE[] = "{\"a\":1,\"_lineage\":[{\"op\":\"x\"}]}\n";
	struct lineage one = stage_of("one"), two = stage_of("two");
	struct reading *r = read_event(a, &one, LINE, sizeof(LINE) - 1);
	struct value middle = unit_json(a, "{\"a\":2}");
	struct lineage_step step[] = {
	    {.lineage = &one, .before = r->event, .now = middle},
	    {.lineage = &two,
		.before = middle,
		.now = unit_json(a, "{\"a\":3}")},
	};
	struct arena_deferred *end;
	struct buf *b = buf_new(a, &end);
	struct reading *next;

	one.cap = 10;
	CHECK(lineage_write_steps(b, a, step, 2, r->history, AT) == 1);
	next = read_event(a, &one, b->p, b->len);
	CHECK_JSON(next->event, "{\"a\":3}");
	CHECK_JSON(next->history,
	    "[{\"op\":\"x\"},{\"op\":\"one\",\"rule\":\".\",\"at\":\"" AT
	    "\",\"truncated\":true,"
	    "\"sum\":\"12c7c1dc69f1e404\"},{\"op\":\"two\",\"rule\":\".\","
	    "\"at\":\"" AT "\",\"undo\":[{\"op\":\"replace\",\"path\":\"/a\","
	    "\"value\":2}],"
	    "\"sum\":\"73ef164be41cf971\"}]");
	CHECK_JSON(take_back(a, next), "{\"a\":2}");
	lineage_release(&one);
	lineage_release(&two);
}

static void
the_key_is_the_users(struct arena *a)
{
	static const char LINE[] = "{\"_lineage\":1}\n";
	struct lineage l;
	struct reading *r, *next;

	CHECK(lineage_init(&l, LINEAGE_SLIM, "h", "map", "s\xFF", ".", 1) == 0);
	r = read_event(a, &l, LINE, sizeof(LINE) - 1);
	next = stage(a, &l, r, set_first(a, r->event));
	CHECK_JSON(next->event, "{\"_lineage\":1,\"a\":0}");
	/* slim leaves rule and undo out; what isn't UTF-8 is replaced */
	CHECK_JSON(next->history,
	    "[{\"op\":\"map\",\"stage\":\"s\xEF\xBF\xBD\",\"at\":\"" AT "\","
	    "\"sum\":\"e59475c874061bfa\"}]");
	lineage_release(&l);
}

static const struct unit_test tests[] = {
    {"an event's history is found, and hidden from what looks at the event",
	hides_the_history},
    {"a history is an array of objects, and there is one",
	refuses_what_is_no_history},
    {"an event that nothing changed keeps its bytes",
	unchanged_keeps_its_bytes},
    {"each stage appends a record, and the last can be taken back",
	records_follow_each_other},
    {"an undo restores order, spelling and escapes", undo_restores},
    {"an undo longer than the cap is left out, and says so", a_cap_truncates},
    {"an undo that doesn't fit leaves what was written before it",
	what_fits_nowhere_is_left_out},
    {"an undo by parts takes back what changed, not all around it",
	parts_are_taken_back_one_by_one},
    {"several changes of one stage leave a record each",
	steps_leave_a_record_each},
    {"the history's key can be another", the_key_is_the_users},
};

int
main(void)
{
	return unit_run(tests, LENGTH(tests));
}
