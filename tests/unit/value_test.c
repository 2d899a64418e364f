/*
 * Values: spans of their text until somebody changes them.
 */
#include "unit.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

static struct value
key(const char *text)
{
	return value_cstring(text);
}

/* The value at a key, null where there is none. */
static struct value
get(struct arena *a, struct value v, const char *name)
{
	struct value x = VALUE_OF(VALUE_NULL);

	object_get(a, v, key(name), &x);
	return x;
}

static void
stays_a_span(struct arena *a)
{
	struct value v =
	    unit_json(a, "{ \"a\" : [1.10, 1e400 ], \"b\":\"\\u0041\"}");

	CHECK(v.kind == VALUE_RAW_OBJECT);
	CHECK(get(a, v, "a").kind == VALUE_RAW_ARRAY);
	CHECK(get(a, v, "b").kind == VALUE_ESCAPED);
	/* spelling and spacing are the text's own */
	CHECK_JSON(v, "{ \"a\" : [1.10, 1e400 ], \"b\":\"\\u0041\"}");
}

static void
opens_one_level(struct arena *a)
{
	struct value v = object_open(a, unit_json(a, "{\"a\":{\"b\":[1,2]}}"));

	CHECK(v.kind == VALUE_OBJECT);
	CHECK(get(a, v, "a").kind == VALUE_RAW_OBJECT);
}

static void
copies_on_write(struct arena *a)
{
	struct value old = unit_json(a, "{\"a\":1, \"b\":[ 2 ]}");
	struct value new = object_set(a, old, key("a"), value_int(7));

	CHECK_JSON(old, "{\"a\":1, \"b\":[ 2 ]}");
	CHECK_JSON(new, "{\"a\":7, \"b\":[ 2 ]}"); /* the rest as it was */
	new = object_set(a, value_share(new), key("c"), value_bool(true));
	CHECK_JSON(new, "{\"a\":7, \"b\":[ 2 ],\"c\":true}");
}

static void
few_changes_list_few(struct arena *a)
{
	struct value v = unit_json(a, "{\"a\":1,\"b\":2,\"c\":3}");

	v = object_set(a, v, key("b"), value_int(20));
	CHECK(v.kind == VALUE_OBJECT && v.object->overlay);
	CHECK(v.object->n == 1);
	CHECK(object_length(a, v) == 3);
	CHECK_JSON(get(a, v, "c"), "3");
	/* whoever looks at all members gets them all */
	v = object_open(a, v);
	CHECK(!v.object->overlay && v.object->n == 3);
	CHECK_JSON(v, "{\"a\":1,\"b\":20,\"c\":3}");
}

static void
many_changes(struct arena *a)
{
	struct value v = unit_json(a, "{\"k0\":0,\"k1\":1}");
	char name[16], want[2000], *to = want;

	to += sprintf(to, "{");
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		v = object_set(a, v,
		    value_text(arena_copy(a, name, strlen(name)), strlen(name)),
		    value_int(-i));
		to += sprintf(to, "%s\"k%d\":%d", i > 0 ? "," : "", i, -i);
	}
	sprintf(to, "}");
	CHECK(object_length(a, v) == 100);
	CHECK_JSON(v, want);
}

static void
keeps_order(struct arena *a)
{
	struct value v = unit_json(a, "{\"z\":1,\"a\":2,\"m\":3}");
	struct member *m;
	uint32_t i = 0;

	v = object_set(a, v, key("b"), value_int(4));
	v = object_open(a, v);
	for (const char *want = "zamb"; *want != '\0'; want++) {
		m = object_next(a, v, &i);
		CHECK(m != NULL && m->key.n == 1 && *m->key.text == *want);
	}
	CHECK(object_next(a, v, &i) == NULL);
}

