/*
 * One record taken back from an event that later stages changed.
 */
#include "history/retract.h"
#include "unit.h"
#include "value/array.h"

static const char *retract_failure;

/* The event without what record i of its history did, or null. */
static struct value
retracted(struct arena *a, const char *event, const char *history, size_t i)
{
	static struct rewind_error error;
	struct value v = unit_json(a, event);
	struct retract r;
	size_t n;
	struct view *view = view_history(a, unit_json(a, history), &n);

	retract_init(&r, a, v, view, n);
	retract_failure = "";
	if (retract_record(&r, i, &v, &error))
		return v;
	retract_failure = error.text;
	return VALUE_OF(VALUE_NULL);
}

#define CHECK_FAILURE(text)                                                    \
	do {                                                                   \
		if (strcmp(retract_failure, text) != 0)                        \
			printf("# %s\n", retract_failure);                     \
		CHECK(strcmp(retract_failure, text) == 0);                     \
	} while (0)

static void
what_is_elsewhere_stays(struct arena *a)
{
	CHECK_JSON(retracted(a, "{\"b\":1,\"x\":2,\"y\":[3]}",
		       "[{\"op\":\"up\",\"undo\":[{\"op\":\"add\",\"path\":\"/"
		       "a\",\"value\":1.10,\"before\":\"b\"},{\"op\":\"replace"
		       "\",\"path\":\"/b\",\"value\":0}]},"
		       "{\"op\":\"map\",\"undo\":[{\"op\":\"remove\",\"path\":"
		       "\"/x\"},{\"op\":\"replace\",\"path\":\"/y\",\"value\":"
		       "[]}]}]",
		       0),
	    "{\"a\":1.10,\"b\":0,\"x\":2,\"y\":[3]}");
	CHECK_FAILURE("");
}

#define RENAMED                                                                \
	"[{\"op\":\"up\",\"undo\":[{\"op\":\"move\",\"from\":\"/new\","        \
	"\"path\":\"/old\",\"before\":\"z\"}]},"

static void
a_move_carries_what_is_there_now(struct arena *a)
{
	CHECK_JSON(retracted(a, "{\"z\":1,\"new\":7}",
		       RENAMED "{\"op\":\"map\",\"undo\":[{\"op\":\"replace\","
			       "\"path\":\"/new\",\"value\":6}]}]",
		       0),
	    "{\"old\":7,\"z\":1}");
	/* but not where something stands */
	CHECK_JSON(retracted(a, "{\"z\":1,\"new\":7,\"old\":8}",
		       RENAMED "{\"op\":\"map\",\"stage\":\"m\",\"undo\":[{"
			       "\"op\":\"remove\",\"path\":\"/old\"}]}]",
		       0),
	    "null");
	CHECK_FAILURE("record 2 (map m) wrote /old");
	/* nor what is gone */
	CHECK_JSON(retracted(a, "{\"z\":1}",
		       RENAMED "{\"op\":\"map\",\"undo\":[{\"op\":\"add\","
			       "\"path\":\"/new\",\"value\":6}]}]",
		       0),
	    "null");
	CHECK_FAILURE("path \"/new\" is not there");
}

static void
a_copy_brings_what_was_there(struct arena *a)
{
	static const char HISTORY[] =
	    "[{\"op\":\"up\",\"undo\":[{\"op\":\"copy\",\"from\":\"/"
	    "a\",\"path\":\"/b\"}]},{\"op\":\"map\",\"undo\":[{"
	    "\"op\":\"%s\",\"path\":\"/a\",\"value\":1}]}]";
	char history[256];

	snprintf(history, sizeof(history), HISTORY, "replace");
	CHECK_JSON(retracted(a, "{\"a\":2}", history, 0), "{\"a\":2,\"b\":1}");
	snprintf(history, sizeof(history), HISTORY, "add");
	CHECK_JSON(retracted(a, "{}", history, 0), "{\"b\":1}");
}

static void
what_was_written_since_stays(struct arena *a)
{
	static const char TOTAL[] =
	    "[{\"op\":\"up\",\"undo\":[{\"op\":\"remove\",\"path\":\"/"
	    "total\"}]},{\"op\":\"map\",\"undo\":[{\"op\":\"replace\","
	    "\"path\":\"/total\",\"value\":1}]},"
	    "{\"op\":\"map\",\"undo\":[{\"op\":\"replace\","
	    "\"path\":\"/total\",\"value\":2}]}]";

	CHECK_JSON(retracted(a, "{\"total\":3}", TOTAL, 0), "null");
	CHECK_FAILURE("record 3 (map) wrote /total");
	/* written, and as it was */
	CHECK_JSON(retracted(a, "{\"total\":1}", TOTAL, 0), "{}");
}

#define LINES                                                                  \
	"[{\"op\":\"up\",\"undo\":[{\"op\":\"replace\",\"path\":"              \
	"\"/lines/1/qty\",\"value\":\"2\"}]},{\"op\":\"map\",\"undo\":["

