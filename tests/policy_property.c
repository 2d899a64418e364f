/*
 * policy_property - random programs, random paths, random events: what a
 * policy lets pass before the first event changes no protected path, and what
 * it refuses does so for some event.
 *
 *     policy_property SEED PROGRAMS [v]
 *
 * Says which program and event failed; v names refused programs for which no
 * event was found.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "lang/explain/touch.h"
#include "lang/program.h"
#include "trust/breach.h"
#include "value/array.h"
#include "value/object.h"

enum {
	EVENTS = 8,      /* for a program that may run */
	WITNESSES = 300, /* for one that is refused, until one is found */
	RULES = 4,       /* paths for each program */
};

struct test {
	uint64_t random;
	struct arena arena, explained;
	jmp_buf overflow, overflow_explained;
	struct buf program;
	struct machine *machine;
	bool verbose;
	uint64_t never, perhaps, writes, unseen, outputs;
};

/* splitmix64 */
static uint64_t
next(struct test *t)
{
	uint64_t z = t->random += 0x9E3779B97F4A7C15;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
	z = (z ^ z >> 27) * 0x94D049BB133111EB;
	return z ^ z >> 31;
}

static size_t
below(struct test *t, size_t n)
{
	return (size_t)(next(t) % n);
}

static const char *
pick(struct test *t, const char *const *from, size_t n)
{
	return from[below(t, n)];
}

#define PICK(t, from) pick(t, from, sizeof(from) / sizeof(*(from)))

/* --- programs --- */

static const char *const STARTS[] = {
    ".a", ".b", ".c", ".a", ".b", ".c", ".[\"a\"]", ".[.k // \"b\"]"};
static const char *const STEPS[] = {
    ".a", ".b", ".c", ".[0]", ".[1]", ".[]", ".[-1]", ".[0:1]"};
static const char *const KEYS[] = {"a", "b", "c"};
static const char *const CONSTANTS[] = {
    "1", "null", "\"s\"", "[]", "{}", "[7,8]", "{\"a\":9}", "true"};

static void put_change(struct test *t, size_t deep);

static void
put(struct test *t, const char *text)
{
	buf_puts(&t->program, text);
}

/* .a.b?[0] and so on, which doesn't fail where nothing is there. */
static void
put_path(struct test *t)
{
	size_t n = below(t, 3);

	put(t, "(");
	put(t, PICK(t, STARTS));
	for (size_t i = 0; i < n; i++) {
		put(t, " | ");
		put(t, PICK(t, STEPS));
		put(t, "?");
	}
	put(t, ")");
}

static void
put_value(struct test *t, size_t deep)
{
	switch (below(t, deep == 0 ? 3 : 9)) {
	case 0:
		put(t, PICK(t, CONSTANTS));
		return;
	case 1:
	case 2:
		put_path(t);
		return;
	case 3:
		put(t, "[");
		put_value(t, deep - 1);
		put(t, "]");
		return;
	case 4:
		put(t, "{");
		put(t, PICK(t, KEYS));
		put(t, ": ");
		put_value(t, deep - 1);
		put(t, "}");
		return;
	case 5:
		put(t, "(");
		put_value(t, deep - 1);
		put(t, " | tojson)");
		return;
	case 6:
		put(t, "(if ");
		put_path(t);
		put(t, " then ");
		put_value(t, deep - 1);
		put(t, " else ");
		put_value(t, deep - 1);
		put(t, " end)");
		return;
	case 7:
		put(t, "(");
		put_value(t, deep - 1);
		put(t, " // ");
		put_value(t, deep - 1);
		put(t, ")");
		return;
	default:
		put(t, ".");
		return;
	}
}

/* before PATH between VALUE after */
static void
put_assign(struct test *t, size_t deep)
{
	static const char *const OPERATORS[] = {
	    " = ", " |= ", " += ", " //= ", " = "};

	put_path(t);
	put(t, PICK(t, OPERATORS));
	put_value(t, deep);
}