static void
deleted_comes_last(struct arena *a)
{
	struct value v = unit_json(a, "{\"a\":1,\"b\":2,\"c\":3}");

	v = object_delete(a, v, key("a"));
	CHECK_JSON(v, "{\"b\":2,\"c\":3}");
	v = object_delete(a, v, key("x"));
	CHECK(object_length(a, v) == 2);
	v = object_set(a, v, key("a"), value_int(9));
	CHECK_JSON(v, "{\"b\":2,\"c\":3,\"a\":9}");
}

static void
last_duplicate_counts(struct arena *a)
{
	static const char TEXT[] = "{\"a\":1,\"b\":2,\"\\u0061\":3}";
	struct value v = unit_json(a, TEXT);

	CHECK_JSON(get(a, v, "a"), "3");
	CHECK(object_length(a, v) == 2);
	CHECK_JSON(v, TEXT); /* written as they were */
	v = object_set(a, v, key("b"), value_int(0));
	CHECK_JSON(v, "{\"a\":1,\"b\":0,\"\\u0061\":3}");
	/* and once where a program sets or deletes the key */
	v = value_share(v);
	CHECK(object_length(a, object_delete(a, v, key("a"))) == 1);
	v = object_set(a, v, key("a"), value_int(4));
	CHECK_JSON(get(a, v, "a"), "4");
	CHECK(object_length(a, v) == 2);
}

static void
arrays_pad_and_slice(struct arena *a)
{
	struct value v = unit_json(a, "[1, 2.0, 3]");
	struct value w = array_set(a, v, 5, value_int(6));

	CHECK_JSON(w, "[1, 2.0, 3,null,null,6]");
	CHECK_JSON(array_slice(a, w, 1, 3), "[2.0,3]");
	CHECK_JSON(array_get(v, 1), "2.0");
	CHECK(array_get(v, 3).kind == VALUE_NULL);
	CHECK(array_length(v) == 3);
}

static void
handles_dont_see_appends(struct arena *a)
{
	struct value v = array_push(a, array_new(a, 8), value_int(1));
	struct value x = array_push(a, value_share(v), value_int(2));
	struct value y = array_push(a, value_share(v), value_int(3));

	CHECK_JSON(v, "[1]");
	CHECK_JSON(x, "[1,2]");
	CHECK_JSON(y, "[1,3]");
}

static void
decodes_strings(struct arena *a)
{
	struct value v =
	    unit_json(a, "\"a\\n\\\"\\/\\u00e9\\ud83d\\ude00\\u0000\"");
	static const char TEXT[] = "a\n\"/\xC3\xA9\xF0\x9F\x98\x80";

	v = string_decoded(a, v);
	CHECK(v.kind == VALUE_STRING && v.n == sizeof(TEXT));
	CHECK(memcmp(v.text, TEXT, sizeof(TEXT)) == 0);
	/* as it is written again: only what must be is escaped */
	CHECK_JSON(v, "\"a\\n\\\"/\xC3\xA9\xF0\x9F\x98\x80\\u0000\"");
}

static void
lone_surrogates(struct arena *a)
{
	struct value v = unit_json(a, "\"\\ud800x\"");

	CHECK_JSON(v, "\"\\ud800x\""); /* as it is spelled, untouched */
	CHECK_JSON(string_decoded(a, v), "\"\xEF\xBF\xBDx\"");
}

static void
appends_strings(struct arena *a)
{
	struct value s = key("ab"), t = string_append(a, s, key("cd"));
	struct value u = string_append(a, t, key("1"));
	struct value w = string_append(a, t, key("2")); /* t is shared */

	CHECK_JSON(t, "\"abcd\"");
	CHECK_JSON(u, "\"abcd1\"");
	CHECK_JSON(w, "\"abcd2\"");
}