static void
elements_keep_their_numbers(struct arena *a)
{
	static const char EVENT[] = "{\"lines\":[{\"qty\":1},{\"qty\":2}]}";

	/* beside it */
	CHECK_JSON(
	    retracted(a, "{\"lines\":[{\"qty\":1,\"tax\":5},{\"qty\":2}]}",
		LINES "{\"op\":\"remove\",\"path\":\"/lines/0/tax\"}]}]", 0),
	    "{\"lines\":[{\"qty\":1,\"tax\":5},{\"qty\":\"2\"}]}");
	/* one more in front: who knows which is which */
	CHECK_JSON(
	    retracted(a, "{\"lines\":[{\"qty\":2},{\"qty\":2},{\"qty\":1}]}",
		LINES "{\"op\":\"remove\",\"path\":\"/lines/0\"}]}]", 0),
	    "null");
	CHECK_FAILURE("record 2 (map) wrote /lines");
	/* changed places, and something else was changed too */
	CHECK_JSON(
	    retracted(a,
		"{\"lines\":[{\"qty\":2,\"s\":\"b\",\"t\":1},"
		"{\"qty\":2,\"s\":\"a\",\"t\":1}]}",
		LINES "{\"op\":\"replace\",\"path\":\"\",\"value\":{\"lines\":"
		      "[{\"qty\":2,\"s\":\"a\"},{\"qty\":2,\"s\":\"b\"}]}}]}]",
		0),
	    "null");
	CHECK_FAILURE("record 2 (map) wrote /lines");
	/* replaced, each in its place */
	CHECK_JSON(
	    retracted(a,
		"{\"lines\":[{\"qty\":2,\"s\":\"a\",\"t\":1},"
		"{\"qty\":2,\"s\":\"b\",\"t\":1}]}",
		LINES "{\"op\":\"replace\",\"path\":\"\",\"value\":{\"lines\":"
		      "[{\"qty\":2,\"s\":\"a\"},{\"qty\":2,\"s\":\"b\"}]}}]}]",
		0),
	    "{\"lines\":[{\"qty\":2,\"s\":\"a\",\"t\":1},"
	    "{\"qty\":\"2\",\"s\":\"b\",\"t\":1}]}");
	/* replaced, and nothing changed by it */
	CHECK_JSON(
	    retracted(a, EVENT,
		LINES "{\"op\":\"replace\",\"path\":\"/lines\",\"value\":"
		      "[{\"qty\":1},{\"qty\":2}]}]}]",
		0),
	    "{\"lines\":[{\"qty\":1},{\"qty\":\"2\"}]}");
}

static void
what_isnt_known_is_told(struct arena *a)
{
	CHECK_JSON(retracted(a, "{\"a\":1}",
		       "[{\"op\":\"up\",\"undo\":[]},"
		       "{\"op\":\"map\",\"rule\":\".\",\"truncated\":true}]",
		       0),
	    "null");
	CHECK_FAILURE(
	    "record 2 (map): its undo was too long and was truncated");
	CHECK_JSON(retracted(a, "{\"a\":1}",
		       "[{\"op\":\"up\",\"undo\":[{\"op\":\"remove\","
		       "\"path\":\"/b\"}]}]",
		       0),
	    "null");
	CHECK_FAILURE("its undo doesn't apply: path \"/b\" is not there");
}

/* Records one after the other; a middle one may have been done by hand. */
static void
several_are_taken_back(struct arena *a)
{
	struct value v = unit_json(a, "{\"c\":1,\"x\":0}"), by_hand;
	struct rewind_error error;
	struct retract r;
	size_t n;
	struct view *view = view_history(a,
	    unit_json(a,
		"[{\"op\":\"up\",\"undo\":[{\"op\":\"move\",\"from\":\"/b\","
		"\"path\":\"/a\"}]},"
		"{\"op\":\"up\",\"undo\":[{\"op\":\"move\",\"from\":\"/c\","
		"\"path\":\"/b\"}]},"
		"{\"op\":\"map\",\"undo\":[{\"op\":\"remove\",\"path\":\"/x\"}]"
		"}]"),
	    &n);

	retract_init(&r, a, v, view, n);
	CHECK(retract_record(&r, 1, &v, &error));
	CHECK_JSON(v, "{\"x\":0,\"b\":1}");
	by_hand = unit_json(a, "{\"b\":5}");
	CHECK(retract_record(&r, 0, &by_hand, &error));
	CHECK_JSON(by_hand, "{\"a\":5}");
}

static const struct unit_test tests[] = {
    {"what later stages wrote elsewhere stays", what_is_elsewhere_stays},
    {"a move carries what is there now", a_move_carries_what_is_there_now},
    {"a copy brings back what was there", a_copy_brings_what_was_there},
    {"what was written since isn't overwritten", what_was_written_since_stays},
    {"elements are known by numbers that still count",
	elements_keep_their_numbers},
    {"what isn't known any more is told", what_isnt_known_is_told},
    {"several records are taken back one by one", several_are_taken_back},
};

int
main(void)
{
	return unit_run(tests, LENGTH(tests));
}
