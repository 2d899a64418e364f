/*
 * forget_property - random events through random programs, and then a value
 * is forgotten: is it gone from the line, and is each state otherwise what it
 * was?
 *
 *     forget_property SEED COUNT
 *
 * Every scalar of an event is told apart from all others.  What stood at the
 * path in any state is what must be gone.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/pointer.h"
#include "history/rewind.h"
#include "history/verify.h"
#include "lang/program.h"
#include "trust/forget.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum { STAGES = 3, SCALARS = 400 };

static const char *const PROGRAMS[] = {".", ".b = .a", "del(.a)",
    ".a |= {x: .}", "{a: .b, b: .a, c}", ".c = [.a, .b]", "del(.c[0]?)",
    ".b = .a | .a = \"n\"", ". + {d: .c}", "del(.a.x?)",
    ".e = (.a | tostring) + \"-suffix\"", "with_entries(.key |= \"k\" + .)",
    ".d = .a | del(.a)", ".a = .d | del(.d)", "{in: .}", ".in // .",
    ".c |= (if type == \"array\" then reverse else . end)", ".a = [.]",
    ".b = {y: .b, z: .a}", "to_entries | {list: .}", ".a = 1 | .b = null",
    ".c = .b.y? | .b = .c", "del(.b) | .d = .a", ".a as $x | .a = .b | .b = $x",
    ".c = (.c | if type == \"array\" then [.[1:][]] else . end)",
    ".seen[(.a | tostring)] = true", "del(.seen)", "del(.e)", "{c, d}",
    "map_values(.)", ".b.x = .a | del(.a)"};
static const char *const PATHS[] = {".a", ".b", ".c", ".d", ".a.x", ".c[]",
    ".c[0]", ".[]", ".b.y", ".in.a", ".in", ".list[].value", ".ka", ".c[1]",
    ".e", ".b.x"};

struct test {
	uint64_t random;
	struct arena arena;
	jmp_buf overflow;
	struct lineage lineage, forgetting;
	struct buf text[STAGES + 2]; /* the line behind so many stages */
	size_t scalars;
	const char *path;
	const char *programs[STAGES];
};

/* splitmix64 */
static size_t
below(struct test *t, size_t n)
{
	uint64_t z = t->random += 0x9E3779B97F4A7C15;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
	z = (z ^ z >> 27) * 0x94D049BB133111EB;
	return (size_t)((z ^ z >> 31) % n);
}

static void
put_value(struct test *t, struct buf *b, size_t depth)
{
	static const char *const KEYS[] = {"a", "x", "y", "b"};
	size_t n, kind = below(t, 8);

	if (kind == 0 && depth < 3) {
		n = below(t, 4);
		buf_putc(b, '{');
		for (size_t i = 0; i < n; i++) {
			buf_printf(b, "%s\"%s\": ", i > 0 ? "," : "", KEYS[i]);
			put_value(t, b, depth + 1);
		}
		buf_putc(b, '}');
	} else if (kind == 1 && depth < 3) {
		n = below(t, 4);
		buf_putc(b, '[');
		for (size_t i = 0; i < n; i++) {
			buf_puts(b, i > 0 ? ", " : "");
			put_value(t, b, depth + 1);
		}
		buf_putc(b, ']');
	} else if (kind == 2) {
		buf_printf(b, "%zu.50", 1000 + t->scalars++);
	} else if (kind == 3) {
		buf_printf(b, "\"can\\u0061ry-%zu-\"", 1000 + t->scalars++);
	} else {
		buf_printf(b, "\"canary-%zu-\"", 1000 + t->scalars++);
	}
}

static void
put_event(struct test *t, struct buf *b)
{
	static const char *const KEYS[] = {"a", "b", "c", "d", "e"};
	bool first = true;

	buf_putc(b, '{');
	for (size_t i = 0; i < 5; i++) {
		if (below(t, 5) == 0)
			continue;
		buf_printf(b, "%s\"%s\":", first ? "" : ",", KEYS[i]);
		first = false;
		put_value(t, b, 0);
	}
	buf_puts(b, "}\n");
}

/* An event that is read from a line. */
static struct value
read_event(struct test *t, const struct buf *b, struct value *history,
    struct line *line)
{
	struct scan_error error;
	struct value v;

	if (!value_parse(&t->arena, b->p, b->len - 1, &v, &error) ||
	    lineage_find(&t->lineage, &t->arena, (struct doc *)(uintptr_t)v.doc,
		v.n, history) != NULL) {
		printf("not ok: not an event: %.*s", (int)b->len, b->p);
		exit(1);
	}
	*line =
	    (struct line){.text = v.doc->text, .len = b->len - 1, .root = v.n};
	return v;
}