static void
put_object(struct test *t, size_t deep)
{
	size_t n = below(t, 4);

	put(t, "{");
	for (size_t i = 0; i < n; i++) {
		put(t, i > 0 ? ", " : "");
		put(t, KEYS[i]);
		if (below(t, 2) == 0)
			continue;
		put(t, ": ");
		put_value(t, deep);
	}
	put(t, "}");
}

static const char *const WHOLES[] = {"map_values(.)",
    "with_entries(select(.key != \"b\"))", "to_entries | from_entries",
    "walk(if type == \"number\" then . + 1 else . end)",
    ".. |= (numbers |= . + 1)", "del(.[]?)", "del(..)", "empty",
    "reduce (.b[]?, .c) as $x (.; .a = $x)", "delpaths([[\"a\"], [\"b\", 0]])",
    "setpath([\"a\", \"b\"]; 3)", "setpath([.k // \"c\"]; 3)",
    "to_entries[] | {(.key): .value}", "(.a, .b) |= tojson",
    ". as {a: $x} | .b = $x", ". as [$x] ?// {b: $x} | .c = $x",
    "first(.a |= 1, .)", "limit(1; (.c = 2), .)", "label $f | (., break $f)",
    "try error catch .", "[paths] as $p | setpath($p[0] // [\"a\"]; 1)",
    "getpath([\"a\"]) as $v | {a: $v, b, c}", "until(.n; .n = true | .a = 1)",
    "[limit(3; repeat(.a |= tojson))] | last", "del(.a, .b | select(. == 1))",
    "pick(.a, .b)", ".a |= empty", ".b[1:]? |= []", "(.a | arrays) |= reverse",
    ".a |= (arrays |= map(.))", ". + {a}", ". * {a: {b: 1}}",
    "def f: .a; f = 1", "def f(g): g |= 2; f(.b)", ".[\"a\", \"b\"] = 1",
    "@base64 \"\\(.)\" as $x | .c = $x", "input_line_number as $n | .a = $n",
    "ascii(65) as $k | .c = $k", "$ENV as $e | .",
    ".a as $x | .b as $a | .a = $a | .b = $x", "splits(\"x\")? // .",
    "[.[]?] as [$x] | .c = $x", "tostream as $x | .", "fromstream(tostream)",
    "del(.[\"c\"])", "with_entries(.value |= .)",
    "if .a then {a, b, c} else . end", "{a, b, c} + .", "(.a, .c) += 1",
    "[splits(\"a\")?] as $l | .", "group_by(.a)? // .",
    "@json \"\\(.a)\" as "
    "$j | .a = ($j | fromjson)",
    "(.. | .a?) |= 5",
    "paths(type == "
    "\"number\") as $p | setpath($p; 0)",
    "reduce paths as $p (.; "
    "setpath($p; getpath($p)))",
    "del(paths)", "transpose? // .", "(.a | objects | .b) = 1",
    ".a[.b[0]? | numbers] = 1"};

static void
put_nested(struct test *t, size_t deep)
{
	static const char *const AROUND[][3] = {
	    {"if ", " then ", " else . end"},
	    {"(select(", ") | ", ")"},
	    {"try (if ", " then . else ", " end) catch ."},
	    {"reduce (", ") as $x (.; ", ")"},
	    {"(", ") as $v | ", ""},
	};
	size_t i = below(t, 5);

	put(t, AROUND[i][0]);
	put_path(t);
	put(t, AROUND[i][1]);
	put_change(t, deep);
	put(t, AROUND[i][2]);
}