static void
numbers_as_spelled(struct arena *a)
{
	static const char *const SAME[] = {
	    "1.10", "-0", "1e400", "0.1e-7", "12345678901234567890", "1E+2"};
	char text[NUMBER_TEXT];

	for (size_t i = 0; i < LENGTH(SAME); i++)
		CHECK_JSON(unit_json(a, SAME[i]), SAME[i]);
	/* what is computed has the shortest spelling that reads back */
	text[number_format(0.1 + 0.2, text)] = '\0';
	CHECK(strcmp(text, "0.30000000000000004") == 0);
	CHECK_JSON(value_double(3.0), "3");
	CHECK_JSON(value_int(INT64_MIN), "-9223372036854775808");
}

/* Are the texts in this order, by value_compare() and its mirror? */
static bool
ordered(struct arena *a, const char *x, const char *y, int sign)
{
	int c = value_compare(a, unit_json(a, x), unit_json(a, y));
	int d = value_compare(a, unit_json(a, y), unit_json(a, x));

	return (c > 0) - (c < 0) == sign && (d > 0) - (d < 0) == -sign &&
	    value_equal(a, unit_json(a, x), unit_json(a, y)) == (sign == 0);
}

static void
compares_by_type_first(struct arena *a)
{
	static const char *const RISING[] = {"null", "false", "true", "-1", "0",
	    "0.5", "\"\"", "\"a\"", "\"b\"", "[]", "[1]", "[1,2]", "[2]", "{}",
	    "{\"a\":1}", "{\"a\":2}", "{\"a\":1,\"b\":0}", "{\"b\":0}"};

	for (size_t i = 0; i < LENGTH(RISING); i++) {
		for (size_t j = i + 1; j < LENGTH(RISING); j++)
			CHECK(ordered(a, RISING[i], RISING[j], -1));
		CHECK(ordered(a, RISING[i], RISING[i], 0));
	}
}

static void
compares_exactly(struct arena *a)
{
	CHECK(ordered(a, "1", "1.000e0", 0));
	CHECK(ordered(a, "0", "-0.0", 0));
	CHECK(ordered(a, "9007199254740992", "9007199254740993", -1));
	CHECK(ordered(a, "100000000000000000000", "100000000000000000001", -1));
	CHECK(ordered(a, "\"\\u0061\"", "\"a\"", 0));
	CHECK(ordered(a, "{\"a\":1,\"b\":2}", "{ \"b\":2,\"\\u0061\":1.0}", 0));
}

static void
too_deep(struct arena *a)
{
	struct value v = array_new(a, 0);
	struct buf b = {0};

	for (int i = 0; i < VALUE_DEPTH + 10; i++)
		v = array_push(a, array_new(a, 1), v);
	CHECK(value_too_deep(v));
	value_write(&b, v);
	CHECK(!buf_failed(&b) && memmem(b.p, b.len, "too deep", 8) != NULL);
	buf_release(&b);
}

static const struct unit_test tests[] = {
    {"a value is a span of its text, and written as it stands", stays_a_span},
    {"a container opens one level at a time", opens_one_level},
    {"a change copies; what it doesn't touch stays as it was", copies_on_write},
    {"few changes list few members", few_changes_list_few},
    {"many changes list all of them", many_changes},
    {"members keep their order, new ones come last", keeps_order},
    {"a deleted member that is set again comes last", deleted_comes_last},
    {"of keys that are there twice the last one counts", last_duplicate_counts},
    {"an array is padded with null, and sliced as a view",
	arrays_pad_and_slice},
    {"a handle sees no further than its own length", handles_dont_see_appends},
    {"a string is decoded when somebody asks for its text", decodes_strings},
    {"a lone surrogate keeps its spelling until then", lone_surrogates},
    {"appending to a string leaves other handles alone", appends_strings},
    {"a number keeps its spelling until it is computed with",
	numbers_as_spelled},
    {"values compare by type, then by what they hold", compares_by_type_first},
    {"numbers and strings compare by what they say", compares_exactly},
    {"what is nested too deep is written as a string that says so", too_deep},
};

int
main(void)
{
	return unit_run(tests, LENGTH(tests));
}