static const char *const AT = "2026-11-22T14:39:44.123456Z";

/* One stage: false where its program gives no event. */
static bool
run(struct test *t, const char *text, const struct buf *in, struct buf *out)
{
	struct program_source source = {.text = text, .len = strlen(text)};
	struct program_context context = {.lineage = VALUE_OF(VALUE_NULL)};
	struct program_error error;
	struct program *p = program_new(&source, &error);
	struct machine *m = p == NULL ? NULL : machine_new(p);
	struct record record = {.id = NULL};
	struct value root, history, v;
	struct line line;
	unsigned n = 0;
	bool good;

	if (m == NULL) {
		printf("not ok: %s: %s\n", text, error.text);
		exit(1);
	}
	buf_clear(out);
	root = read_event(t, in, &history, &line);
	context.lineage = history;
	good = machine_only(m, &t->arena, root, &context, &v, &n) ==
		PROGRAM_DONE &&
	    n == 1 && value_is_object(v);
	if (good)
		lineage_write(out, &t->arena, &t->lineage, &line, root, v,
		    history, &record, AT);
	machine_free(m);
	program_free(p);
	return good;
}

/* What must be gone: by the number that is in it. */
struct gone {
	bool v[SCALARS];
	bool whole[SCALARS]; /* it is nothing but that */
	bool container;      /* one is gone in some state */
	bool container_now;  /* in the one that is looked at */
};