static void
put_change(struct test *t, size_t deep)
{
	switch (below(t, deep == 0 ? 4 : 8)) {
	case 0:
	case 1:
		put_assign(t, deep == 0 ? 0 : deep - 1);
		return;
	case 2:
		put(t, "del(");
		put_path(t);
		put(t, ")");
		return;
	case 3:
		put(t, "(");
		put(t, PICK(t, WHOLES));
		put(t, ")");
		return;
	case 4:
		put_object(t, deep - 1);
		return;
	case 5:
	case 6:
		put(t, "(");
		put_change(t, deep - 1);
		put(t, below(t, 4) == 0 ? ", " : " | ");
		put_change(t, deep - 1);
		put(t, ")");
		return;
	default:
		put_nested(t, deep - 1);
		return;
	}
}

/* --- events --- */

static void
put_json(struct test *t, struct buf *b, size_t deep)
{
	static const char *const SCALARS[] = {
	    "null", "true", "0", "1.10", "1", "\"s\"", "\"a\"", "5"};
	size_t n = below(t, 4);

	if (deep == 0 || below(t, 5) == 0) {
		buf_puts(b, PICK(t, SCALARS));
	} else if (below(t, 2) == 0) {
		buf_puts(b, "[");
		for (size_t i = 0; i < n; i++) {
			buf_puts(b, i > 0 ? "," : "");
			put_json(t, b, deep - 1);
		}
		buf_puts(b, "]");
	} else {
		buf_puts(b, "{");
		for (size_t i = 0; i < n; i++) {
			buf_printf(b, "%s\"%s\":", i > 0 ? "," : "",
			    KEYS[(i + n) % 3]);
			put_json(t, b, deep - 1);
		}
		buf_puts(b, "}");
	}
}

static struct value
make_event(struct test *t)
{
	struct buf b = {0};
	struct scan_error error;
	struct value v = VALUE_OF(VALUE_NULL);

	buf_putc(&b, '{');
	for (size_t i = 0; i < 3; i++) {
		if (below(t, 6) == 0)
			continue;
		buf_printf(&b, "%s\"%s\":", b.len > 1 ? ", " : "", KEYS[i]);
		put_json(t, &b, 3);
	}
	if (below(t, 2) == 0)
		buf_printf(
		    &b, "%s\"k\":\"%s\"", b.len > 1 ? ", " : "", PICK(t, KEYS));
	buf_putc(&b, '}');
	if (b.failed || !value_parse(&t->arena, b.p, b.len, &v, &error))
		abort();
	buf_release(&b);
	return v;
}

/* --- a program and a rule --- */

/* A path, or that what is outside of it changes. */
struct rule {
	struct pathspec path;
	bool outside;
};

struct outcome {
	struct test *t;
	const struct rule *rule;
	struct value event;
	const char *place;
};

static bool
look(void *arg, struct value v)
{
	struct outcome *o = arg;
	const struct pathset paths = {&o->rule->path.path, NULL, 1};

	if (!value_is_object(v))
		return true; /* it is no event */
	o->t->outputs++;
	o->place = o->rule->outside
	    ? breach_outside(&o->t->arena, &paths, &o->event, &v)
	    : breach_of_path(&o->t->arena, &o->rule->path.path, &o->event, &v);
	return o->place == NULL;
}

static int64_t
line(void *arg)
{
	(void)arg;
	return 17;
}

/* The place that changed when the program ran on an event, or NULL. */
static const char *
run(struct test *t, const struct rule *rule, struct value *event)
{
	struct program_context context = {
	    .source = value_cstring("-"), .line = line};
	struct outcome o = {t, rule, VALUE_OF(VALUE_NULL), NULL};

	if (setjmp(t->overflow) != 0) {
		arena_reset(&t->arena);
		return NULL;
	}
	arena_reset(&t->arena);
	context.lineage = value_share(array_new(&t->arena, 0));
	o.event = make_event(t);
	*event = o.event;
	(void)machine_run(t->machine, &t->arena, o.event, &context, look, &o);
	return o.place;
}