/* The number in a scalar; SCALARS where it is none of ours. */
static size_t
number_of(struct test *t, struct value v)
{
	const char *p = NULL, *end;
	size_t n = 0;

	if (value_is_string(v)) {
		v = string_decoded(&t->arena, v);
		p = memmem(v.text, v.n, "canary-", 7);
		p = p == NULL ? NULL : p + 7;
	} else if (v.kind == VALUE_NUMBER) {
		p = v.text;
	}
	if (p == NULL)
		return SCALARS;
	for (end = v.text + v.n; p < end && *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (size_t)(*p - '0');
	return n < 1000 || n >= 1000 + SCALARS ? SCALARS : n - 1000;
}

/* All that a text tells of. */
static void
note_text(struct test *t, struct value text, struct gone *g)
{
	size_t n;

	text = string_decoded(&t->arena, text);
	for (; text.n > 0; text.text++, text.n--)
		if (text.n > 7 && memcmp(text.text, "canary-", 7) == 0 &&
		    (n = number_of(t, text)) < SCALARS)
			g->v[n] = true;
}

static void
note_gone(struct test *t, struct value v, struct gone *g)
{
	struct member *m;
	uint32_t i = 0;
	size_t n;

	if (value_is_array(v)) {
		v = array_open(&t->arena, v);
		for (n = 0; n < array_length(v); n++)
			note_gone(t, array_at(v, n), g);
	} else if (value_is_object(v)) {
		v = object_open(&t->arena, v);
		while ((m = object_next(&t->arena, v, &i)) != NULL)
			note_gone(t, value_take(&m->value), g);
	} else {
		n = number_of(t, v);
		if (value_is_string(v))
			note_text(t, v, g);
		if (n < SCALARS) {
			g->v[n] = true;
			g->whole[n] |=
			    value_is_string(v) && v.text[v.n - 1] == '-';
		}
	}
}

/* What stands at the path in a state. */
static void
note_path(struct test *t, struct value v, const struct pointer *p, size_t i,
    struct gone *g)
{
	struct value x;
	struct member *m;
	uint32_t at = 0;

	if (i == p->n) {
		note_gone(t, v, g);
	} else if (!pointer_every(&p->steps[i])) {
		if (pointer_child(&t->arena, v, &p->steps[i], &x))
			note_path(t, x, p, i + 1, g);
	} else if (value_is_array(v)) {
		v = array_open(&t->arena, v);
		for (size_t k = 0; k < array_length(v); k++)
			note_path(t, array_at(v, k), p, i + 1, g);
	} else if (value_is_object(v)) {
		v = object_open(&t->arena, v);
		while ((m = object_next(&t->arena, v, &at)) != NULL)
			note_path(t, value_take(&m->value), p, i + 1, g);
	}
}

/* Is nothing in a value but what must be gone? */
static bool
all_gone(struct test *t, struct value v, const struct gone *g)
{
	struct gone in = {.v = {false}};

	note_gone(t, v, &in);
	for (size_t i = 0; i < SCALARS; i++)
		if (in.v[i] && g->v[i])
			return true;
	for (size_t i = 0; i < SCALARS; i++)
		if (in.v[i])
			return false;
	return true; /* an empty container, a null */
}

/*
 * May a value be null?  With a container goes what it holds in any state, so
 * that there may be more in one than was at the path.
 */
static bool
is_gone_here(struct test *t, struct value was, struct gone *g)
{
	bool container = was.kind >= VALUE_RAW_ARRAY;

	if (all_gone(t, was, g)) {
		g->container_now |= container;
		return true;
	}
	if (!container || !g->container)
		return false;
	note_gone(t, was, g);
	return true;
}

/* Is a state what it was, but for nulls in the place of what is gone? */
static bool
is_otherwise(struct test *t, struct value was, struct value now, struct gone *g)
{
	struct arena *a = &t->arena;
	struct member *m, *o;
	uint32_t i = 0, k = 0;

	if (now.kind == VALUE_NULL)
		return was.kind == VALUE_NULL || is_gone_here(t, was, g);
	if (value_is_array(was) && value_is_array(now)) {
		was = array_open(a, was);
		now = array_open(a, now);
		if (array_length(was) != array_length(now))
			return false;
		for (size_t n = 0; n < array_length(was); n++)
			if (!is_otherwise(
				t, array_at(was, n), array_at(now, n), g))
				return false;
		return true;
	}
	if (!value_is_object(was) || !value_is_object(now))
		return value_written_same(was, now);
	was = object_open(a, was);
	now = object_open(a, now);
	while ((m = object_next(a, was, &i)) != NULL) {
		struct value key;

		o = object_next(a, now, &k);
		if (o == NULL)
			return false;
		key = string_decoded(a, o->key);
		if (!string_equal(a, m->key, o->key) &&
		    memmem(key.text, key.n, "(forgotten ", 11) == NULL)
			return false;
		if (!is_otherwise(
			t, value_take(&m->value), value_take(&o->value), g))
			return false;
	}
	return object_next(a, now, &k) == NULL;
}

static bool
fail(struct test *t, const char *what, const struct buf *was,
    const struct buf *now)
{
	printf("not ok: %s\n  forget %s after", what, t->path);
	for (size_t i = 0; i < STAGES; i++)
		printf(" '%s'", t->programs[i] == NULL ? "-" : t->programs[i]);
	printf("\n  was %.*s  now %.*s", (int)was->len, was->p, (int)now->len,
	    now->p);
	return false;
}

/* The keys that an event has tell of a value themselves. */
static void
note_keys(struct test *t, struct value v, struct gone *g)
{
	struct member *m;
	uint32_t i = 0;
	size_t n;

	if (value_is_array(v)) {
		v = array_open(&t->arena, v);
		for (n = 0; n < array_length(v); n++)
			note_keys(t, array_at(v, n), g);
	} else if (value_is_object(v)) {
		v = object_open(&t->arena, v);
		while ((m = object_next(&t->arena, v, &i)) != NULL) {
			note_text(t, m->key, g);
			note_keys(t, value_take(&m->value), g);
		}
	}
}

/* No string that must be gone is in the history. */
static bool
is_gone(struct test *t, struct value event, struct value history,
    const struct gone *g)
{
	struct gone keys = {.v = {false}};

	struct buf b = {0};
	bool good = true;

	note_keys(t, event, &keys);
	value_write(&b, history);
	for (size_t i = 0; i < SCALARS && good; i++) {
		char text[2][40];

		snprintf(text[0], sizeof(text[0]), "canary-%zu-", i + 1000);
		snprintf(
		    text[1], sizeof(text[1]), "can\\u0061ry-%zu-", i + 1000);
		for (size_t k = 0; k < 2; k++)
			good &= !g->whole[i] || keys.v[i] ||
			    memmem(b.p, b.len, text[k], strlen(text[k])) ==
				NULL;
	}
	buf_release(&b);
	return good;
}

/* Are the states of the line that was written anew those of the old one? */
static bool
check_states(struct test *t, const struct buf *old, const struct buf *new)
{
	struct gone g = {.v = {false}};
	struct value was[STAGES + 1], event, history, now, live;
	struct verify how = {.routes = 0};
	struct rewind_error error;
	struct finding found;
	struct pointer p;
	struct line line;
	struct view *v;
	bool whole = false;
	size_t n;

	if (!pointer_parse_pattern(&t->arena, &p, t->path))
		return fail(t, "no path", old, new);
	event = read_event(t, old, &history, &line);
	v = view_history(&t->arena, history, &n);
	for (size_t k = 0; k <= n; k++) {
		was[k] = event;
		if (!rewind_records(&t->arena, v, k, n, &was[k], &error))
			return fail(t, error.text, old, new);
		note_path(t, was[k], &p, 0, &g);
	}
	event = live = read_event(t, new, &history, &line);
	v = view_history(&t->arena, history, &n);
	verify_event(&how, &t->arena, event, history, &found);
	if (found.fault != VERIFY_SOUND || found.unknown > 0)
		return fail(t, found.error.text, old, new);
	if (!is_gone(t, event, history, &g))
		return fail(t, "not gone", old, new);
	/* A whole event may go with what it became a part of. */
	for (size_t k = n; k-- > 0;) {
		now = event;
		if (!rewind_records(&t->arena, v, k, n, &now, &error))
			return fail(t, error.text, old, new);
		whole |= object_length(&t->arena, now) == 0 &&
		    object_length(&t->arena, was[k]) > 0;
		if (whole)
			note_gone(t, was[k], &g);
		(void)is_otherwise(t, was[k], now, &g);
		g.container |= g.container_now;
	}
	for (size_t k = n; k-- > 0;) {
		struct gone left = {.v = {false}};

		now = event;
		if (!rewind_records(&t->arena, v, k, n, &now, &error))
			return fail(t, error.text, old, new);
		if ((object_length(&t->arena, now) > 0 ||
			!all_gone(t, was[k], &g)) &&
		    !is_otherwise(t, was[k], now, &g))
			return fail(t, "another state", old, new);
		note_path(t, now, &p, 0, &left);
		for (size_t i = 0; i < SCALARS; i++)
			if (left.v[i])
				return fail(t, "still there", old, new);
	}
	memset(&g, 0, sizeof(g));
	note_path(t, live, &p, 0, &g);
	for (size_t i = 0; i < SCALARS; i++)
		if (g.v[i])
			return fail(t, "not taken out", old, new);
	return true;
}

/* Forget it, and see. */
static bool
check(struct test *t, const struct buf *line)
{
	struct forget *f = forget_new();
	struct buf new = {0};
	struct forget_event e = {
	    .a = &t->arena, .lineage = &t->forgetting, .at = AT};
	struct line l;
	bool good =
	    f != NULL && forget_path(f, t->path, false, "_lineage") == NULL;

	e.root = read_event(t, line, &e.history, &l);
	switch (forget_event(f, &e, &new)) {
	case FORGET_DONE:
		good = good && check_states(t, line, &new);
		break;
	case FORGET_NOTHING:
		break;
	case FORGET_FAILED:
		good = fail(t, e.error, line, line);
	}
	buf_release(&new);
	forget_free(f);
	return good;
}

static bool
try(struct test *t)
{
	size_t n = 0;

	arena_reset(&t->arena);
	t->scalars = 0;
	t->path = PATHS[below(t, sizeof(PATHS) / sizeof(*PATHS))];
	memset(t->programs, 0, sizeof(t->programs));
	buf_clear(&t->text[0]);
	put_event(t, &t->text[0]);
	for (size_t i = 0; i < STAGES; i++) {
		const char *p =
		    PROGRAMS[below(t, sizeof(PROGRAMS) / sizeof(*PROGRAMS))];

		if (!run(t, p, &t->text[n], &t->text[n + 1]))
			continue;
		t->programs[n++] = p;
	}
	return check(t, &t->text[n]);
}

int
main(int argc, char **argv)
{
	static struct test t;
	size_t count = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;

	t.random = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	arena_init(&t.arena, (size_t)1 << 30);
	t.arena.overflow = &t.overflow;
	if (setjmp(t.overflow) != 0 ||
	    lineage_init(&t.lineage, LINEAGE_FULL, NULL, "map", NULL, ".", 1) ==
		-1 ||
	    lineage_init(&t.forgetting, LINEAGE_FULL, NULL, "forget", NULL, ".",
		1) == -1) {
		printf("not ok: memory\n");
		return 1;
	}
	for (size_t i = 0; i < count; i++)
		if (!try(&t)) {
			printf("  case %zu\n", i);
			return 1;
		}
	printf("ok\n");
	for (size_t i = 0; i < STAGES + 2; i++)
		buf_release(&t.text[i]);
	lineage_release(&t.lineage);
	lineage_release(&t.forgetting);
	arena_release(&t.arena);
	return 0;
}