static void
tell(struct test *t, const struct rule *rule, const char *what,
    const struct value *event, const char *place)
{
	struct buf b = {0};

	if (event != NULL)
		value_write(&b, *event);
	printf("%s: %s %s: %.*s%s%.*s%s%s\n", what,
	    rule->outside ? "outside" : "at", rule->path.text,
	    (int)t->program.len, t->program.p, event != NULL ? " of " : "",
	    (int)b.len, b.p == NULL ? "" : b.p, place != NULL ? " writes " : "",
	    place != NULL ? place : "");
	buf_release(&b);
}

static bool
check_rule(
    struct test *t, const struct explain_report *e, const struct rule *rule)
{
	struct touched found;
	struct value event;
	const char *place = NULL;
	uint64_t before;

	if (rule->outside)
		touch_outside(
		    &t->explained, e, &rule->path.path, 1, false, &found);
	else
		touch_find(&t->explained, e, &rule->path.path, &found);
	switch (found.touch) {
	case TOUCH_PERHAPS:
		t->perhaps++;
		return true;
	case TOUCH_NEVER:
		t->never++;
		for (size_t i = 0; i < EVENTS; i++) {
			place = run(t, rule, &event);
			if (place == NULL)
				continue;
			tell(t, rule, "passed, but", &event, place);
			return false;
		}
		return true;
	case TOUCH_WRITES:
		break;
	}
	t->writes++;
	before = t->outputs;
	for (size_t i = 0; i < WITNESSES && place == NULL; i++)
		place = run(t, rule, &event);
	/* One that never gives an event has nothing to show. */
	if (t->outputs == before) {
		t->writes--;
		return true;
	}
	t->unseen += place == NULL;
	if (place == NULL && t->verbose)
		tell(t, rule, "refused, unseen", NULL, NULL);
	return true;
}

static bool
check_program(struct test *t, const struct program *p)
{
	static const char *const PATHS[] = {".a", ".b", ".c", ".a.b", ".a[0]",
	    ".b[]", ".a[].b", ".c[1].a", ".k", ".b.c[]", "."};
	struct explain_report e;
	bool well = true;

	if (setjmp(t->overflow_explained) != 0)
		return true;
	arena_reset(&t->explained);
	explain_program(&t->explained, p, true, &e);
	for (size_t i = 0; i < RULES && well; i++) {
		struct rule r = {.outside = below(t, 3) == 0};

		if (pathspec_parse(&t->explained, &r.path, PICK(t, PATHS)) !=
		    NULL)
			abort();
		well = check_rule(t, &e, &r);
	}
	return well;
}

static bool
check_random(struct test *t)
{
	struct program_source source = {0};
	struct program_error error;
	struct program *p;
	bool well;

	buf_clear(&t->program);
	put_change(t, 1 + below(t, 3));
	source.text = t->program.p;
	source.len = t->program.len;
	p = program_new(&source, &error);
	if (p == NULL)
		return true; /* the grammar here is simple */
	t->machine = machine_new(p);
	if (t->machine == NULL)
		abort();
	well = check_program(t, p);
	machine_free(t->machine);
	program_free(p);
	return well;
}

int
main(int argc, char **argv)
{
	static struct test t;
	uint64_t n;
	bool well = true;

	if (argc < 3)
		return 2;
	t.random = strtoull(argv[1], NULL, 10);
	n = strtoull(argv[2], NULL, 10);
	t.verbose = argc > 3;
	arena_init(&t.arena, (size_t)64 << 20);
	arena_init(&t.explained, (size_t)256 << 20);
	t.arena.overflow = &t.overflow;
	t.explained.overflow = &t.overflow_explained;
	for (uint64_t i = 0; i < n; i++)
		well = check_random(&t) && well;
	printf("%" PRIu64 " pass, %" PRIu64 " are watched, %" PRIu64
	       " are refused, %" PRIu64 " of them unseen; %" PRIu64
	       " outputs\n",
	    t.never, t.perhaps, t.writes, t.unseen, t.outputs);
	arena_release(&t.arena);
	arena_release(&t.explained);
	buf_release(&t.program);
	return well ? 0 : 1;
}
